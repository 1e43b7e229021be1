"""The file of answers to the test images."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scoretable.competition.task import TASKS, Task
from scoretable.workspace.array_file import read_arrays, write_arrays
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError


@dataclass(frozen=True, eq=False)
class Predictions:
    """answers: float32 (n, columns), as `inference.predict_answers` gives them, one row for each of ids; classes.

    Those that were read from a file are mapped: its pages are in memory while they are looked at.
    """

    answers: np.ndarray
    ids: list[str]
    classes: list[str]


def save_predictions(
    path: Path, answers: Iterable[np.ndarray], ids: Sequence[str], classes: Sequence[str], task: Task
) -> None:
    """Write an .npz with `probabilities`, or `numbers` where the task asks for them, `ids` and `classes`.

    `answers`: rows as `inference.stream_answers` yields them, written as they come.
    """
    with replacing(path) as temporary:
        names, labels = np.array(ids, str), np.array(classes, str)
        write_arrays(temporary, TASKS[task].answer, answers, len(ids), ids=names, classes=labels)


def load_predictions(path: Path, task: Task) -> Predictions:
    """Read what `save_predictions` wrote, as `read_predictions` does, but raise InputError where it is damaged."""
    try:
        return read_predictions(path, task)
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}): make it again with `snakemake --cores 1 submission`.") from None


def read_predictions(file: Path | BinaryIO, task: Task) -> Predictions:
    """Return the predictions in a file; an id that several images share has the mean of their answers.

    Raises KeyError where it is of another kind of task, and ValueError where it is damaged or holds pickled objects.
    """
    arrays = read_arrays(file, mapped=TASKS[task].answer)
    answers, ids = _mean_of_each(arrays[TASKS[task].answer], arrays["ids"].tolist())
    return Predictions(answers, ids, arrays["classes"].tolist())


def _mean_of_each(answers: np.ndarray, ids: list[str]) -> tuple[np.ndarray, list[str]]:
    place = {id_: number for number, id_ in enumerate(dict.fromkeys(ids))}
    if len(place) == len(ids):
        return answers, ids
    rows = [place[id_] for id_ in ids]
    sums = np.zeros((len(place), *answers.shape[1:]))
    np.add.at(sums, rows, answers)
    return (sums / np.bincount(rows)[:, np.newaxis]).astype(answers.dtype), list(place)
