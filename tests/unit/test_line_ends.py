"""A clone has the same bytes where git is told to write the line ends of Windows."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = (
    ".gitattributes",
    "params.yaml",
    "dvc.yaml",
    "workflow/scoretable/steps/train.py",
    "docs/images/score-table.png",
)


def git(folder: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.autocrlf=true", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def test_a_clone_with_autocrlf_has_the_same_bytes(tmp_path: Path) -> None:
    project, clone = tmp_path / "project", tmp_path / "clone"
    for name in FILES:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes((ROOT / name).read_bytes())
    git(project, "init", "--quiet")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "all")
    git(tmp_path, "clone", "--quiet", str(project), str(clone))
    assert {name: (clone / name).read_bytes() for name in FILES} == {name: (ROOT / name).read_bytes() for name in FILES}
