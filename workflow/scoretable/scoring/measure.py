"""A competition's metric with all that its value depends on beside the truth and the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.answer_form import positive_place
from scoretable.competition.description import Competition
from scoretable.competition.metric import Score
from scoretable.competition.task import Task, count_outputs
from scoretable.scoring.choices import PLAIN, Choices, Cut, choose
from scoretable.scoring.scores import score


@dataclass(frozen=True)
class Measure:
    """How answers to images of known truth are scored.

    metric: with its k and beta, as in `scores.score`. classes: how many there are, of which some may have no image.
    positive: the place of the positive one of two classes, where a metric of two classes looks for it. at_least_one:
    see `choices.Cut`.
    """

    metric: Score
    task: Task
    classes: int
    positive: int = 1
    k: int = 5
    beta: float = 2.0
    at_least_one: bool = False

    @classmethod
    def of(cls, competition: Competition, classes: Sequence[str], at_least_one: bool = False) -> Self:
        """Return that of a competition whose images have these classes."""
        positive = 1 if competition.positive_class is None else positive_place(competition, classes)
        return cls(
            competition.score, competition.task, len(classes), positive, competition.metric_k, competition.metric_beta,
            at_least_one,
        )  # fmt: skip

    def score(self, truth: NDArray, answers: NDArray[np.floating], cut: Cut = PLAIN) -> float:
        """Return the value; shapes as `ImageCache.truth` and `finish_answers` have them, errors as in `score`."""
        cuts = cut.points_between(self.classes) if self.task == "ordinal" else None
        truth, answers = self.arrange(truth, answers)
        return score(
            self.metric, truth, answers, k=self.k, beta=self.beta, threshold=cut.threshold, cuts=cuts,
            at_least_one=self.at_least_one,
        )  # fmt: skip

    def choose(self, truth: NDArray, answers: NDArray[np.floating], cut: Cut = PLAIN) -> Choices:
        """Return the labels that answers come to, of those that `arrange` returned."""
        cuts = cut.points_between(self.classes) if self.task == "ordinal" else None
        return choose(truth, answers, cut.threshold, cuts, self.at_least_one)

    def arrange(self, truth: NDArray, answers: NDArray[np.floating]) -> tuple[NDArray, NDArray[np.floating]]:
        """Put the positive one of two classes into the second place, where metrics of two classes look for it."""
        return (truth, answers) if self.positive == 1 else (1 - truth, answers[:, ::-1])

    def refuse_undefined(self, truth: NDArray) -> None:
        """Raise InputError where the metric has no value for images of this truth, whatever is answered."""
        outputs = 2 if self.task == "binary" else count_outputs(self.task, self.classes)
        self.score(truth, np.full((len(truth), outputs or 1), 1 / max(outputs, 1), np.float32))


def finish_answers(outputs: NDArray[np.floating], task: Task) -> NDArray[np.float32]:
    """Return a model's `outputs`, float (n, outputs), as answers; `inference.predict_answers` says what they are."""
    if task == "multiclass":
        return np.asarray(outputs / outputs.sum(axis=1, keepdims=True), np.float32)
    answers = np.asarray(outputs, np.float32)
    return np.hstack([1 - answers, answers]) if task == "binary" else answers
