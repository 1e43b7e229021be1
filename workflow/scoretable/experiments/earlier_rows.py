"""The earlier rows that a row takes something of: that they are there and fit, and what of them the lineage names."""

from pathlib import Path

from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.rows.lineage import Lineage, trace_lineage
from scoretable.rows.params import Params
from scoretable.rows.taken import Taken, taken_by
from scoretable.workspace.errors import InputError
from scoretable.workspace.main_repository import main_repository

# What says which images of a competition a row has been trained on, but for the fold.
SPLIT = ("validation", "seed", "sandbox_images", "unreadable", "group", "drop")


def trace_row(params: Params, root: Path) -> dict[str, Lineage]:
    """Return the lineage of every step, as `trace_lineage` does, with what is taken of the repository's earlier rows.

    Raises InputError where such a row is not there or does not fit.
    """
    return trace_lineage(params, root, _digests(params, root))


def find_row(taken: Taken, root: Path) -> Experiment:
    """Return the newest row of that name in the repository that `root` is, or is DVC's copy of."""
    rows = [row for row in list_experiments(main_repository(root)) if row.name == taken.row]
    if not rows:
        raise InputError(
            f"{taken.key}: there is no row {taken.row} here: `scoretable table` lists all rows, and "
            f"`dvc exp pull origin {taken.row}` brings one of your team's."
        )
    return rows[-1]


def _digests(params: Params, root: Path) -> dict[str, str]:
    """Return the MD5 of each file that is taken, by what it is."""
    digests = {}
    for taken in taken_by(params.model_dump()):
        row = find_row(taken, root)
        digest = row.outputs.get(str(taken.path))
        if digest is None:
            raise InputError(f"{taken.key}: row {taken.row} has no {taken.path}: name a row that was trained.")
        if taken.key == "weights":
            _refuse_other_backbone(params, row)
            _refuse_seen_images(params, row)
        digests[f"{taken.path} of row {taken.row}"] = digest
    return digests


def _refuse_other_backbone(params: Params, row: Experiment) -> None:
    if row.params.get("model") != params.model:
        raise InputError(
            f"weights: row {row.name} has model: {row.params.get('model')}, whose weights do not fit model: "
            f"{params.model}: set one of the two."
        )


def _refuse_seen_images(params: Params, row: Experiment) -> None:
    """Raise InputError where the earlier row was trained on images that this one validates on: figures would lie."""
    ours, theirs = params.model_dump(), row.params
    apart = ("competition", "sandbox_seed") if params.competition == "sandbox" else ("competition",)
    if any(ours[name] != theirs.get(name) for name in apart):  # of other images
        return
    differing = [name for name in SPLIT if name in theirs and ours.get(name) != theirs[name]]
    if theirs.get("fold") not in ("all", params.fold):
        differing.append("fold")
    if differing:
        told = ", ".join(f"{name}: {theirs[name]}" for name in differing)
        raise InputError(
            f"weights: row {row.name} was trained on images that this row would validate on, so that its figures "
            f"would be too good: set {told}, as that row has, or name a row of the same split."
        )
