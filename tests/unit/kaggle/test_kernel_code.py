"""The script that carries the package: what is put into it comes out of it."""

import ast
import base64
import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.kaggle.kernel_code import write_kernel_code
from scoretable.rows.committed_source import CommittedSource

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HARD = st.text(st.sampled_from("'\"\\{}\n\r\t\0%#/벼é\u2028😀"), max_size=20)


def packed(worker: str) -> CommittedSource:
    """A package of one module."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        for name, text in {"__init__.py": "", "worker.py": worker}.items():
            member = tarfile.TarInfo(f"workflow/scoretable/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return CommittedSource(COMMIT, buffer.getvalue())


def names_of(code: str) -> dict[str, Any]:
    """What the script defines where it is not run as a program."""
    names: dict[str, Any] = {"__name__": "kernel"}
    exec(compile(code, "kernel.py", "exec"), names)
    return names


def run(worker: str, folder: Path) -> subprocess.CompletedProcess[str]:
    code = write_kernel_code(packed(worker), "worker", "work", {}, "a test")
    (folder / "script.py").write_text(code.replace('"/kaggle/', f'"{folder}/'))
    (folder / "working").mkdir()
    command = [sys.executable, str(folder / "script.py")]
    return subprocess.run(command, cwd=folder, env={"TMPDIR": str(folder)}, capture_output=True, text=True, check=False)


@settings(deadline=None)
@given(st.recursive(HARD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HARD, inner, max_size=3)))
def test_quotes_braces_and_newlines_of_the_order_arrive_unchanged_at_any_depth(value: Any) -> None:
    order = {"value": value}
    code = write_kernel_code(CommittedSource(COMMIT, b"packed"), "worker", "work", order, "a test")
    assert names_of(code)["ORDER"] == order


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_whatever_bytes_the_package_has_arrive_unchanged(tar: bytes) -> None:
    code = write_kernel_code(CommittedSource(COMMIT, tar), "worker", "work", {}, "a test")
    assert base64.b85decode("".join(names_of(code)["SOURCE"].split())) == tar


def test_the_script_says_what_it_is_for_and_of_which_commit() -> None:
    code = write_kernel_code(CommittedSource(COMMIT, b"packed"), "worker", "work", {}, "the training of leaves")
    described = ast.get_docstring(ast.parse(code)) or ""
    assert "the training of leaves" in described
    assert COMMIT in described


def test_the_function_works_in_the_folder_that_has_the_package(tmp_path: Path) -> None:
    worker = """
import pathlib

def work(order, inputs, output):
    (output / "copy.py").write_text(pathlib.Path("workflow/scoretable/worker.py").read_text())
"""
    assert run(worker, tmp_path).returncode == 0
    assert (tmp_path / "working/copy.py").read_text() == worker


def test_the_script_fails_where_the_function_fails(tmp_path: Path) -> None:
    ended = run("def work(order, inputs, output):\n    raise RuntimeError('out of memory')\n", tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.endswith("RuntimeError: out of memory\n")
