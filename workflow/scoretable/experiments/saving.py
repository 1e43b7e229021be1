"""The finished workspace as a DVC experiment: a row that can be shown, compared, applied and pushed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import RESULTS, SCORE, SUBMISSION, Experiment, find_experiment, list_experiments
from scoretable.experiments.score_file import NOT_SUBMITTED, write_known_score
from scoretable.workspace.digests import file_md5

BUSY_SECONDS = 30.0  # for which a `dvc exp run` may hold files until it is refused
DVC_RUN = Path(".dvc/tmp/exps/run/workspace/workspace.json")
INDEX_LOCK = Path(".git/index.lock")
CHANGING = ("state", "rank", "teams")  # what Kaggle may say otherwise later
NEXT = "Next: `dvc exp show`, `dvc exp run -S batch_size=16`, `dvc plots show`."


def is_inside_dvc_stage() -> bool:
    """Return whether DVC started this process as a stage's command; it then saves the experiment itself."""
    return "DVC_STAGE" in os.environ


def save_experiment(
    name: str, stages: Sequence[str], described: Sequence[Path], params: Mapping[str, Any]
) -> tuple[bool, str]:
    """Save the workspace as an experiment, and return whether that is done and a line that says so.

    stages: whose outputs are part of it. described: files that are part of it though git may not know them yet. The
    outputs become links into DVC's cache, so that the row takes its space on the disk once. A row that an experiment
    holds already, under whatever name, is not saved again; another result of the same params gets a name of its own,
    since what is saved is never replaced. A workspace without git or DVC is not an error: the pipeline works without
    them.
    """
    if not Path(".dvc").is_dir() or not Path(".git").exists():
        return True, "This folder is not under git and DVC, so the row was not saved as an experiment."
    experiments = list_experiments(Path())
    there = next((experiment for experiment in experiments if _is_here(experiment, params)), None)
    if there is not None:
        _add_score(there)
        failure = _dvc("commit", "--force", *stages) or _dvc("checkout", "--relink")
        return not failure, f"This row is saved as experiment {there.name}.\n{NEXT}" if not failure else _told(failure)
    taken = {experiment.name for experiment in experiments}
    name = next(free for free in _names(name) if free not in taken)
    # DVC would put your changes of params.yaml away, fail, and not bring them back.
    failure = "git's index is locked" if INDEX_LOCK.exists() else ""
    with _index_kept():
        untracked = [part for path in described for part in ("--include-untracked", str(path))]
    failure = failure or _save_without_outputs(name, untracked, stages)
    failure = failure or _dvc("checkout", "--relink")
    return (False, _told(failure)) if failure else (True, f"Saved as experiment {name}.\n{NEXT}")


def _save_without_outputs(name: str, untracked: Sequence[str], stages: Sequence[str]) -> str:
    """Save the experiment with its outputs in DVC's cache alone, and return DVC's last words if it failed.

    `dvc exp save` (3.67) puts metrics and plots into git too, though git ignores them. `dvc exp apply` would then write
    them in place, over links into the cache, and so over the same files of the row that was here.
    """
    failure = _dvc("exp", "save", "--name", name, *untracked, *stages)
    if not failure:
        saved = find_experiment(Path(), name)
        amend_experiment(saved, without=list(saved.outputs))
    return failure


@contextmanager
def _index_kept() -> Iterator[None]:
    """Bring back what was added to git's index, which DVC resets: rows in a copy see only files that git knows."""
    tree = subprocess.run(["git", "write-tree"], capture_output=True, text=True, check=False).stdout.strip()
    yield
    if tree:
        subprocess.run(["git", "read-tree", tree], capture_output=True, check=False)
        subprocess.run(["git", "update-index", "-q", "--refresh"], capture_output=True, check=False)


def _is_here(experiment: Experiment, params: Mapping[str, Any]) -> bool:
    """Whether the workspace holds the experiment's results, made with its params."""
    if any(experiment.params.get(name) != value for name, value in params.items()):
        return False
    return all(experiment.outputs.get(path) == file_md5(Path(path)) for path in RESULTS)


def _add_score(experiment: Experiment) -> None:
    """Give the row the score that came after it was saved; a figure that it has already stays what it is."""
    files = {path: Path(path).read_bytes() for path in (SCORE, SUBMISSION) if Path(path).exists()}
    known = json.loads(files.get(SUBMISSION, b"{}"))
    scores = {name: value for name, value in experiment.score.items() if value is not None}
    if known.get("state", NOT_SUBMITTED["state"]) == NOT_SUBMITTED["state"] or known == scores:
        return
    odd = next((name for name, value in scores.items() if name not in CHANGING and known.get(name) != value), None)
    if odd is not None:
        write_known_score(Path(SUBMISSION), scores)
        print(f"scoretable: {SUBMISSION} had another {odd} than experiment {experiment.name}, so it was put back.")
        return
    amend_experiment(experiment, files=files)
    print(f"The score is now part of experiment {experiment.name}.")


def _names(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _told(failure: str) -> str:
    return f"The row was not saved as a DVC experiment ({failure}): {_remedy(failure)}run the same command again."


def _remedy(failure: str) -> str:
    if "user name and email" in failure:
        return 'type `git config --global user.name "Your Name"` and `git config --global user.email you@example.org`; '
    if INDEX_LOCK.exists():
        return f"if git is not running, delete {INDEX_LOCK}, which a killed one left behind; "
    return ""


def _dvc(*arguments: str) -> str:
    """Run dvc, once another one has let go of the files, and return its last words if it failed."""
    last = time.monotonic() + BUSY_SECONDS
    while True:
        while _is_running_in_the_workspace() and time.monotonic() < last:
            time.sleep(0.2)
        failure = _try_dvc(*arguments)
        if "is busy" not in failure or time.monotonic() > last:
            return failure
        time.sleep(1)


def _is_running_in_the_workspace() -> bool:
    """Whether a `dvc exp run` is, which ends by removing what another one puts into git for itself."""
    import psutil

    try:
        return psutil.pid_exists(json.loads(DVC_RUN.read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _try_dvc(*arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", "--wait-for-lock", *arguments]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    words = f"{result.stdout}\n{result.stderr}".strip().splitlines() or ["no reason given"]
    errors = [line.removeprefix("ERROR: ") for line in words if line.startswith("ERROR: ")]
    return (errors or words)[-1] if result.returncode else ""
