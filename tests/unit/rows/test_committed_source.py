"""What runs elsewhere is what is committed, inside a script that carries it."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.kaggle.kernel_code import write_kernel_code
from scoretable.rows.committed_source import CommittedSource, pack_commit
from scoretable.workspace.errors import InputError

MODULE = """
import json

def work(order, inputs, output):
    (output / "order.json").write_text(json.dumps([order, str(inputs)]))
"""


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True)


def unpack(tar: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:xz") as archive:
        archive.extractall(folder, filter="data")


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


@pytest.mark.parametrize(
    "change",
    [("rm", "--quiet", "workflow/scoretable/worker.py"), ("mv", "workflow/scoretable/worker.py", "workflow/moved.py")],
    ids=["removed", "renamed"],
)
def test_a_change_that_is_staged_is_refused_by_its_name(clone: Path, change: tuple[str, ...]) -> None:
    git(clone, *change)
    with pytest.raises(InputError, match=r"^workflow/(moved|scoretable/worker).py is not committed"):
        pack_commit(clone)


@pytest.mark.parametrize(
    "name",
    [
        "workflow/two words.py",
        pytest.param("workflow/벼.py"),
    ],
)
def test_a_file_of_an_unusual_name_is_refused_by_it(clone: Path, name: str) -> None:
    (clone / name).write_text("new")
    with pytest.raises(InputError) as refusal:
        pack_commit(clone)
    assert name in str(refusal.value)


def test_a_new_file_is_refused_where_git_is_set_to_hide_new_files(clone: Path) -> None:
    git(clone, "config", "status.showUntrackedFiles", "no")
    (clone / "workflow/scoretable/new.py").write_text("new")
    with pytest.raises(InputError, match=r"^workflow/scoretable/new.py is not committed"):
        pack_commit(clone)


def test_files_that_git_ignores_are_no_obstacle_and_stay_here(clone: Path, tmp_path: Path) -> None:
    (clone / ".git/info/exclude").write_text("__pycache__/\n")
    (clone / "workflow/__pycache__").mkdir()
    (clone / "workflow/__pycache__/worker.pyc").write_text("compiled")
    unpack(pack_commit(clone).tar, tmp_path / "there")
    assert not (tmp_path / "there/workflow/__pycache__").exists()


def test_the_bytes_of_a_file_arrive_unchanged(clone: Path, tmp_path: Path) -> None:
    content = bytes(range(256)) + b"\r\n\n"
    (clone / "workflow/weights.bin").write_bytes(content)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "weights")
    unpack(pack_commit(clone).tar, tmp_path / "there")
    assert (tmp_path / "there/workflow/weights.bin").read_bytes() == content


def test_an_older_commit_that_is_checked_out_is_the_one_that_runs(clone: Path, tmp_path: Path) -> None:
    older = pack_commit(clone).commit
    (clone / "workflow/scoretable/worker.py").write_text("newer")
    git(clone, "commit", "--quiet", "--all", "--message", "newer")
    git(clone, "checkout", "--quiet", older)
    source = pack_commit(clone)
    unpack(source.tar, tmp_path / "there")
    assert source.commit == older
    assert (tmp_path / "there/workflow/scoretable/worker.py").read_text() == MODULE


def test_a_clone_without_a_commit_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    with pytest.raises(InputError, match=r"git cannot tell what is committed"):
        pack_commit(tmp_path)


def test_where_git_is_missing_it_is_asked_for(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"git, which knows what is committed, is not installed"):
        pack_commit(clone)


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
