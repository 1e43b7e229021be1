"""Averaging the answers of several rows of the score table."""

import io
import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from scoretable.competition.task import Task
from scoretable.prediction.predictions import Predictions, read_predictions
from scoretable.scoring.choices import Cut
from scoretable.scoring.decision import parse_figures
from scoretable.workspace.errors import InputError


def fetch_predictions(row: str, path: Path, task: Task) -> Predictions:
    """Read a row's predictions, at `path` of the experiment or Git revision `row`, from DVC's cache.

    Raises InputError where there is no such row, where its file is nowhere or damaged, or where it is
    for another kind of task.
    """
    try:
        return read_predictions(io.BytesIO(_fetch(row, path)), task)
    except ValueError as error:
        raise _damaged(row, path, str(error)) from None
    except KeyError:
        raise InputError(f"row {row} is for another kind of task than {task}: leave it out.") from None


def fetch_cut(row: str, path: Path) -> Cut:
    """Read where a row's submission was cut into labels, from its evaluation at `path`; errors as above."""
    content = _fetch(row, path)
    try:
        return parse_figures(content, str(path))[1]
    except InputError:
        raise _damaged(row, path, "no figures") from None


def _damaged(row: str, path: Path, reason: str) -> InputError:
    """Return what is wrong with a file in DVC's cache: DVC takes a copy there for whole as long as it is there."""
    from dvc.api import DVCFileSystem

    files = DVCFileSystem(".", rev=row)
    copy = files.repo.cache.local.oid_to_path(files.info(str(path))["md5"])
    return InputError(
        f"{path} of row {row} is damaged ({reason}): type `rm -f {shlex.quote(copy)}`, and if DVC's remote has no "
        f"other copy, {_remaking(row)}."
    )


def _remaking(row: str) -> str:
    """Return how a file comes into DVC's cache again, also where the workspace still has it."""
    return (
        f"make it again with `dvc exp apply {row}`, `snakemake --cores 1 submission` and `dvc commit --force dvc.yaml`"
    )


def _fetch(row: str, path: Path) -> bytes:
    import dvc.api
    from dvc.exceptions import DvcException
    from dvc.scm import RevError

    try:
        content: bytes = dvc.api.read(str(path), repo=".", rev=row, mode="rb")
    except RevError:
        raise InputError(f"there is no row {row}: `scoretable table` lists all rows.") from None
    except (DvcException, OSError):
        raise InputError(
            f"{path} of row {row} is neither here nor on DVC's remote: ask for it to be pushed there "
            f"(`dvc exp push origin {row}`), or {_remaking(row)}."
        ) from None
    return content


def average_cuts(cuts: Sequence[Cut], classes: int) -> Cut:
    """Return the mean threshold and cut points, for answers that are means too; classes: how many there are."""
    points = [cut.points_between(classes) for cut in cuts]
    ordered = any(cut.points is not None for cut in cuts)
    mean = tuple(np.mean(points, axis=0).tolist()) if ordered else None
    return Cut(float(np.mean([cut.threshold for cut in cuts])), mean, any(cut.at_least_one for cut in cuts))


def average_predictions(rows: dict[str, Predictions]) -> Predictions:
    """Return the mean answers of rows given by name, in the first one's order of images.

    Raises InputError where two rows have different images or classes.
    """
    name, first = next(iter(rows.items()))
    answers = []
    for other, predictions in rows.items():
        if predictions.classes != first.classes:
            raise InputError(f"rows {name} and {other} know different classes, so their answers cannot be averaged.")
        if set(predictions.ids) != set(first.ids):
            raise InputError(f"rows {name} and {other} answer different images, so their answers cannot be averaged.")
        place = {image: number for number, image in enumerate(predictions.ids)}
        answers.append(predictions.answers[[place[image] for image in first.ids]])
    return Predictions(np.mean(answers, axis=0), first.ids, first.classes)
