"""The labels that a model's answers come to: the largest one, those above a threshold, or the class of a number."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.targets import THRESHOLD, choose_places, halves

ELSE_LIKELIEST = ", else the likeliest"  # label, in messages


@dataclass(frozen=True)
class Cut:
    """Where answers are cut into labels.

    threshold: of a label of several, and of the positive one of two classes. points: between ordered classes, rising;
    None: the halves. at_least_one: of several labels, the likeliest is answered where none reaches the threshold.
    """

    threshold: float = THRESHOLD
    points: tuple[float, ...] | None = None
    at_least_one: bool = False

    def points_between(self, classes: int) -> tuple[float, ...]:
        """Return the points between ordered classes."""
        return tuple(halves(classes).tolist()) if self.points is None else self.points

    def describe(self) -> str:
        """Return 'threshold 0.3124' or 'cut points 0.4, 1.3'; '' for the plain ones without `at_least_one`."""
        if self.points is not None:
            return f"cut points {', '.join(f'{point:.4g}' for point in self.points)}"
        if self.at_least_one:
            return f"threshold {self.threshold:.4g}{ELSE_LIKELIEST}"
        return "" if self.threshold == THRESHOLD else f"threshold {self.threshold:.4g}"


PLAIN = Cut()


@dataclass(frozen=True, eq=False)
class Choices:
    """What is true and what was chosen, in one form: int (n,) class indices, or bool (n, labels)."""

    truth: NDArray
    chosen: NDArray
    classes: int

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which images have the right class, or exactly the right labels, bool (n,)."""
        same = self.truth == self.chosen
        return same if same.ndim == 1 else same.all(axis=1)


def choose(
    truth: NDArray,
    answers: NDArray[np.floating],
    threshold: float = THRESHOLD,
    cuts: Sequence[float] | None = None,
    at_least_one: bool = False,
) -> Choices:
    """Return the labels that `answers` come to, beside the true ones; shapes and arguments as in `scores.score`.

    Labels of several are chosen by `choose_labels`, a class by `choose_class`. A single
    number becomes the class that `cuts` put it in.
    """
    if answers.shape[1] == 1 and truth.ndim == 1:
        classes = int(truth.max()) + 1 if cuts is None else len(cuts) + 1
        return Choices(truth, choose_places(answers[:, 0], classes, cuts), classes)
    if truth.ndim == 2:
        return Choices(truth >= THRESHOLD, choose_labels(answers, threshold, at_least_one), answers.shape[1])
    return Choices(truth, choose_class(answers, threshold), answers.shape[1])


def choose_labels(
    answers: NDArray[np.floating], threshold: float = THRESHOLD, at_least_one: bool = False
) -> NDArray[np.bool_]:
    """Return which labels of each row have at least the `threshold`, bool (n, labels).

    With `at_least_one` it is the likeliest, the first of equal ones, where none has.
    """
    chosen = answers >= threshold
    if at_least_one:
        without = np.flatnonzero(~chosen.any(axis=1))
        chosen[without, answers[without].argmax(axis=1)] = True
    return chosen


def choose_class(answers: NDArray[np.floating], threshold: float = THRESHOLD, positive: int = 1) -> NDArray[np.int64]:
    """Return the place of the likeliest class of each row, the first of equal ones, int64 (n,).

    Of two classes it is the `positive` one where its probability is larger than `threshold`.
    """
    if answers.shape[1] != 2:
        return answers.argmax(axis=1).astype(np.int64)
    return np.where(answers[:, positive] > threshold, positive, 1 - positive).astype(np.int64)
