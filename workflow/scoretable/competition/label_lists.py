"""Cells that hold several labels as Python, JSON and NumPy write lists of texts, such as `['a', 'b']`."""

import re
from typing import TYPE_CHECKING

from scoretable.competition.spelling import Notes, tell
from scoretable.workspace.errors import InputError, how_many

if TYPE_CHECKING:
    import pandas as pd

_LIST = r"\[.*\]|\{.*\}|\(.*\)"
_PART = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^\s,'\"][^,]*)")


def are_lists(cells: "pd.Series") -> bool:
    """Return whether all cells that are not empty are lists."""
    filled = cells[cells != ""].drop_duplicates()
    return bool(len(filled)) and bool(filled.str.fullmatch(_LIST).all())


def read_list(cell: str) -> list[str]:
    """Return the texts of a list, without quotes."""
    parts = (("".join(found)).strip() for found in _PART.findall(cell[1:-1]))
    return [part for part in parts if part]


def join_lists(cells: "pd.Series", separator: str, place: str, notes: Notes | None = None) -> "pd.Series":
    """Return lists as labels with `separator` in between, and tell so; other cells as they are.

    Raises InputError where a label has the separator in it.
    """
    if not are_lists(cells):
        return cells
    known = {cell: read_list(cell) for cell in cells.unique()}
    broken = next((part for parts in known.values() for part in parts if separator in part), None)
    if broken is not None:
        free = "," if separator == " " else "|"
        raise InputError(f"{place}: the label {broken} has {separator!r} in it: set label_separator: {free!r}.")
    example = next(cell for cell in cells if cell)
    tell(notes, f"{place}: {how_many(int((cells != '').sum()), 'list')}, such as {example[:40]}, as labels")
    return cells.map({cell: separator.join(parts) for cell, parts in known.items()})
