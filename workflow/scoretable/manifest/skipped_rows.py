"""Rows that a competition's policies leave out, each kept with its reason."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass
class SkippedRows:
    """What was left out so far: id, split and reason of each row."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def add(self, ids: pd.Series, split: str, reason: str) -> None:
        """Note that the rows of `ids` are left out."""
        self.rows += [{"id": id_, "split": split, "reason": reason} for id_ in ids]

    def drop(self, table: pd.DataFrame, rows: pd.Series, split: str, reason: str) -> pd.DataFrame:
        """Return `table` without `rows`, a mask, and note them."""
        self.add(table["id"][rows], split, reason)
        return table[~rows]
