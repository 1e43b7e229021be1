"""Whether the code that a row was made by is that of a commit, or only of the row's own."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scoretable.competition.description import COMPETITIONS
from scoretable.experiments.experiment import Experiment
from scoretable.rows.param_groups import DROPS
from scoretable.rows.stages import PACKAGE, STAGES


def uncommitted_code(experiments: Sequence[Experiment], root: Path) -> dict[str, list[str]]:
    """Return the sources in which each row's commit differs from the commit that it was made on, by the row's commit.

    Only those count that its steps are made of. A row is missing where git does not have both commits here, as in a
    shallow clone.
    """
    packages = {package for stage in STAGES.values() for package in stage.packages}
    watched = [f"{PACKAGE}/{package}" for package in sorted({*packages, "steps"})]
    pairs = "".join(f"{experiment.revision} {experiment.baseline}\n" for experiment in experiments)
    watched += [str(COMPETITIONS), str(DROPS)]
    command = ["git", "diff-tree", "--stdin", "-r", "--always", "--name-only", "--", *watched]
    result = subprocess.run(command, cwd=root, input=pairs.encode(), capture_output=True, check=False)
    changed: dict[str, list[str]] = {}
    for line in result.stdout.decode(errors="replace").splitlines():
        if re.fullmatch(r"[0-9a-f]{40}", line):
            changed[line] = []
        else:
            changed[next(reversed(changed))].append(line)
    return {
        experiment.revision: [path for path in changed[experiment.revision] if _is_of(path, experiment)]
        for experiment in experiments
        if experiment.revision in changed
    }


def _is_of(path: str, experiment: Experiment) -> bool:
    if Path(path).parent == COMPETITIONS:
        return Path(path).stem == experiment.params.get("competition")
    return Path(path).parent != Path(DROPS) or path == experiment.params.get("drop")
