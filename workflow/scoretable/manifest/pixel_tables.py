"""Tables that hold the pixels of their images: CSV with a column a pixel, or JSON with an array a channel."""

import io
import json
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from math import isqrt
from typing import Any

import numpy as np
import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.csv_text import as_utf8, find_separator
from scoretable.competition.layouts import MOST_CHANNELS, PixelColumns
from scoretable.competition.spelling import Notes
from scoretable.competition.tables import TABLES, name_some, read_file, refuse_other_kind
from scoretable.decoding.unreadable import refuse_size
from scoretable.manifest.coco import as_text
from scoretable.workspace.errors import InputError, how_many

# 42,000 digits take 77 MB as CSV; 8,424 pairs of radar images of 75 x 75 floats take 1.5 GB as JSON.
MOST_BYTES = 2_000_000_000
_BLANK = b"\xef\xbb\xbf \t\r\n"
_START = 100  # bytes that show what a table is written in
_ROWS = 5_000  # that are read as numbers at once


def read_pixel_table(
    archive: Archive,
    name: str,
    pixels: PixelColumns,
    split: str,
    encoding: str | None = None,
    notes: Notes | None = None,
) -> tuple[pd.DataFrame, Iterable[np.ndarray]]:
    """Return the other columns of the table of a split, all as text, and the image of each row.

    Images of a CSV are uint8 (height, width); those of JSON, a list of records or a mapping of columns, have a channel
    for each of `pixels.columns`, (height, width, channels), and hold numbers of any range. Raises InputError where the
    table is missing or its columns do not fit `pixels`.
    """
    content = read_file(archive, name, f"{split}.table", (*TABLES, ".json"), MOST_BYTES)
    if content[:_START].lstrip(_BLANK)[:1] in (b"[", b"{"):
        return _read_json(content, name, pixels, split)
    refuse_other_kind(content, name, f"{split}.table")
    content = as_utf8(content, name, encoding, f"{split}.table", notes)
    try:
        return _read_csv(content, name, pixels, split, notes)
    except ValueError as error:  # also of pandas' own errors, and of a cell that is no number
        reason = " ".join(str(error).split())[:100]
        raise InputError(f"{name} in the archive is no table of pixels ({reason}): correct {split}.pixels.") from None


def _read_csv(
    content: bytes, name: str, pixels: PixelColumns, split: str, notes: Notes | None
) -> tuple[pd.DataFrame, np.ndarray]:
    separator = find_separator(content, name, notes)
    columns = pd.read_csv(io.BytesIO(content), sep=separator, dtype=str, nrows=0, encoding="utf-8-sig").columns
    named = _named(columns, pixels)
    if len(named) != pixels.height * pixels.width:
        raise InputError(
            f"{name} has {how_many(len(named), 'column')} {pixels.shown_columns}, but {pixels.height} x {pixels.width} "
            f"pixels need {pixels.height * pixels.width} (its columns: {name_some(list(columns), 4)}): "
            f"correct {split}.pixels{_square(len(named))}."
        )
    others = [column for column in columns if column not in set(named)]
    kept = [*others, named[0]]
    rows = pd.read_csv(io.BytesIO(content), sep=separator, usecols=kept, dtype=str, keep_default_na=False)
    chunks = pd.read_csv(io.BytesIO(content), sep=separator, usecols=named, dtype=np.float32, chunksize=_ROWS)
    images = np.concatenate([_as_bytes(chunk, name, split) for chunk in chunks])
    return rows[others], images.reshape(-1, pixels.height, pixels.width)


def _square(columns: int) -> str:
    """Return the size of a square picture of so many pixels, as a message suggests it."""
    side = isqrt(columns)
    return f", such as height: {side}, width: {side}" if side and side * side == columns else ""


def _named(columns: Iterable[str], pixels: PixelColumns) -> list[str]:
    return [column for pattern in pixels.patterns for column in columns if fnmatchcase(column, pattern)]


def _as_bytes(chunk: pd.DataFrame, name: str, split: str) -> np.ndarray:
    values = chunk.to_numpy()
    if not ((values >= 0) & (values <= 255)).all():
        raise InputError(
            f"{name} in the archive has pixels that are not numbers from 0 to 255: correct {split}.pixels.columns."
        )
    return values.astype(np.uint8)


def _read_json(content: bytes, name: str, pixels: PixelColumns, split: str) -> tuple[pd.DataFrame, list[np.ndarray]]:
    refuse_size(pixels.height, pixels.width)
    rows: list[dict[str, str]] = []
    images: list[np.ndarray] = []
    try:
        for record in _records(content.decode("utf-8-sig")):
            images.append(_read_image(record, f"{name}, record {len(images) + 1}", pixels, split))
            rows.append({key: as_text(cell) for key, cell in record.items() if not isinstance(cell, list | dict)})
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        raise InputError(
            f"{name} in the archive is no JSON table ({reason}): it must be a list of records or a mapping of columns."
        ) from None
    if not rows:
        raise InputError(f"{name} in the archive has no records: set {split}.table to another table.")
    return pd.DataFrame(rows, dtype=str).fillna(""), images


def _records(text: str) -> Iterator[dict[str, Any]]:
    """Yield one record after the other, so that Python's objects of all their numbers are never there at once."""
    if text[:_START].lstrip().startswith("{"):
        columns = {key: list(_cells(column)) for key, column in json.loads(text).items()}
        yield from (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        return
    decoder, place = json.JSONDecoder(), text.index("[") + 1
    while True:
        place = _skip_blank(text, place)
        if text[place : place + 1] == "]":
            return
        record, place = decoder.raw_decode(text, place)
        yield record
        place = _skip_blank(text, place)
        place += text[place : place + 1] == ","


def _cells(column: Any) -> Any:
    """Return the cells of a column, which pandas writes as a mapping from rows."""
    return column.values() if isinstance(column, dict) else column


def _skip_blank(text: str, place: int) -> int:
    while text[place : place + 1].isspace():
        place += 1
    return place


def _read_image(record: dict[str, Any], place: str, pixels: PixelColumns, split: str) -> np.ndarray:
    named = _named(list(record), pixels)
    if not 1 <= len(named) <= MOST_CHANNELS:
        raise InputError(
            f"{place} has {len(named)} columns {pixels.shown_columns}, but an image has 1 to {MOST_CHANNELS} channels: "
            f"correct {split}.pixels.columns."
        )
    channels = []
    for column in named:
        values = _as_numbers(record[column])
        if values.dtype.kind not in "iuf" or values.size != pixels.height * pixels.width:
            raise InputError(
                f"{place}: {column} is not {pixels.height} x {pixels.width} numbers: correct {split}.pixels."
            )
        channels.append(values.reshape(pixels.height, pixels.width))
    image = np.stack(channels, axis=2)
    return image.astype(np.float32) if image.dtype.kind == "f" else image


def _as_numbers(cell: Any) -> np.ndarray:
    try:
        return np.asarray(cell)
    except ValueError:  # lists of different lengths
        return np.empty(0)
