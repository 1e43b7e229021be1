"""What rows answered to their validation images, small enough for hundreds of rows on a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.description import Competition
from scoretable.competition.task import has_one_label, is_number
from scoretable.experiments.experiment import Experiment
from scoretable.page.interning import Interned
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.scoring.choices import Cut
from scoretable.scoring.measure import Measure
from scoretable.table.row_answers import read_given
from scoretable.workspace.errors import InputError

MOST = 300_000  # answers that differ from the truth, of all rows together: some 2 MB
NO_LABEL = "(none)"


@dataclass(frozen=True)
class Answered:
    """Of n validation images: what they are called, each name once, what is true, and what a row says, as text."""

    ids: tuple[str, ...]
    truth: tuple[str, ...]
    chosen: tuple[str, ...]


def read_answers(experiment: Experiment, competition: Competition | None) -> Answered | None:
    """Return a row's answers as its submission cuts them.

    None where they are not here, as of rows older than the file, are damaged, or the competition's file is missing.
    """
    try:
        found = read_given(experiment, competition)
        if found is None or competition is None:
            return None
        truth, chosen = _texts(*found, competition)
    except (InputError, IndexError):
        return None
    return Answered(tuple(_told_apart(found[0].ids)), tuple(truth), tuple(chosen))


class AnswerSheet:
    """The answers of all rows. Images and labels that rows share are kept once."""

    def __init__(self) -> None:
        self.labels, self.images, self.kept = Interned(), Interned(), 0

    def add(self, answered: Answered) -> dict[str, Any] | None:
        """Return where a row's images stand in `content`, and its answers that are not the truth.

        wrong: pairs of numbers, how many images further on, and the place of the label. None once there are MOST.
        """
        wrong = [place for place, (a, b) in enumerate(zip(answered.truth, answered.chosen, strict=True)) if a != b]
        if self.kept + len(wrong) > MOST:
            return None
        self.kept += len(wrong)
        truth = tuple(map(self.labels.place, answered.truth))
        pairs: list[int] = []
        for before, after in pairwise([0, *wrong]):
            pairs += [after - before, self.labels.place(answered.chosen[after])]
        return {"images": self.images.place((answered.ids, truth)), "wrong": pairs}

    @property
    def content(self) -> dict[str, Any]:
        """The labels as text, and of each list of images their names and the places of their true labels."""
        return {"labels": self.labels.values, "images": self.images.values}


def _texts(given: ValidationAnswers, cut: Cut, competition: Competition) -> tuple[list[str], list[str]]:
    if is_number(competition.task):
        return [_numbers(row) for row in given.truth], [_numbers(row) for row in given.answers]
    measure = Measure.of(competition, given.classes, cut.at_least_one)
    choices = measure.choose(*measure.arrange(given.truth, given.answers), cut)
    classes = given.classes if measure.positive == 1 else given.classes[::-1]
    name = _class_name if has_one_label(competition.task) else _label_names
    return [name(row, classes) for row in choices.truth], [name(row, classes) for row in choices.chosen]


def _class_name(place: np.integer, classes: Sequence[str]) -> str:
    return classes[int(place)]


def _label_names(row: NDArray[np.bool_], classes: Sequence[str]) -> str:
    return ", ".join(name for name, is_chosen in zip(classes, row, strict=True) if is_chosen) or NO_LABEL


def _numbers(row: NDArray[np.floating]) -> str:
    return ", ".join(f"{value:.4g}" for value in np.atleast_1d(row))


def _told_apart(ids: Sequence[str]) -> Iterator[str]:
    """Yield the names of images, of equal ones with their number."""
    seen: dict[str, int] = {}
    for name in ids:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"
