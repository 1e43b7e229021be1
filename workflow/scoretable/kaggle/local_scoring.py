"""Marks a submission to a sandbox competition as Kaggle would: by its own metric, in the form that its sample wants."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoretable.competition.answer_form import AnswerForm, check_sample, positive_place
from scoretable.competition.description import Competition
from scoretable.competition.sample import read_sample
from scoretable.competition.task import has_one_label
from scoretable.experiments.score_file import write_score
from scoretable.rows.layout import Layout
from scoretable.sandbox.blade import LABELS
from scoretable.scoring.scores import score
from scoretable.workspace.errors import InputError, how_many

ID, LABEL = "image_id", "label"  # columns of the answers
USAGES = ("Public", "Private")


def score_sandbox(layout: Layout, competition: Competition) -> None:
    """Score the row's submission and write its score files."""
    write_score(layout.scored, layout.submission, "complete", **score_here(layout.submission, layout, competition))


def score_here(submission: Path, layout: Layout, competition: Competition) -> dict[str, Any]:
    """Score as `score_submission` does; raise InputError where there are no answers or they are of another task."""
    answers = layout.answers
    if not answers.exists():
        raise InputError(
            f"only the sandbox is scored here, and {answers} is missing: draw it with `scoretable download`, or submit "
            "to Kaggle."
        )
    if not has_one_label(competition.task):
        raise InputError(
            f"the sandbox's answers have one label per image, which task: {competition.task} does not submit."
        )
    return score_submission(submission, answers, read_sample(layout.archive, competition.submission), competition)


def score_submission(submission: Path, answers: Path, sample: pd.DataFrame, competition: Competition) -> dict[str, Any]:
    """Compare `submission` (CSV with the columns of `sample`) with `answers` (CSV: image_id,label,usage).

    Returns the figures of a score file: public_score and private_score, cut to five decimals, not rounded, as Kaggle
    shows them; the number of images behind each; and, where the metric is the accuracy, how many of them are right.

    The order of the rows is free; a label that the competition does not know counts as wrong, as on Kaggle.
    Raises InputError where a file cannot be read, the columns differ, a label or a probability is missing, or an id is
    missing, repeated or unknown.
    """
    classes = _list_classes(competition)
    form = check_sample(sample, competition, classes)
    truth = _read(answers, ID, [ID, LABEL, "usage"], "draw them again with `scoretable download`")
    given = _read(
        submission, competition.submission.id_column, [str(column) for column in sample], "write the submission again"
    )
    _refuse_other_ids(submission, given.index, truth.index)
    if set(truth["usage"]) != set(USAGES):
        raise InputError(
            f"The answers {answers} must give each row the usage Public or Private, and use each at least once: "
            "draw them again with `scoretable download`."
        )
    true = np.array([classes.index(_learned(label, competition)) for label in truth[LABEL]])
    found = _read_answers(given.loc[truth.index, list(form.columns)], form, classes, submission)
    figures: dict[str, Any] = {}
    for usage in USAGES:
        figures |= _score_part(usage.lower(), true, found, (truth["usage"] == usage).to_numpy(), competition)
    return figures


def _score_part(
    name: str, truth: np.ndarray, answers: np.ndarray, rows: np.ndarray, competition: Competition
) -> dict[str, Any]:
    metric, images = competition.score, int(rows.sum())
    value = score(metric, truth[rows], answers[rows], k=competition.metric_k, beta=competition.metric_beta)
    right = {f"{name}_correct": round(value * images)} if metric == "accuracy" else {}
    return {f"{name}_score": _cut(value), **right, f"{name}_images": images}


def _list_classes(competition: Competition) -> list[str]:
    """Return the classes of the drawn labels, the positive one of two last, where metrics of two look for it."""
    classes = sorted({_learned(label, competition) for label in LABELS})
    if competition.positive_class is not None and positive_place(competition, classes) == 0:
        classes.reverse()
    return classes


def _learned(label: str, competition: Competition) -> str:
    return competition.train.map_label(label) or label


def _read(path: Path, id_column: str, columns: list[str], mend: str) -> pd.DataFrame:
    """The table indexed by its ids, all cells text and none empty."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False)
    except (OSError, ValueError) as error:  # pandas' parser errors and bad UTF-8 are ValueErrors
        raise InputError(f"The file {path} cannot be read as CSV ({error}): {mend}.") from error
    if sorted(table.columns) != sorted(columns):
        raise InputError(
            f"The file {path} has the columns {', '.join(table.columns)}, not {', '.join(columns)}: {mend}."
        )
    empty = (table.apply(lambda column: column.str.strip()) == "").any(axis=1)
    if empty.any():
        example = table.loc[empty, id_column].iloc[0]
        raise InputError(
            f"The file {path} has {how_many(empty.sum(), 'row')} with an empty cell, such as {example!r}: {mend}."
        )
    repeated = table[id_column].duplicated()
    if repeated.any():
        example = table.loc[repeated, id_column].iloc[0]
        raise InputError(
            f"The file {path} lists {how_many(repeated.sum(), 'id')} more than once, such as {example!r}: {mend}."
        )
    return table.set_index(id_column)


def _refuse_other_ids(submission: Path, given: pd.Index, known: pd.Index) -> None:
    missing, unknown = known.difference(given), given.difference(known)
    if len(missing) or len(unknown):
        example = missing[0] if len(missing) else unknown[0]
        raise InputError(
            f"The submission {submission} lacks {how_many(len(missing), 'id')} and has "
            f"{how_many(len(unknown), 'id')} that the answers lack, such as {example!r}: write it again for this "
            "competition."
        )


def _read_answers(cells: pd.DataFrame, form: AnswerForm, classes: Sequence[str], submission: Path) -> np.ndarray:
    """Return what the cells answer, float (n, classes); a label that is unknown has a column of its own."""
    if form.form in ("label", "ranked"):
        return _read_labels(cells.iloc[:, 0], classes)
    numbers = cells.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    wrong = cells.index[~np.all((numbers >= 0) & (numbers <= 1), axis=1)]
    if len(wrong):
        raise InputError(
            f"The submission {submission} has {how_many(len(wrong), 'row')} with a cell that is no probability from 0 "
            f"to 1, such as {wrong[0]!r}: write the submission again."
        )
    if form.form == "columns":
        return numbers[:, np.argsort(form.places)]
    return np.hstack([1 - numbers, numbers])


def _read_labels(cells: pd.Series, classes: Sequence[str]) -> np.ndarray:
    """Return 1 for the first label of a cell, and less for each that follows it."""
    lists = [cell.split() for cell in cells]
    names = [*classes, *sorted({label for labels in lists for label in labels} - set(classes))]
    place = {name: number for number, name in enumerate(names)}
    answers = np.zeros((len(lists), len(names)))
    for row, labels in enumerate(lists):
        answers[row, [place[label] for label in labels]] = 1 / np.arange(1, len(labels) + 1)
    return answers


def _cut(value: float) -> float:
    """Return the first five decimals; what lies behind the ninth is the noise of adding up."""
    return math.trunc(round(value * 100_000, 4)) / 100_000
