"""The file of answers to the test images."""

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from scoretable.atomic import replacing
from scoretable.task import TASKS, Task


@dataclass(frozen=True, eq=False)
class Predictions:
    """answers: float32 (n, columns), as `inference.predict_answers` gives them, one row for each of ids; classes."""

    answers: np.ndarray
    ids: list[str]
    classes: list[str]


def save_predictions(path: Path, predictions: Predictions, task: Task) -> None:
    """Write an .npz with `ids`, `classes` and `probabilities`, or `numbers` where the task asks for them."""
    with replacing(path) as temporary:
        np.savez(
            temporary,
            allow_pickle=False,
            **{TASKS[task].answer: predictions.answers},
            ids=np.array(predictions.ids, str),
            classes=np.array(predictions.classes, str),
        )


def load_predictions(file: Path | BinaryIO, task: Task) -> Predictions:
    """Read what `save_predictions` wrote; raise KeyError where it is of another kind of task."""
    with np.load(file, allow_pickle=False) as arrays:
        return Predictions(arrays[TASKS[task].answer], arrays["ids"].tolist(), arrays["classes"].tolist())
