"""The label cell of each row of a table, as one text whichever columns hold it."""

import numpy as np
import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.label_lists import join_lists
from scoretable.competition.layouts import TrainLayout
from scoretable.competition.spelling import Notes, tell, with_ones, with_points
from scoretable.competition.tables import name_some, refuse_values
from scoretable.competition.targets import join_labels
from scoretable.competition.task import is_number
from scoretable.workspace.errors import InputError, how_many


def read_label_cells(table: pd.DataFrame, competition: Competition, notes: Notes | None = None) -> pd.Series:
    """Return the label of each row, '' where it has none.

    From `label_columns` of 0 and 1 it is the name of the column with the 1, or of several joined by the
    competition's separator; from columns of numbers it is what `join_numbers` makes of them. `notes` gets what was read
    otherwise than it stands.
    """
    layout = competition.train
    if is_number(competition.task):
        columns = layout.label_columns or [layout.label_column or ""]
        table = table.assign(
            **{
                name: with_points(table[name], f"{layout.place}, column {name}", notes, competition.commas)
                for name in columns
            }
        )
    if not layout.label_columns:
        cells, place = table[layout.label_column or ""], f"{layout.place}, column {layout.label_column}"
        lists = competition.task == "multilabel"
        return join_lists(cells, competition.label_separator, place, notes) if lists else cells
    if is_number(competition.task):
        return join_numbers(table[layout.label_columns])
    chosen = _read_yes_or_no(table, layout, notes)
    if competition.task != "multilabel":
        several = table[layout.id_column][chosen.sum(axis=1) > 1]
        mend = "correct train.label_columns, or set task: multilabel"
        refuse_values(layout.place, layout.label_place, several, "id with a 1 in several columns", mend)
    joined = join_labels(chosen, layout.label_columns, competition.label_separator)
    return pd.Series(joined, index=table.index, dtype=str)


def join_numbers(columns: pd.DataFrame) -> pd.Series:
    """Return the numbers of each row, in the order of the columns, as one text with a space in between.

    '' where one of them is empty; whether each is a number is for the task to check.
    """
    texts = columns.apply(lambda column: column.str.strip())
    whole = (texts != "").all(axis=1)
    return texts.agg(" ".join, axis=1).where(whole, "")


def map_labels(labels: pd.Series, layout: TrainLayout, separator: str | None) -> pd.Series:
    """Return the labels as `train.label_map` has them; `separator`: of several labels in a cell, else None.

    Raises InputError that names a label which the map lacks.
    """
    if layout.label_map is None:
        return labels

    def map_one(label: str) -> str:
        mapped = layout.map_label(label)
        if mapped is None:
            raise InputError(
                f"{layout.place}, {layout.label_place}: the label {label} is not in train.label_map: add it there, or "
                "the key '*' for all others."
            )
        return mapped

    def map_cell(cell: str) -> str:
        parts = [cell] if separator is None else cell.split(separator)
        mapped = dict.fromkeys(map_one(part) for part in parts if part.strip())
        return (separator or "").join(filter(None, mapped))

    present = {
        part.strip() for cell in labels.unique() for part in ([cell] if separator is None else cell.split(separator))
    }
    unused = [name for name in layout.label_map if name != "*" and name.strip() not in present]
    if unused:
        raise InputError(
            f"train.label_map has the label {unused[0]}, which no image has (the labels: "
            f"{name_some(sorted(present), 8)}): correct it, or remove it."
        )
    known = {cell: map_cell(cell) for cell in labels.unique()}
    return labels.map(known)


def _read_yes_or_no(table: pd.DataFrame, layout: TrainLayout, notes: Notes | None) -> np.ndarray:
    mend = "correct train.label_columns, or set task: multi_regression"
    found: Notes = []
    chosen = np.zeros((len(table), len(layout.label_columns or ())), bool)
    for place, column in enumerate(layout.label_columns or ()):
        cells = with_ones(table[column], f"{layout.place}, column {column}", found)
        numbers = pd.to_numeric(cells, errors="coerce")
        refuse_values(layout.place, column, table[column][~numbers.isin([0, 1])], "value other than 0 and 1", mend)
        chosen[:, place] = numbers == 1
    for line in found[:1]:
        more = f", and the same in {how_many(len(found) - 1, 'other column')}" if len(found) > 1 else ""
        tell(notes, f"{line}{more}")
    return chosen
