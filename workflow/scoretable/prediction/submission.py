"""The submission file: one row per image of the competition's sample file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from scoretable.competition.answer_form import AnswerForm, check_sample
from scoretable.competition.csv_text import UNNAMED
from scoretable.competition.description import Competition
from scoretable.competition.tables import refuse_harmful
from scoretable.competition.targets import rate_places
from scoretable.competition.task import has_one_label
from scoretable.prediction.answer_cells import fill_columns
from scoretable.prediction.predictions import Predictions
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError, how_many
from scoretable.workspace.row_blocks import blocks_of

MOST_OFF = 1e-6  # by which the probabilities of a row may miss 1


def write_submission(
    predictions: Predictions,
    sample: pd.DataFrame,
    competition: Competition,
    target: Path,
    cut: Cut = PLAIN,
    spelt: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Write the answer to each image, in the order and the columns of the sample, and return the table.

    What is written is what `answer_form.check_sample` says. `cut`: where answers are cut into labels. `spelt`: the
    sample as its archive spells it, whose header and ids are written; None for those of `sample`.
    Raises InputError where the ids or the columns are not those of the sample,
    and for answers that are not finite.
    """
    refuse_harmful("the predictions", "classes", predictions.classes)
    form = check_sample(sample, competition, predictions.classes)
    ids = sample[competition.submission.id_column]
    missing = sorted(set(ids) - set(predictions.ids))
    if missing:
        raise InputError(
            f"the predictions lack {how_many(len(missing), 'id')} of the sample submission, such as {missing[0]}."
        )
    rows = pd.Index(predictions.ids).get_indexer(pd.Index(ids))
    cells: dict[str, list[str]] = {column: [] for column in form.columns}
    finite = []
    for block in blocks_of(len(rows)):
        answers = predictions.answers[rows[block]]
        finite.append(np.isfinite(answers).all(axis=1))
        if competition.task == "ordinal":
            answers = rate_places(answers, len(predictions.classes), cut.points)
        for column, texts in fill_columns(answers, predictions.classes, form, competition, cut).items():
            cells[column] += texts
    _refuse_ids(ids[~np.concatenate(finite)], "id without a finite answer")
    table = sample.assign(**cells)  # which are all of the answer's columns: see check_sample
    if spelt is not None:
        own = str(spelt.columns[list(sample.columns).index(competition.submission.id_column)])
        table = table.set_axis(spelt.columns, axis=1).assign(**{own: spelt[own]})
    validate_submission(table, sample, competition, predictions.classes, spelt)
    with replacing(target) as temporary:
        header = ["" if name.startswith(UNNAMED) else name for name in map(str, table.columns)]
        table.to_csv(temporary, index=False, header=header, lineterminator="\n")
    return table


def validate_submission(
    table: pd.DataFrame,
    sample: pd.DataFrame,
    competition: Competition,
    classes: Sequence[str],
    spelt: pd.DataFrame | None = None,
) -> None:
    """Raise InputError unless a grader could mark `table` (cells text); `spelt`: see `write_submission`.

    It has the sample's columns, ids and order; its labels are known; its numbers are finite, and probabilities from 0
    to 1 that sum to 1 in each row where an image has one label of several.
    """
    wanted, id_column = sample if spelt is None else spelt, competition.submission.id_column
    if list(table.columns) != list(wanted.columns):
        raise InputError(
            f"the submission's columns are {', '.join(table.columns)}; the sample has {', '.join(wanted.columns)}."
        )
    own = str(wanted.columns[list(sample.columns).index(id_column)])
    if list(table[own]) != list(wanted[own]):
        raise InputError("the submission's ids are not those of the sample, in the same order: predict again.")
    table = table.set_axis(sample.columns, axis=1)
    form = check_sample(sample, competition, classes)
    if form.form in ("label", "labels", "ranked"):
        _refuse_labels(table[form.columns[0]].astype(str), table[id_column], form, competition, classes)
    else:
        _refuse_numbers(table[list(form.columns)], table[id_column], form, competition)


def _refuse_labels(
    cells: pd.Series, ids: pd.Series, form: AnswerForm, competition: Competition, classes: Sequence[str]
) -> None:
    lists = _split(cells, form, competition)
    unknown = sorted({label for labels in lists for label in labels} - set(classes))
    if unknown:
        raise InputError(
            f"the submission has {how_many(len(unknown), 'unknown label')}, such as {unknown[0] or 'an empty one'}."
        )
    counts = np.array([len(labels) for labels in lists])
    repeated = np.array([len(set(labels)) for labels in lists]) < counts
    fewest, most = (0, len(classes)) if form.form == "labels" else (1, form.ranks)
    _refuse_ids(ids[repeated], "id with the same label twice")
    _refuse_ids(ids[(counts < fewest) | (counts > most)], f"id without a label or with more than {most}")


def _split(cells: pd.Series, form: AnswerForm, competition: Competition) -> list[list[str]]:
    if form.form == "label":
        return [[cell] for cell in cells]
    separator = competition.label_separator if form.form == "labels" else " "
    return [[part for part in map(str.strip, cell.split(separator)) if part] for cell in cells]


def _refuse_numbers(cells: pd.DataFrame, ids: pd.Series, form: AnswerForm, competition: Competition) -> None:
    numbers = cells.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)
    _refuse_ids(ids[~np.all(np.isfinite(numbers), axis=1)], "id without a number")
    if form.form == "numbers" and competition.task != "unit_regression":
        return
    _refuse_ids(ids[np.any((numbers < 0) | (numbers > 1), axis=1)], "id with a number outside 0 to 1")
    if form.form == "columns" and has_one_label(competition.task):
        off = np.abs(numbers.sum(axis=1) - 1) > MOST_OFF
        _refuse_ids(ids[off], "id with probabilities that do not sum to 1")


def _refuse_ids(ids: pd.Series, problem: str) -> None:
    if len(ids):
        noun, _, rest = problem.partition(" ")
        raise InputError(f"the submission has {how_many(len(ids), noun)} {rest}, such as {ids.iloc[0]}.")
