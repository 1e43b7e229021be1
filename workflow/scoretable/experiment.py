"""The finished workspace as a DVC experiment: a row that can be shown, compared, applied and pushed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def is_inside_dvc_stage() -> bool:
    """Return whether DVC started this process as a stage's command; it then saves the experiment itself."""
    return "DVC_STAGE" in os.environ


def save_experiment(name: str, stages: Sequence[str], competition: Path) -> tuple[bool, str]:
    """Save the workspace as the experiment `name`, and return whether that is done and a line that says so.

    stages: whose outputs are part of it. competition: its file, which is part of it though git may not know it yet. The
    outputs become links into DVC's cache, so that the row takes its space on the disk once. A workspace without git or
    DVC is no error: the pipeline works without them.
    """
    if not Path(".dvc").is_dir():
        return True, "This folder is not under DVC, so the row was not saved as an experiment."
    files = ("--include-untracked", str(competition))
    failure = _dvc("exp", "save", "--force", "--name", name, *files, *stages) or _dvc("checkout", "--relink")
    if failure:
        return False, (
            f"The row was not saved as a DVC experiment ({failure}): {_remedy(failure)}the same command tries again."
        )
    return True, f"Saved as experiment {name}.\nNext: `dvc exp show`, `dvc exp run -S batch_size=16`, `dvc plots show`."


def _remedy(failure: str) -> str:
    if "user name and email" in failure:
        return 'type `git config --global user.name "Your Name"` and `git config --global user.email you@example.org`; '
    if "rwlock" in failure.lower():
        return "if no DVC is running, delete .dvc/tmp/rwlock, which a killed one left; "
    lock = Path(".git/index.lock")
    return f"if no git is running, delete {lock}, which a killed one left; " if lock.exists() else ""


def _dvc(*arguments: str) -> str:
    """Run dvc, and return its last words if it failed."""
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    words = f"{result.stdout}\n{result.stderr}".strip().splitlines() or ["no reason given"]
    errors = [line.removeprefix("ERROR: ") for line in words if line.startswith("ERROR: ")]
    return (errors or words)[-1] if result.returncode else ""
