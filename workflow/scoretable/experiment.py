"""The finished workspace as a DVC experiment: a row that can be shown, compared, applied and pushed."""

import os
import subprocess
import sys
from pathlib import Path


def is_inside_dvc_stage() -> bool:
    """Return whether DVC started this process as a stage's command; it then saves the experiment itself."""
    return "DVC_STAGE" in os.environ


def save_experiment(name: str) -> str:
    """Save the workspace as the experiment `name`, and return a line that says what came of it.

    A workspace without git or DVC is no error:
    the pipeline works without them.
    """
    if not Path(".dvc").is_dir():
        return "This folder is not under DVC, so the row was not saved as an experiment."
    command = [sys.executable, "-m", "dvc", "exp", "save", "--quiet", "--force", "--name", name]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        return f"The row was not saved as a DVC experiment ({reason}); `dvc exp save` tries again."
    return f"Saved as experiment {name}.\nNext: `dvc exp show`, `dvc exp run -S batch_size=16`, `dvc plots show`."
