"""Averaging the answers of several rows of the score table."""

import io
from pathlib import Path

import numpy as np

from scoretable.competition.task import Task
from scoretable.prediction.predictions import Predictions, load_predictions
from scoretable.workspace.errors import InputError


def fetch_predictions(row: str, path: Path, task: Task) -> Predictions:
    """Read a row's predictions, at `path` of the experiment or Git revision `row`, from DVC's cache.

    Raises InputError where there is no such row, where its file is not in the cache, or where it is for another kind
    of task.
    """
    import dvc.api
    from dvc.exceptions import DvcException
    from dvc.scm import RevError

    try:
        content = dvc.api.read(str(path), repo=".", rev=row, mode="rb")
        return load_predictions(io.BytesIO(content), task)
    except RevError:
        raise InputError(f"there is no row {row}: `scoretable table` lists all rows.") from None
    except (DvcException, OSError):
        raise InputError(
            f"{path} of row {row} is not here: get it with `dvc exp pull` or make the row again."
        ) from None
    except KeyError:
        raise InputError(f"row {row} is for another kind of task than {task}: leave it out.") from None


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
