"""The labels that a model's answers come to: the largest one, those above a threshold, or the class of a number."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.targets import THRESHOLD


@dataclass(frozen=True, eq=False)
class Choices:
    """What is true and what was chosen, in one form: int (n,) class indices, or bool (n, labels)."""

    truth: NDArray
    chosen: NDArray
    classes: int


def choose(
    truth: NDArray,
    answers: NDArray[np.floating],
    threshold: float = THRESHOLD,
    cuts: tuple[float, ...] | None = None,
) -> Choices:
    """Return the labels that `answers` come to, beside the true ones; shapes and arguments as in `scores.score`.

    Of several classes it is the one with the largest probability, the first of equal ones. Of two it is the second
    where its probability is larger than `threshold`, which at 0.5 is the same. A label of several is chosen where its
    probability is at least `threshold`. A single number becomes the class that `cuts` put it in.
    """
    if answers.shape[1] == 1 and truth.ndim == 1:
        between = halves(int(truth.max()) + 1) if cuts is None else np.asarray(cuts)
        return Choices(truth, np.digitize(answers[:, 0], between), len(between) + 1)
    if truth.ndim == 2:
        return Choices(truth >= THRESHOLD, answers >= threshold, answers.shape[1])
    chosen = answers[:, 1] > threshold if answers.shape[1] == 2 else answers.argmax(axis=1)
    return Choices(truth, chosen.astype(np.int64), answers.shape[1])


def halves(classes: int) -> NDArray[np.float64]:
    """Return the numbers half way between neighbouring classes, by which a number is rounded to a class."""
    return np.arange(classes - 1, dtype=np.float64) + 0.5
