"""A model's answers as the text of a submission's cells."""

from collections.abc import Sequence

import numpy as np

from scoretable.competition.answer_form import AnswerForm
from scoretable.competition.description import Competition
from scoretable.competition.targets import join_labels
from scoretable.competition.task import has_one_label
from scoretable.scoring.choices import Cut, choose_class, choose_labels
from scoretable.scoring.measure import Measure


def fill_columns(
    answers: np.ndarray,
    classes: Sequence[str],
    form: AnswerForm,
    competition: Competition,
    cut: Cut,
) -> dict[str, list[str]]:
    """Return the cells of each answer column.

    `answers`: float (n, outputs), as `inference.predict_answers` returns them. `cut`: where they are cut into labels.
    """
    if form.form in ("columns", "probability", "numbers"):
        numbers = answers if form.form == "numbers" else _as_probabilities(answers, form, competition)
        return {column: _as_digits(numbers[:, place]) for column, place in zip(form.columns, form.places, strict=True)}
    return {form.columns[0]: _as_labels(answers, classes, form, competition, cut)}


def _as_probabilities(answers: np.ndarray, form: AnswerForm, competition: Competition) -> np.ndarray:
    """Return what is written, within 0 to 1; for one label in several columns float64, so that a row sums to 1."""
    bounded = np.clip(answers, 0, 1)
    if form.form == "probability" or not has_one_label(competition.task):
        return bounded
    exact = bounded.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(exact / exact.sum(axis=1, keepdims=True))


def _as_digits(numbers: np.ndarray) -> list[str]:
    """Return the fewest digits that tell each number apart."""
    kept = numbers if numbers.dtype == np.float64 else numbers.astype(np.float32)
    return [str(number) for number in kept]


def _as_labels(
    answers: np.ndarray,
    classes: Sequence[str],
    form: AnswerForm,
    competition: Competition,
    cut: Cut,
) -> list[str]:
    if form.form == "labels":
        return join_labels(
            choose_labels(answers, cut.threshold, cut.at_least_one), classes, competition.label_separator
        )
    if form.form == "ranked":
        ranked = np.argsort(-answers, axis=1, kind="stable")[:, : form.ranks]  # equal ones keep their order
        return [" ".join(classes[place] for place in row) for row in ranked]
    positive = Measure.of(competition, classes).positive
    return [classes[place] for place in choose_class(answers, cut.threshold, positive)]
