"""The submission file: one row per image of the competition's sample file."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from scoretable.competition.archive import open_archive
from scoretable.competition.description import SubmissionLayout
from scoretable.competition.tables import read_table, refuse_harmful
from scoretable.competition.targets import THRESHOLD, join_labels, parse_numbers, split_labels
from scoretable.competition.task import Task, has_one_label, is_number
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError, how_many


def read_sample(archive: Path, layout: SubmissionLayout) -> pd.DataFrame:
    """Return the sample submission that lies in the competition's archive, all cells text."""
    with tempfile.TemporaryDirectory() as scratch, open_archive(archive, Path(scratch)) as opened:
        table = read_table(opened, layout.sample, [layout.id_column, layout.label_column])
    for column in table:
        refuse_harmful(layout.sample, str(column), [str(column), *table[column]])
    return table


def write_submission(
    answers: np.ndarray,
    ids: list[str],
    classes: list[str],
    sample: pd.DataFrame,
    id_column: str,
    label_column: str,
    target: Path,
    task: Task = "multiclass",
    separator: str = " ",
) -> pd.DataFrame:
    """Write the answer to each image, in the order of the sample file, and return the table.

    `answers`: float (n, columns), as `inference.predict_answers` returns them, with one row for each of `ids`.
    multiclass and binary: the likeliest of `classes` is written. multilabel: all with a probability of 0.5 or more,
    joined by `separator`, perhaps none. regression and unit_regression: the number. Raises InputError where the ids or
    the columns are not those of the sample, and for numbers that are not finite.
    """
    refuse_harmful("the predictions", "classes", classes)
    labels = pd.Series(_as_text(answers, classes, task, separator), index=ids, dtype=str)
    absent = [name for name in (id_column, label_column) if name not in sample.columns]
    if absent:
        raise InputError(
            f"the sample submission has no column {absent[0]} (it has {', '.join(sample.columns)}): "
            "correct `submission` in the competition's file."
        )
    table = sample.copy()
    missing = sorted(set(table[id_column]) - set(ids))
    if missing:
        raise InputError(
            f"the predictions lack {how_many(len(missing), 'id')} of the sample submission, such as {missing[0]}."
        )
    table[label_column] = table[id_column].map(labels)
    validate_submission(table, sample, classes, id_column, label_column, task, separator)
    with replacing(target) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return table


def validate_submission(
    table: pd.DataFrame,
    sample: pd.DataFrame,
    classes: list[str],
    id_column: str,
    label_column: str,
    task: Task = "multiclass",
    separator: str = " ",
) -> None:
    """Raise InputError unless `table` has the sample's columns, ids and order, and known labels or numbers only."""
    if list(table.columns) != list(sample.columns):
        raise InputError(
            f"the submission's columns are {', '.join(table.columns)}; the sample has {', '.join(sample.columns)}."
        )
    if list(table[id_column]) != list(sample[id_column]):
        raise InputError("the submission's ids are not those of the sample, in the same order: predict again.")
    cells = table[label_column].astype(str)
    if is_number(task):
        broken = table[id_column][np.isnan(parse_numbers(cells))]
        if len(broken):
            raise InputError(
                f"the submission has {how_many(len(broken), 'id')} without a number, such as {broken.iloc[0]}."
            )
        return
    unknown = sorted(set(split_labels(cells, task, separator)) - set(classes))
    if unknown:
        raise InputError(f"the submission has {how_many(len(unknown), 'unknown label')}, such as {unknown[0]}.")


def _as_text(answers: np.ndarray, classes: list[str], task: Task, separator: str) -> list[str]:
    if is_number(task):
        return [str(number) for number in answers[:, 0].astype(np.float32)]  # the fewest digits that tell it apart
    if has_one_label(task):
        return [classes[index] for index in answers.argmax(axis=1)]
    return join_labels(answers >= THRESHOLD, classes, separator)
