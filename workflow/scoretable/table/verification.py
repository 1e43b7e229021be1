"""Rerunning a row in a clone of its own, comparing the files, and keeping what came of it with the row."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.child_processes import Commands
from scoretable.experiments.dvc_settings import cache_folder
from scoretable.experiments.earlier_rows import find_row
from scoretable.experiments.experiment import RESULTS, Experiment, list_experiments
from scoretable.experiments.verifications import Verification, with_verifications, without_verifications
from scoretable.rows.taken import taken_by
from scoretable.table.reproduce import tools_on_path
from scoretable.workspace.atomic import read_json
from scoretable.workspace.digests import file_md5
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class Remake:
    """What came of making a row again. identical: for each of its results; machine: on which it was trained now."""

    identical: Mapping[str, bool]
    machine: str

    @property
    def different(self) -> tuple[str, ...]:
        """The results that came out otherwise."""
        return tuple(path for path, same in self.identical.items() if not same)


def verify(experiment: Experiment, root: Path) -> Remake:
    """Make the row again in a temporary clone, from the archive on, and return which results are identical.

    The archive is taken from DVC's cache where it is there, all else is made. Raises InputError where a result of the
    row is unknown or the run fails.
    """
    expected = {path: experiment.outputs.get(path) for path in RESULTS}
    unknown = [path for path, digest in expected.items() if digest is None]
    if unknown:
        raise InputError(f"{experiment.name} has no {unknown[0]}, so there is nothing to compare: make the row again.")
    with tempfile.TemporaryDirectory(prefix="scoretable-verify-") as folder:
        clone = Path(folder) / "clone"
        _git("clone", "--quiet", "--no-checkout", str(root.resolve()), str(clone))
        _git("-C", str(clone), "fetch", "--quiet", str(root.resolve()), experiment.revision)
        _git("-C", str(clone), "checkout", "--quiet", "--detach", experiment.revision)
        _bring_archive(experiment, clone)
        _bring_weights(experiment, clone)
        _bring_earlier_rows(experiment, clone)
        _run(clone)
        machine = (read_json(clone / "models/training.json") or {}).get("device", "unknown hardware")
        return Remake({path: file_md5(clone / path) == digest for path, digest in expected.items()}, machine)


def record(experiment: Experiment, made: Remake) -> None:
    """Keep the outcome with the row, as its note is; of each machine the newest counts.

    Raises InputError where the row was made again meanwhile.
    """
    now = [row for row in list_experiments(experiment.root) if (row.ref, row.lock) == (experiment.ref, experiment.lock)]
    if not now:
        raise InputError(f"{experiment.name} was made again meanwhile, so this says nothing about it: verify it again.")
    outcome = Verification(datetime.now(UTC).isoformat(timespec="seconds"), made.machine, made.different)
    message = with_verifications(without_verifications(now[0].message), [*now[0].verifications, outcome])
    amend_experiment(now[0], message=message)


def _bring_archive(experiment: Experiment, clone: Path) -> None:
    for path in experiment.outputs:
        content = experiment.cached(path) if path.endswith(".zip") else None
        if content is not None:
            (clone / path).parent.mkdir(parents=True, exist_ok=True)
            (clone / path).symlink_to(content.resolve())


def _bring_weights(experiment: Experiment, clone: Path) -> None:
    """Let the clone have the file that `weights` names by a path within the repository, which git may not know."""
    weights = experiment.params.get("weights")
    file = experiment.root / str(weights)
    if weights is None or not file.is_file() or (clone / weights).exists():
        return
    (clone / weights).parent.mkdir(parents=True, exist_ok=True)
    (clone / weights).symlink_to(file.resolve())


def _bring_earlier_rows(experiment: Experiment, clone: Path) -> None:
    """Let the clone know the rows that this one takes something of, and have those files in its cache."""
    for taken in taken_by(experiment.params):
        row = find_row(taken, experiment.root)
        _git("-C", str(clone), "fetch", "--quiet", str(experiment.root.resolve()), f"{row.ref}:{row.ref}")
        if (content := row.cached(str(taken.path))) is not None:
            place = cache_folder(clone).joinpath(*content.parts[-2:])
            place.parent.mkdir(parents=True, exist_ok=True)
            place.unlink(missing_ok=True)
            place.symlink_to(content.resolve())


def _run(clone: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DVC_", "GIT_"))}
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "submission"]
    with Commands() as commands:
        status = commands.run(command, cwd=clone, env=environment | tools_on_path())
    if status:
        raise InputError("the row does not finish in a fresh clone: see above.")


def _git(*arguments: str) -> None:
    result = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", errors="replace", check=False)
    if result.returncode:
        raise InputError(f"git cannot clone the row ({' '.join(result.stderr.split())[:200]}).")
