"""Images that lie in tables: a column a pixel in a CSV, or an array a channel in JSON."""

import json
from dataclasses import dataclass
from math import isqrt
from typing import Any

import numpy as np
import pandas as pd

from scoretable.competition.layouts import MOST_CHANNELS, PixelColumns
from scoretable.competition.sample_cells import name_shortly
from scoretable.discovery.contents import Contents
from scoretable.discovery.label_columns import find_labels
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training
from scoretable.manifest.pixel_tables import MOST_BYTES, read_pixel_table
from scoretable.workspace.errors import InputError

_LEAST = 64  # numbers: fewer than 8 x 8 are no picture
_START = 1_000  # bytes of JSON before its first record, at most


@dataclass(frozen=True)
class Pixels:
    """The images' tables. columns, height, width: as `pixels` has them. doubt: what the tables do not tell, or ''."""

    training: Training
    test: str
    columns: str | list[str]
    height: int
    width: int
    why: str
    doubt: str = ""


@dataclass(frozen=True)
class _Shape:
    """The columns of a table that are pixels, and the sides of a picture, where they tell."""

    columns: str | list[str]
    size: tuple[int, int] | None
    numbers: int
    left: tuple[str, ...] = ()


def find_pixels(contents: Contents, sample: Sample) -> Pixels | None:
    """Return the table whose columns are pixels, and the one of the test images; None where there are no such two."""
    samples = {sample.name, *sample.others}
    shapes = {name: _of_csv(contents.table(name)) for name in contents.tables if name not in samples}
    shapes |= {name: _of_json(contents, name) for name in contents.json if contents.images.empty}
    for name, shape in shapes.items():
        test = next((other for other in shapes if other != name and shape and shapes[other] == shape), None)
        if shape is None or test is None:
            continue
        height, width = shape.size or _factors(shape.numbers)
        pixels = PixelColumns(columns=shape.columns, height=height, width=width)
        rest, rest_of_test = (_rest(contents, one, pixels) for one in (name, test))
        labels = find_labels(rest, None, sample)
        if labels is None or (labels.column or labels.columns[0]) in rest_of_test:
            continue
        column = sample.id_column if sample.id_column in rest and sample.id_column in rest_of_test else None
        training = Training(rest, labels, None, "table", name, column)
        return Pixels(training, test, shape.columns, height, width, *_explain(shape, height, width))
    return None


def _rest(contents: Contents, name: str, pixels: PixelColumns) -> pd.DataFrame:
    """Return the columns of a table that are no pixels."""
    if name in contents.tables:
        table = contents.table(name)
        return table.drop(columns=_fitting(table, str(pixels.columns)))
    return read_pixel_table(contents.archive, name, pixels, "train")[0]


def _explain(shape: _Shape, height: int, width: int) -> tuple[str, str]:
    """Return why the sides are these, and what is to be asked."""
    columns = [shape.columns] if isinstance(shape.columns, str) else shape.columns
    named = name_shortly(columns)
    many = f"{shape.numbers} columns" if isinstance(shape.columns, str) else f"{shape.numbers} numbers each"
    doubts = []
    if not shape.size and height != width:
        pairs = ", ".join(f"{side} x {shape.numbers // side}" for side in _sides(shape.numbers)) or "no two sides"
        doubts.append(f"{named} are {many}, which is no square, but {pairs} or the other way round")
    if shape.left:
        doubts.append(f"an image has at most {MOST_CHANNELS} channels, and {name_shortly(shape.left)} is left out")
    doubt = f"pixels, in both places: {'; '.join(doubts)}" if doubts else ""
    return f"{many}, which are {height} x {width} pixels", doubt


def _factors(count: int) -> tuple[int, int]:
    """Return the two sides of a picture of so many pixels that differ least."""
    side = next((side for side in range(isqrt(count), 0, -1) if count % side == 0), 1)
    return side, count // side


def _sides(count: int) -> list[int]:
    """Return the shorter sides that a picture of so many pixels may have, the longest first."""
    return [side for side in range(isqrt(count), 7, -1) if count % side == 0][:4]


def _of_csv(table: pd.DataFrame) -> _Shape | None:
    """Return the columns `pixel0`, `pixel1`, ..., None where there are none."""
    words = pd.Series([str(column) for column in table.columns], dtype=str).str.extract(r"^(\D*)\d+$")[0].dropna()
    word = str(words.value_counts().index[0]) if len(words) else ""
    columns = _fitting(table, f"{word}*") if word else []
    return _Shape(f"{word}*", None, len(columns)) if len(columns) >= _LEAST else None


def _fitting(table: pd.DataFrame, pattern: str) -> list[str]:
    before, _, after = pattern.partition("*")
    return [c for c in map(str, table.columns) if c.startswith(before) and c.endswith(after) and c != before + after]


def _of_json(contents: Contents, name: str) -> _Shape | None:
    """Return the keys of the first record whose values are arrays of one size, None where there are none."""
    arrays: dict[str, np.ndarray] = {}
    for key, value in _first_record(contents, name).items():
        try:
            array = np.asarray(value) if isinstance(value, list) else np.empty(0)
        except ValueError:  # lists of different lengths
            continue
        if array.dtype.kind in "iuf" and array.ndim <= 2 and array.size >= _LEAST:
            arrays[key] = array
    sizes = {array.shape for array in arrays.values()}
    if len(sizes) != 1:
        return None
    size = sizes.pop()
    columns = list(arrays)
    shape = (int(size[0]), int(size[1])) if len(size) == 2 else None
    return _Shape(columns[:MOST_CHANNELS], shape, int(np.prod(size)), tuple(columns[MOST_CHANNELS:]))


def _first_record(contents: Contents, name: str) -> dict[str, Any]:
    """Return the first record of a JSON table, a list of records or a mapping of columns; nothing of another file."""
    try:
        text = contents.archive.read(name, MOST_BYTES).decode("utf-8-sig")
        if text[:_START].lstrip().startswith("["):
            record, _ = json.JSONDecoder().raw_decode(text, text.index("{", 0, _START))
            return record
        columns = json.loads(text)
        cells = {key: list(cells.values()) if isinstance(cells, dict) else cells for key, cells in columns.items()}
        return {key: cell[0] for key, cell in cells.items() if isinstance(cell, list) and cell}
    except (ValueError, AttributeError, RecursionError, InputError):
        return {}
