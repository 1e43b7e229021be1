"""What runs elsewhere is what is committed, inside a script that carries it."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.committed_source import CommittedSource, pack_commit, unpack
from scoretable.errors import InputError
from scoretable.kernel_code import write_kernel_code

MODULE = """
import json

def work(order, inputs, output):
    (output / "order.json").write_text(json.dumps([order, str(inputs)]))
"""


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    (folder / "workflow/scoretable").mkdir(parents=True)
    (folder / "workflow/scoretable/__init__.py").write_text("")
    (folder / "workflow/scoretable/worker.py").write_text(MODULE)
    (folder / "lock").write_text("packages")
    (folder / "params.yaml").write_text("seed: 0")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a")
    return folder


def test_the_committed_files_arrive_and_no_others(clone: Path, tmp_path: Path) -> None:
    (clone / "kaggle.json").write_text("secret")
    unpack(pack_commit(clone, ("lock",)).tar, tmp_path / "there")
    found = {str(path.relative_to(tmp_path / "there")) for path in (tmp_path / "there").rglob("*") if path.is_file()}
    assert found == {"lock", "workflow/scoretable/__init__.py", "workflow/scoretable/worker.py"}
    assert (tmp_path / "there/workflow/scoretable/worker.py").read_text() == MODULE


@pytest.mark.parametrize("name", ["workflow/scoretable/worker.py", "workflow/scoretable/new.py", "lock"])
def test_what_is_not_committed_is_refused_by_its_name(clone: Path, name: str) -> None:
    (clone / name).write_text("changed")
    with pytest.raises(InputError, match=rf"^{name} is not committed"):
        pack_commit(clone, ("lock",))


def test_changed_params_are_no_obstacle(clone: Path) -> None:
    (clone / "params.yaml").write_text("seed: 1")
    assert len(pack_commit(clone).commit) == 40


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"git cannot tell what is committed"):
        pack_commit(tmp_path)


def test_the_script_unpacks_the_package_and_calls_the_function(clone: Path, tmp_path: Path) -> None:
    code = write_kernel_code(pack_commit(clone), "worker", "work", {"seed": 1}, "a test")
    (tmp_path / "working").mkdir()
    script = tmp_path / "script.py"
    script.write_text(code.replace('"/kaggle/', f'"{tmp_path}/'))
    subprocess.run([sys.executable, str(script)], check=True, env={"TMPDIR": str(tmp_path)})
    assert (tmp_path / "working/order.json").read_text() == f'[{{"seed": 1}}, "{tmp_path}/input"]'


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.floats(allow_nan=False)))
def test_whatever_the_order_says_arrives_unchanged(order: dict[str, object]) -> None:
    code = write_kernel_code(CommittedSource("0" * 40, b"\xfd7zXZ"), "worker", "work", order, "a test")
    names: dict[str, object] = {"__name__": "kernel"}
    exec(compile(code, "kernel.py", "exec"), names)
    assert names["ORDER"] == order
