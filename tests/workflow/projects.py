"""Copies of this repository in which the real snakemake and the real dvc run a small row."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent

# The smallest row that still goes through everything.
SMALL = {
    "sandbox_images": 60,
    "image_size": 32,
    "model": "SmallCNN",
    "weights": "null",
    "epochs": 2,
    "batch_size": 24,
}
# What a row that was made in the working tree leaves in files that git knows.
OF_A_ROW = ("dvc.lock", "models/score.json", "models/submission.json")


@dataclass(frozen=True)
class Project:
    """A clone of the repository."""

    folder: Path
    tools: Path = TOOLS

    def run(self, *command: str, expect: int | None = 0, **environment: str) -> str:
        """Run one of the environment's tools, and return what it printed on both streams."""
        result = subprocess.run(
            [str(self.tools / command[0]) if (self.tools / command[0]).exists() else command[0], *command[1:]],
            cwd=self.folder,
            env=clean_environment(self.tools) | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert expect is None or result.returncode == expect, result.stdout
        return result.stdout

    def start(
        self, *command: str, stdout: int | BinaryIO = subprocess.DEVNULL, **environment: str
    ) -> subprocess.Popen[bytes]:
        """Start one of the environment's tools in a process group of its own; `stdout` gets both streams."""
        return subprocess.Popen(
            [str(self.tools / command[0]), *command[1:]],
            cwd=self.folder,
            env=clean_environment(self.tools) | environment,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def snakemake(self, *arguments: str, expect: int | None = 0) -> str:
        """Run snakemake on one core."""
        return self.run("snakemake", "--cores", "1", *arguments, expect=expect)

    def train_anew(self) -> None:
        """Train again what params.yaml holds, here, without any saved row from which the model could be taken."""
        self.run("dvc", "exp", "remove", "--all-commits")
        assert "epoch 1/" in self.snakemake("--forcerun", "train", "--", "train")

    def planned(self) -> set[str]:
        """Rules that `snakemake -n submission` would run."""
        printed = self.run("snakemake", "--cores", "1", "-n", "--", "submission")
        assert "Nothing to be done" in printed or "Job stats" in printed
        return set(re.findall(r"^(\w+) +\d+$", printed, re.MULTILINE)) - {"submission", "total"}

    def set(self, **params: object) -> None:
        """Change params.yaml, or session.yaml where the key belongs there, as an editor would."""
        for key, value in params.items():
            changed = 0
            for path in (self.folder / "params.yaml", self.folder / "session.yaml"):
                text, count = re.subn(rf"^{key}: \S+", f"{key}: {value}", path.read_text(), flags=re.MULTILINE)
                path.write_text(text)
                changed += count
            assert changed == 1, key

    def copy(self, folder: Path) -> "Project":
        """Copy all of it, outputs and DVC cache included, hard links kept."""
        subprocess.run(["cp", "-a", str(self.folder), str(folder)], check=True)
        return Project(folder)

    def path(self, name: str) -> Path:
        """Path of a file in the project."""
        return self.folder / name


Run = tuple[Project, str]  # a project, and what a run of it printed


def clean_environment(tools: Path = TOOLS) -> dict[str, str]:
    """The environment without what a surrounding git hook, DVC stage or Python path would leave."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "GIT_", "PYTHONPATH"))}
    return kept | {
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "GIT_AUTHOR_NAME": "test",
        "GIT_AUTHOR_EMAIL": "test@example.org",
        "GIT_COMMITTER_NAME": "test",
        "GIT_COMMITTER_EMAIL": "test@example.org",
    }


def commits_seed() -> int:
    """Another seed for each commit, so that CI takes other draws each time, and all kinds come round."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return int(head[:8], 16)


def make_project(folder: Path) -> Project:
    """Commit the working tree, with the params of a small row, into a repository of its own."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_symlink() or (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    for name in OF_A_ROW:
        committed = subprocess.run(["git", "show", f"HEAD:{name}"], cwd=ROOT, capture_output=True, check=True).stdout
        (folder / name).write_bytes(committed)
    project = Project(folder)
    project.set(**SMALL)
    project.run("git", "init", "--quiet", "--initial-branch", "main")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "a small row")
    return project
