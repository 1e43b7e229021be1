"""The submission file: one row an image of the competition's sample file."""

from pathlib import Path

import numpy as np
import pandas as pd

from scoretable.atomic import replacing
from scoretable.errors import InputError


def write_submission(
    probabilities: np.ndarray,
    ids: list[str],
    classes: list[str],
    sample: pd.DataFrame,
    id_column: str,
    label_column: str,
    target: Path,
) -> pd.DataFrame:
    """Write each image's likeliest class, in the order of the sample file, and return the table.

    `probabilities`: float (n, classes) with one row for each of `ids`. Raises InputError where the ids or the
    columns are not those of the sample.
    """
    labels = pd.Series([classes[index] for index in probabilities.argmax(axis=1)], index=ids, dtype=str)
    absent = [name for name in (id_column, label_column) if name not in sample.columns]
    if absent:
        raise InputError(
            f"the sample submission has no column {absent[0]} (it has {', '.join(sample.columns)}): "
            "correct `submission` in the competition's file."
        )
    table = sample.copy()
    missing = sorted(set(table[id_column]) - set(ids))
    if missing:
        raise InputError(f"{len(missing)} ids of the sample submission have no prediction, {missing[0]} among them.")
    table[label_column] = table[id_column].map(labels)
    validate_submission(table, sample, classes, id_column, label_column)
    with replacing(target) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return table


def validate_submission(
    table: pd.DataFrame, sample: pd.DataFrame, classes: list[str], id_column: str, label_column: str
) -> None:
    """Raise InputError unless `table` has the sample's columns, ids and order, and known labels only."""
    if list(table.columns) != list(sample.columns):
        raise InputError(
            f"the submission's columns are {', '.join(table.columns)}; the sample has {', '.join(sample.columns)}."
        )
    if list(table[id_column]) != list(sample[id_column]):
        raise InputError("the submission's ids are not those of the sample in its order: predict anew.")
    unknown = sorted(set(table[label_column].astype(str)) - set(classes))
    if unknown:
        raise InputError(f"the submission has {len(unknown)} unknown labels, {unknown[0]} among them.")
