"""CSV tables inside of a competition's archive, and the refusal of what is wrong in them."""

import io

import pandas as pd

from scoretable.archive import Archive
from scoretable.errors import InputError

SHOWN = 3  # how many offending values a message names


def read_table(archive: Archive, name: str, columns: list[str]) -> pd.DataFrame:
    """Return a CSV member, all as text.

    Raises InputError where it is missing, is no CSV table in UTF-8, lacks one of `columns`, or has no rows.
    """
    try:
        content = archive.read(name)
    except KeyError:
        tables = [member for member in archive.names if member.lower().endswith(".csv")]
        raise InputError(
            f"the archive has no table {name}: correct the competition's file; tables of the archive are "
            f"{', '.join(tables) or 'none'}."
        ) from None
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except ValueError as error:  # also of pandas' own errors and of bytes that are not UTF-8
        reason = " ".join(str(error).split())
        raise InputError(f"{name} in the archive is not a CSV table in UTF-8 ({reason}): save it as one.") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{name} in the archive has more values in a row than columns in its header: mend the table.")
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise InputError(
            f"{name} has no column {absent[0]} (it has {', '.join(table.columns)}): correct the competition's file."
        )
    if table.empty:
        raise InputError(f"{name} in the archive has a header but no rows: mend the table.")
    return table.fillna("")


def refuse_values(table: str, column: str, values: pd.Series, problem: str) -> None:
    """Raise InputError that names the first of `values`, if there are any."""
    if len(values):
        raise InputError(f"{table}, column {column}: {len(values)} {problem}: {name_some(values)}; mend the archive.")


def name_some(values: pd.Series) -> str:
    """Return the first of `values` as a list for a message."""
    shown = ", ".join(repr(value) if value.strip() != value or not value else value for value in values[:SHOWN])
    return f"{shown}, ..." if len(values) > SHOWN else shown
