"""The rows that list a split's images: a table, a COCO file, or a table that holds the pixels too."""

import io
from collections.abc import Sequence
from fnmatch import fnmatchcase
from math import isqrt

import numpy as np
import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.layouts import PixelColumns, TestLayout, TrainLayout
from scoretable.competition.tables import (
    TABLES,
    name_some,
    read_file,
    read_table,
    refuse_absent,
    refuse_other_kind,
)
from scoretable.images.coco import read_coco
from scoretable.images.members import Members
from scoretable.workspace.errors import InputError, how_many, nearest_name

MOST_BYTES = 1_000_000_000  # of a table with pixels: 42,000 digits take 77 MB
_ROWS = 5_000  # that are read as numbers at once

Layout = TrainLayout | TestLayout


def read_listing(archive: Archive, layout: Layout, split: str, members: Members) -> pd.DataFrame:
    """Return the rows of a layout's table or COCO file, all as text; raise InputError where it lacks a column.

    Where the layout has `pixels`, they are added to `members` as images named by table and row.
    """
    name, columns, key = layout.listing or "", layout.keys_of_columns(split), layout.key_of_listing(split)
    if layout.table and not layout.pixels:
        return read_table(archive, name, columns, key)
    if layout.pixels:
        table = _read_pixel_table(archive, name, layout.pixels, split, members)
    else:
        table = read_coco(archive, name, key)
    refuse_absent(name, list(table.columns), columns, there="none but pixels" if layout.pixels else "none")
    return table


def read_ids(table: pd.DataFrame, layout: Layout) -> pd.Series:
    """Return the id of each row: that of the id column, or its number from 1."""
    if layout.id_column is not None:
        return table[layout.id_column]
    return pd.Series([str(number) for number in range(1, len(table) + 1)], index=table.index, dtype=str)


def find_members(
    table: pd.DataFrame, name: str, layout: Layout, split: str, given: pd.DataFrame, members: Members
) -> list[str]:
    """Return the image of each row, or ''; `given` are the fields id and label, the others are the table's columns."""
    if layout.pixels:
        return [pixel_member(name, row) for row in table.index]
    absent = sorted(field for field in layout.fields if field not in given and field not in table.columns)
    if absent:
        likely = nearest_name(absent[0], [*given, *table.columns]) or "id"
        raise InputError(
            f"{name} has no column {absent[0]} for the field {{{absent[0]}}} of {split}.images: {layout.shown_images} "
            f"(it has {name_some(pd.Series(table.columns), 12)}): write {{{likely}}} there, or another column."
        )
    fields = {field: given[field] if field in given else table[field] for field in sorted(layout.fields)}
    return members.find_all(layout.patterns, pd.DataFrame(fields, index=table.index))


def pixel_member(table: str, row: int) -> str:
    """Return the name of the image in a row of a table, counted from 0; it is shown as the line of the file."""
    return f"{table}, line {row + 2}"


def _read_pixel_table(archive: Archive, name: str, pixels: PixelColumns, split: str, members: Members) -> pd.DataFrame:
    content = read_file(archive, name, f"{split}.table", TABLES, MOST_BYTES)
    refuse_other_kind(content, name, f"{split}.table")
    try:
        columns = pd.read_csv(io.BytesIO(content), dtype=str, nrows=0, encoding="utf-8-sig").columns
        named = [column for column in columns if fnmatchcase(column, pixels.columns)]
        _refuse_number(list(columns), named, name, pixels, split)
        others = [column for column in columns if column not in set(named)]
        rows = pd.read_csv(io.BytesIO(content), usecols=[*others, named[0]], dtype=str, keep_default_na=False)
        chunks = pd.read_csv(io.BytesIO(content), usecols=named, dtype=np.float32, chunksize=_ROWS)
        images = np.concatenate([_as_bytes(chunk, name) for chunk in chunks])
    except ValueError as error:  # also of pandas' own errors, and of a cell that is no number
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name} in the archive is no table of pixels ({reason}): correct {split}.pixels.") from None
    images = images.reshape(-1, pixels.height, pixels.width)
    members.pixels |= {pixel_member(name, row): image for row, image in enumerate(images)}
    return rows[others]


def _refuse_number(there: Sequence[str], named: list[str], name: str, pixels: PixelColumns, split: str) -> None:
    if len(named) == pixels.height * pixels.width:
        return
    side = isqrt(len(named))
    square = f", such as height: {side}, width: {side}" if named and side * side == len(named) else ""
    raise InputError(
        f"{name} has {how_many(len(named), 'column')} {pixels.columns}, but {pixels.height} x {pixels.width} pixels "
        f"need {pixels.height * pixels.width} (its columns: {name_some(pd.Series(there, dtype=str), 4)}): correct "
        f"{split}.pixels{square}."
    )


def _as_bytes(chunk: pd.DataFrame, name: str) -> np.ndarray:
    values = chunk.to_numpy()
    if not ((values >= 0) & (values <= 255)).all():
        raise InputError(f"{name} in the archive has pixels that are not numbers from 0 to 255: fix the table.")
    return values.astype(np.uint8)
