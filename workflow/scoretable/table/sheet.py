"""The cells of a table of reported rows: which columns there may be, and what a cell holds."""

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter, ValidationError

from scoretable.competition.metric import METRICS, Score
from scoretable.rows.params import Params, parse_image_size
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import parse_yaml

ASSUMED = "assumed_"  # begins the name of a column with what a rerun takes where the sheet says nothing
SIDES = ("image_height", "image_width")  # in place of image_size
TEXTS = ("hardware", "status", "submission", "submitted", "sha256", "insight", "note")
RESULTS = (
    "reported_score", "reported_private_score", "reported_rank", "reported_teams", "reported_seconds", "reported_time",
)  # fmt: skip
PARAMS = tuple(name for name in Params.model_fields if name != "competition")
COLUMNS = ("row", "competition", *PARAMS, *SIDES, *RESULTS, *TEXTS)


def read_sheet(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Return the names of the columns and the rows by them, all text without spaces around it.

    Raises InputError where it is no table in UTF-8, has a column that is not in the documented form, or a row has not
    one cell for each column.
    """
    from scoretable.competition.csv_text import find_separator  # which brings pandas along

    try:
        content = path.read_bytes()
        lines = content.decode("utf-8-sig").splitlines(keepends=True)
        table = [
            [cell.strip() for cell in row] for row in csv.reader(lines, delimiter=find_separator(content), strict=True)
        ]
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read as a CSV table in UTF-8 ({error}): save it as one, or restore it with "
            f"`git checkout {path}`."
        ) from None
    header, *rows = [row for row in table if any(row)] or [[]]
    _check_header(header, path)
    place = header.index("row")
    for row in rows:
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {(row[place:] or ['?'])[0]} has not one cell for each of the {len(header)} columns, but "
                f"{len(row)}: put text that has a separator in it into quotes, and add the cells that lack."
            )
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def _check_header(header: list[str], path: Path) -> None:
    for name in header:
        known = tuple(ASSUMED + column for column in PARAMS) if name.startswith(ASSUMED) else COLUMNS
        if name not in known:
            raise InputError(
                f"{path}: the column {name or '(without a name)'} is unknown{nearest(name, known)}: name it as "
                "docs/score-table.md does, or remove it."
            )
        if header.count(name) > 1:
            raise InputError(f"{path} has two columns {name}: remove one of them.")
    if "row" not in header:
        raise InputError(f"{path} has no column row: add one, which numbers the rows.")


def read_number(cells: Mapping[str, str], name: str) -> float | None:
    """Return the number in a cell, None where it is empty; raise ValueError for anything else."""
    text = cells.get(name, "")
    try:
        value = float(text or "0")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{name}: {text} is not a number such as 0.84: correct it, or leave the cell empty")
    return value if text else None


def read_count(cells: Mapping[str, str], name: str) -> int | None:
    """Return the whole number in a cell, None where it is empty; raise ValueError for anything else and below 1."""
    text = cells.get(name, "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise ValueError(f"{name}: {text} is not a whole number from 1: correct it, or leave the cell empty")
    return int(text) if text else None


def read_score(cells: Mapping[str, str], name: str, metric: Score) -> str:
    """Return a score as it was written, '' where there is none; raise ValueError where the metric has no such value."""
    value, rules = read_number(cells, name), METRICS[metric]
    if value is not None and not rules.lowest <= value <= rules.highest:
        raise ValueError(
            f"{name}: {cells[name]} is no {metric}, which goes from {rules.lowest:g} to {rules.highest:g}: write it as "
            "Kaggle shows it"
        )
    return cells.get(name, "")


def read_params(cells: Mapping[str, str], prefix: str = "") -> dict[str, Any]:
    """Return the params whose cells are filled, of columns that begin with `prefix`; raise ValueError as the others."""
    params = {name: _param(name, text) for name in PARAMS if (text := cells.get(prefix + name, ""))}
    if prefix or not any(cells.get(name) for name in SIDES):
        return params
    height, width = (read_count(cells, name) for name in SIDES)
    if height is None or width is None or "image_size" in params:
        raise ValueError("it needs image_height and image_width, or image_size alone: fill or empty the cells")
    params["image_size"] = height if height == width else f"{height}x{width}"
    return {name: params[name] for name in PARAMS if name in params}


def _param(name: str, text: str) -> Any:
    """Return a value as params.yaml would have it; a name that is unknown here, as of a model, stays as it is."""
    known = Params.model_fields[name]
    kinds = {kind for kind in get_args(known.annotation) or (known.annotation,) if isinstance(kind, type)}
    if text == "null":
        return None
    try:
        if name == "image_size":
            parse_image_size(int(text) if text.isdecimal() else text)
        if not kinds & {int, float, bool} and not text.startswith("["):
            return text
        value = parse_yaml(text, name)
        value = float(value) if float in kinds and isinstance(value, str | int) else value  # YAML reads 1e-4 as text
        adapter: TypeAdapter[Any] = TypeAdapter(Annotated[known.annotation, known])  # type: ignore[arg-type]
        return adapter.validate_python(value, strict=True)
    except (ValidationError, ValueError, InputError) as error:
        told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ValueError(f"{name}: {text} does not fit ({told}): correct it, or leave the cell empty") from None
