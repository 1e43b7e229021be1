"""The answers of rows to the images that they held out, scored on any choice of those images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from scoretable.experiments.experiment import Experiment
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.scoring.choices import Cut, choose
from scoretable.scoring.decision import parse_figures
from scoretable.scoring.measure import Measure
from scoretable.table.table import find_competition

ANSWERS, EVALUATION = "models/validation.npz", "models/evaluation.json"
COUNTED = ("accuracy", "error")  # metrics that are a share of images


@dataclass(frozen=True, eq=False)
class RowAnswers:
    """A row's answers to its n validation images, sorted by the place of the image, and how they are scored.

    row: int64 (n,), places in the image cache; truth, answers: as `Measure.score` takes them.
    """

    row: NDArray[np.int64]
    truth: NDArray
    answers: NDArray[np.float32]
    measure: Measure
    cut: Cut

    @classmethod
    def of(cls, experiment: Experiment, root: Path) -> Self | None:
        """Return those of a row, None where they are not in DVC's cache here, or its competition has no file here."""
        competition = find_competition(str(experiment.params.get("competition")), root)
        file = experiment.cached(ANSWERS)
        if competition is None or file is None:
            return None
        try:
            found = ValidationAnswers.read(file, competition.task)
        except (KeyError, ValueError, OSError):
            return None
        _, cut = parse_figures(experiment.read(EVALUATION) or b"{}", f"{EVALUATION} of row {experiment.name}")
        order = np.argsort(found.row, kind="stable")
        measure = Measure.of(competition, found.classes, cut.at_least_one)
        return cls(found.row[order], found.truth[order], np.asarray(found.answers[order]), measure, cut)

    def answers_same(self, other: "RowAnswers") -> bool:
        """Whether both answer the same images."""
        return np.array_equal(self.row, other.row) and np.array_equal(self.truth, other.truth)

    def score(self, chosen: NDArray[np.intp]) -> float:
        """Return the score of these images, of which some may come several times; errors as in `Measure.score`."""
        return self.measure.score(self.truth[chosen], self.answers[chosen], self.cut)

    def correct(self) -> NDArray[np.bool_] | None:
        """Return which images are answered right, bool (n,), None where the metric is no share of images."""
        if self.measure.metric not in COUNTED:
            return None
        truth, answers = self.measure.arrange(self.truth, self.answers)
        cuts = self.cut.points_between(self.measure.classes) if self.measure.task == "ordinal" else None
        choices = choose(truth, answers, self.cut.threshold, cuts, self.measure.at_least_one)
        right = choices.truth == choices.chosen
        return right if right.ndim == 1 else right.all(axis=1)


def score_both(first: Sequence[RowAnswers], second: Sequence[RowAnswers]) -> Callable[[NDArray[np.intp]], list[float]]:
    """Return a function that scores both sides on a choice of images, each by the mean of its rows."""
    return lambda chosen: [float(np.mean([row.score(chosen) for row in side])) for side in (first, second)]
