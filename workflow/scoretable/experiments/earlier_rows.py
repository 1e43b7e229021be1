"""The earlier rows that a row takes something of: that they are there and fit, and what of them the lineage names."""

from collections.abc import Iterator
from pathlib import Path

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.experiments.row_records import row_record
from scoretable.models.published_weights import PUBLISHED
from scoretable.rows.lineage import Lineage, list_digests, trace_lineage
from scoretable.rows.params import ROW, Params
from scoretable.rows.taken import Taken, taken_by
from scoretable.workspace.digests import file_digests
from scoretable.workspace.errors import InputError
from scoretable.workspace.main_repository import main_repository

# What says which images of a competition a row has been trained on, but for the fold.
SPLIT = ("validation", "seed", "sandbox_images", "unreadable", "group", "drop")
LABELLED_ONCE = ("multiclass", "binary")  # tasks whose answers can become pseudo-labels
LOOKS = ("image_size", "aspect", "box", "box_margin")  # by which images are near duplicates


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
    """Return the digest of each file that training takes beside the data, by what it is."""
    digests = _digests_of_weights(params, root)
    for taken in taken_by(params.model_dump()):
        row = find_row(taken, root)
        digest = row.outputs.get(str(taken.path))
        if digest is None:
            raise InputError(f"{taken.key}: row {taken.row} has no {taken.path}: name a row that was trained.")
        if taken.key == "weights":
            _refuse_other_backbone(params, row)
            _refuse_seen_images(params, row, root)
        else:
            _refuse_other_labels(params, row, root)
        digests[f"{taken.path} of row {taken.row}"] = digest
    return digests


def _digests_of_weights(params: Params, root: Path) -> dict[str, str]:
    """Return the SHA-256 of the file that weights names; none of a file that is not there, which training refuses."""
    path = weights_file(params, root)
    return {f"weights: {params.weights}": digest for digest in file_digests([path] if path else []).values()}


def weights_file(params: Params, root: Path) -> Path | None:
    """Return the file that weights names by its path, None where it names none; `root` may be DVC's copy."""
    if params.weights is None or params.weights in ("imagenet", *PUBLISHED) or params.weights.startswith(ROW):
        return None
    return main_repository(root) / params.weights


def _refuse_other_backbone(params: Params, row: Experiment) -> None:
    if row.params.get("model") != params.model:
        raise InputError(
            f"weights: row {row.name} has model: {row.params.get('model')}, whose weights do not fit model: "
            f"{params.model}: set one of the two."
        )


def _refuse_seen_images(params: Params, row: Experiment, root: Path) -> None:
    """Raise InputError where the earlier row was trained on images that this one validates on: figures would lie."""
    differing = _split_differences(params, row)
    if row.params.get("fold") not in ("all", params.fold) and differing is not None:
        differing.append("fold")
    if params.drop is not None and differing == [] and _has_another_list(params, row, root):
        raise InputError(
            f"weights: row {row.name} was made with another list in {params.drop}, and may have been trained on images "
            f"that this row would validate on: bring it back with `git checkout {row.revision[:12]} -- {params.drop}`, "
            "or name a row that was made with this list."
        )
    if differing:
        told = ", ".join(f"{name}: {row.params[name]}" for name in differing)
        raise InputError(
            f"weights: row {row.name} was trained on images that this row would validate on, so that its figures "
            f"would be too good: set {told}, as that row has, or name a row of the same split."
        )


def _split_differences(params: Params, row: Experiment) -> list[str] | None:
    """Return the params, but the fold, by which two rows hold out other images; None where all images are others."""
    ours, theirs = params.model_dump(), row.params
    apart = ("competition", "sandbox_seed") if params.competition == "sandbox" else ("competition",)
    if any(ours[name] != theirs.get(name) for name in apart):
        return None
    names = SPLIT if params.group == "none" else (*SPLIT, *LOOKS)
    return [name for name in names if name in theirs and ours.get(name) != theirs[name]]


def _has_another_list(params: Params, row: Experiment, root: Path) -> bool:
    """Whether an earlier row left out other images by the same list."""
    made_of = row_record(row, "preprocess").get("sources", {})
    return any(made_of.get(path, digest) != digest for path, digest in list_digests("preprocess", params, root).items())


def _refuse_other_labels(params: Params, row: Experiment, root: Path) -> None:
    """Raise InputError where the earlier row's answers are none to this row's test images, or no probabilities."""
    theirs, task = row.params.get("competition"), load_competition(params.competition, root / COMPETITIONS).task
    if theirs != params.competition:
        raise InputError(
            f"pseudo_labels: row {row.name} is of competition {theirs}, and this one of {params.competition}: name a "
            "row of the same one."
        )
    if task not in LABELLED_ONCE:
        raise InputError(
            f"pseudo_labels need the probability of one label an image, and task: {task} has none: set pseudo_labels "
            "to null."
        )


def doubts(params: Params, root: Path) -> Iterator[str]:
    """Yield a sentence where figures will be a little too good: pseudo-labels that know the validation images."""
    for taken in taken_by(params.model_dump()):
        row = find_row(taken, root)
        alike = row.params.get("fold") == params.fold != "all" and _split_differences(params, row) == []
        alike = alike and not _has_another_list(params, row, root)
        if taken.key == "pseudo_labels" and not alike:
            yield (
                f"row {row.name}, whose pseudo-labels these are, was trained on images that this row validates on, so "
                "its validation may be a little too good: a row of the same validation, fold and seed is not."
            )
