"""The answers of rows to the images that they held out, scored on any choice of those images."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.description import Competition
from scoretable.experiments.experiment import Experiment
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.rows.layout import Layout
from scoretable.scoring.choices import Cut
from scoretable.scoring.decision import parse_figures
from scoretable.scoring.measure import Measure
from scoretable.table.table import find_competition

COUNTED = ("accuracy", "error")  # metrics that are a share of images


def read_given(experiment: Experiment, competition: Competition | None) -> tuple[ValidationAnswers, Cut] | None:
    """Return a row's answers to its validation images, and where its submission cuts them.

    None where they are not here, as of rows older than the file, are damaged, or the competition's file is missing.
    Raises InputError where the row's evaluation is damaged.
    """
    place, evaluation = experiment.cached(Layout.validation.as_posix()), Layout.evaluation.as_posix()
    if place is None or competition is None:
        return None
    _, cut = parse_figures(experiment.read(evaluation) or b"{}", f"{evaluation} of row {experiment.name}")
    try:
        return ValidationAnswers.read(place, competition.task), cut
    except (KeyError, ValueError, OSError):  # of another task, or damaged
        return None


class Marked(Protocol):
    """Answers to images whose truth is known."""

    @property
    def images(self) -> int:
        """How many images there are."""

    def score(self, chosen: NDArray[np.intp], /) -> float:
        """Return the score of these images, of which some may come several times."""

    def correct(self) -> NDArray | None:
        """Return which images are answered right, bool or 0 to 1 (n,), None where the metric is no share of images."""


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
        given = read_given(experiment, competition)
        if competition is None or given is None:
            return None
        found, cut = given
        order = np.argsort(found.row, kind="stable")
        measure = Measure.of(competition, found.classes, cut.at_least_one)
        return cls(found.row[order], found.truth[order], np.asarray(found.answers[order]), measure, cut)

    def answers_same(self, other: "RowAnswers") -> bool:
        """Whether both answer the same images."""
        return np.array_equal(self.row, other.row) and np.array_equal(self.truth, other.truth)

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.row)

    def score(self, chosen: NDArray[np.intp]) -> float:
        """Return the score of these images, of which some may come several times; errors as in `Measure.score`."""
        return self.measure.score(self.truth[chosen], self.answers[chosen], self.cut)

    def correct(self) -> NDArray[np.bool_] | None:
        """Return which images are answered right, bool (n,), None where the metric is no share of images."""
        if self.measure.metric not in COUNTED:
            return None
        return self.measure.choose(*self.measure.arrange(self.truth, self.answers), self.cut).right
