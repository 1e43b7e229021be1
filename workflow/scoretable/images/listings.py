"""The rows that list a split's images: a table, a COCO file, or a table that holds the pixels too."""

import io
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.layouts import PixelColumns, TestLayout, TrainLayout
from scoretable.competition.tables import name_some, read_table
from scoretable.images.coco import read_coco
from scoretable.images.members import Members
from scoretable.workspace.errors import InputError

MOST_BYTES = 1_000_000_000  # of a table with pixels: 42,000 digits take 77 MB
_ROWS = 5_000  # that are read as numbers at once

Layout = TrainLayout | TestLayout


def read_listing(archive: Archive, layout: Layout, columns: Sequence[str], members: Members) -> pd.DataFrame:
    """Return the rows of a layout's table or COCO file, all as text; raise InputError where one of `columns` lacks.

    Where the layout has `pixels`, they are added to `members` as images named by table and row.
    """
    name = layout.listing or ""
    if layout.table and not layout.pixels:
        return read_table(archive, name, list(columns))
    table = _read_pixel_table(archive, name, layout.pixels, members) if layout.pixels else read_coco(archive, name)
    absent = [column for column in columns if column not in table.columns]
    if absent:
        there = name_some(pd.Series(table.columns[:12], dtype=str), 12) or "none but pixels"
        raise InputError(f"{name} has no column {absent[0]} (it has {there}): correct the competition's file.")
    return table


def read_ids(table: pd.DataFrame, layout: Layout) -> pd.Series:
    """Return the id of each row: that of the id column, or its number from 1."""
    if layout.id_column is not None:
        return table[layout.id_column]
    return pd.Series([str(number) for number in range(1, len(table) + 1)], index=table.index, dtype=str)


def find_members(table: pd.DataFrame, name: str, layout: Layout, given: pd.DataFrame, members: Members) -> list[str]:
    """Return the image of each row, or ''; `given` are the fields id and label, the others are the table's columns."""
    if layout.pixels:
        return [pixel_member(name, row) for row in table.index]
    absent = sorted(field for field in layout.fields if field not in given and field not in table.columns)
    if absent:
        raise InputError(
            f"{name} has no column {absent[0]} for the field {{{absent[0]}}} of `images` (it has "
            f"{name_some(pd.Series(table.columns))}): use {{id}} or one of its columns."
        )
    fields = {field: given[field] if field in given else table[field] for field in sorted(layout.fields)}
    return members.find_all(layout.patterns, pd.DataFrame(fields, index=table.index))


def pixel_member(table: str, row: int) -> str:
    """Return the name of the image in a row of a table, counted from 0; it is shown as the line of the file."""
    return f"{table}, line {row + 2}"


def _read_pixel_table(archive: Archive, name: str, pixels: PixelColumns, members: Members) -> pd.DataFrame:
    content = _read(archive, name)
    try:
        columns = pd.read_csv(io.BytesIO(content), dtype=str, nrows=0, encoding="utf-8-sig").columns
        named = [column for column in columns if fnmatchcase(column, pixels.columns)]
        _refuse_number(len(named), name, pixels)
        others = [column for column in columns if column not in set(named)]
        rows = pd.read_csv(io.BytesIO(content), usecols=[*others, named[0]], dtype=str, keep_default_na=False)
        chunks = pd.read_csv(io.BytesIO(content), usecols=named, dtype=np.float32, chunksize=_ROWS)
        images = np.concatenate([_as_bytes(chunk, name) for chunk in chunks])
    except ValueError as error:  # also of pandas' own errors, and of a cell that is no number
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name} in the archive is no table of pixels ({reason}): correct `pixels`.") from None
    images = images.reshape(-1, pixels.height, pixels.width)
    members.pixels |= {pixel_member(name, row): image for row, image in enumerate(images)}
    return rows[others]


def _read(archive: Archive, name: str) -> bytes:
    try:
        return archive.read(name, MOST_BYTES)
    except KeyError:
        there = [member for member in archive.names if member.lower().endswith(".csv")]
        raise InputError(f"the archive has no table {name} (its tables: {', '.join(there[:5]) or 'none'}).") from None


def _refuse_number(found: int, name: str, pixels: PixelColumns) -> None:
    if found != pixels.height * pixels.width:
        raise InputError(
            f"{name} has {found} columns {pixels.columns}, but {pixels.height} x {pixels.width} pixels need "
            f"{pixels.height * pixels.width}: correct `pixels` in the competition's file."
        )


def _as_bytes(chunk: pd.DataFrame, name: str) -> np.ndarray:
    values = chunk.to_numpy()
    if not ((values >= 0) & (values <= 255)).all():
        raise InputError(f"{name} in the archive has pixels that are not numbers from 0 to 255: fix the table.")
    return values.astype(np.uint8)
