"""A training table without the column `label`, of a file that names no column of labels."""

from contextlib import suppress

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.sample import read_sample_in
from scoretable.competition.tables import name_some, refuse_absent
from scoretable.workspace.errors import InputError

MOST_LISTED = 90  # characters of columns that are all named


def refuse_without_labels(archive: Archive, table: pd.DataFrame, competition: Competition) -> None:
    """Raise InputError that names the sample's answer columns which `table`, that of train, has too.

    Where it has fewer than two, or the task asks for one label, the sentence is that of any absent column.
    """
    layout, sample = competition.train, competition.submission
    columns: list[str] = []
    if competition.task in ("multilabel", "multi_regression", "multiclass"):
        with suppress(InputError):  # of a sample that cannot be read, which is refused after the images
            columns = [str(name) for name in read_sample_in(archive, sample, competition.encoding)]
    shared = [name for name in columns if name in table.columns and name not in {sample.id_column, layout.id_column}]
    if len(shared) > 1:
        some = ", ".join(shared)
        listed = some if len(some) <= MOST_LISTED else name_some(shared)
        raise InputError(
            f"{layout.place} has no column {layout.label_column}, which is the default of train.label_column, but "
            f"{len(shared)} columns of {sample.sample}: set train.label_columns: [{listed}]."
        )
    several = competition.task in ("multilabel", "multi_regression")
    key = "train.label_column (or label_columns)" if several else "train.label_column"
    refuse_absent(layout.place, list(table.columns), {str(layout.label_column): key})
