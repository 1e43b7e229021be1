"""The weighted mean of several rows' answers, of the answers themselves or of their logits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, softmax

from scoretable.competition.task import TASKS, Task
from scoretable.prediction.predictions import Predictions
from scoretable.scoring.choices import Cut
from scoretable.workspace.errors import InputError

Domain = Literal["probabilities", "logits"]
CLIP = 1e-7  # probabilities are kept this far from 0 and 1 before the logarithm: no row alone rules a class out


@dataclass(frozen=True)
class Mixing:
    """What is averaged of answers, float (n, columns), and how the mean becomes answers again.

    Of logits, the mean is the geometric one of the probabilities, as shares of their sum; where an image has several
    labels, that of the odds of each. Raises InputError for logits of numbers.
    """

    task: Task
    on: Domain = "probabilities"

    def __post_init__(self) -> None:
        if self.on == "logits" and TASKS[self.task].answer == "numbers":
            raise InputError(f"--on logits needs probabilities, and rows of task: {self.task} answer numbers: omit it.")

    def terms(self, answers: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return what is averaged of answers."""
        if self.on == "probabilities":
            return np.asarray(answers, np.float32)
        clipped = np.clip(np.asarray(answers, np.float64), CLIP, 1 - CLIP)
        return np.asarray(logit(clipped) if self.task == "multilabel" else np.log(clipped), np.float32)

    def answers(self, mean: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the answers that a weighted mean of terms stands for."""
        if self.on == "probabilities":
            return np.asarray(mean, np.float32)
        return np.asarray(expit(mean) if self.task == "multilabel" else softmax(mean, axis=1), np.float32)

    def mix(self, terms: Iterable[NDArray[np.floating]], weights: ArrayLike) -> NDArray[np.float32]:
        """Return the answers of a blend; weights: one a row, which add up to 1.

        It is added up row by row, so that equal rows and weights give equal bytes on every machine.
        """
        total: NDArray[np.float64] | float = 0.0
        for term, weight in zip(terms, np.asarray(weights, np.float64), strict=True):
            if weight:
                total = total + weight * np.asarray(term, np.float64)
        return self.answers(np.asarray(total))


def mix_predictions(rows: dict[str, Predictions], mixing: Mixing, weights: Sequence[float]) -> Predictions:
    """Return the weighted mean of the answers of rows given by name, in the first one's order of images.

    Raises InputError where two rows have different images or classes.
    """
    name, first = next(iter(rows.items()))
    terms = []
    for other, predictions in rows.items():
        if predictions.classes != first.classes:
            raise InputError(f"rows {name} and {other} know different classes, so they cannot be blended: omit one.")
        if set(predictions.ids) != set(first.ids):
            raise InputError(f"rows {name} and {other} answer different images, so they cannot be blended: omit one.")
        place = {image: number for number, image in enumerate(predictions.ids)}
        terms.append(mixing.terms(predictions.answers[[place[image] for image in first.ids]]))
    return Predictions(mixing.mix(terms, weights), first.ids, first.classes)


def average_cuts(cuts: Sequence[Cut], classes: int) -> Cut:
    """Return the mean threshold and cut points, for answers that are means too; classes: how many there are."""
    points = [cut.points_between(classes) for cut in cuts]
    ordered = any(cut.points is not None for cut in cuts)
    mean = tuple(np.mean(points, axis=0).tolist()) if ordered else None
    return Cut(float(np.mean([cut.threshold for cut in cuts])), mean, any(cut.at_least_one for cut in cuts))
