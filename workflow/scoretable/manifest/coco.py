"""COCO files (cocodataset.org/#format-data) as tables: JSON with images, annotations and categories."""

import json
from typing import Any

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.limits import MOST_READ
from scoretable.competition.tables import read_file
from scoretable.workspace.errors import InputError

CORNERS = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]  # COCO's bbox has the left, the top, the width and the height


def read_coco(archive: Archive, name: str, key: str) -> pd.DataFrame:
    """Return a row per image and annotation, and one with empty labels for an image without annotations.

    Columns: the keys of the images (id, file_name, ...), category_id, category (its name), and `CORNERS` where there
    are boxes; all as text. A file of images alone, which may be a bare list of them, has only the first. Images may
    have `image_id` and categories `category_id` for an id, and categories no name, as those of herbarium-2022.
    """
    content = _read_json(archive, name, key)
    images = _read_part(content, "images", ["id"], name, "image_id")
    if "annotations" not in content:
        return images.map(as_text)
    marks = _read_part(content, "annotations", ["image_id", "category_id"], name)
    labels = marks[["category_id"]].map(as_text)
    names = _read_part(content, "categories", ["id"], name, "category_id") if content.get("categories") else None
    if names is not None and "name" in names:
        by_id = dict(zip(names["id"].map(as_text), names["name"].map(as_text), strict=True))
        labels["category"] = labels["category_id"].map(lambda id_: by_id.get(id_, ""))
    if "bbox" in marks:
        labels[CORNERS] = [_corners(box) for box in marks["bbox"]]
    labels["id"] = marks["image_id"].map(as_text)
    return images.map(as_text).merge(labels, how="left", on="id").fillna("")


def _read_json(archive: Archive, name: str, key: str) -> dict[str, Any]:
    try:
        content = json.loads(read_file(archive, name, key, (".json",), MOST_READ))
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:100]
        table = key.replace(".coco", ".table")
        raise InputError(
            f"{name} in the archive is not JSON ({reason}): set {key} to a COCO file, or name it as {table} if it is "
            "a CSV table."
        ) from None
    if isinstance(content, list):
        return {"images": content}
    if not isinstance(content, dict):
        raise InputError(f"{name} in the archive is JSON but not COCO: it must be a mapping with the key images.")
    return content


def _read_part(
    content: dict[str, Any], part: str, keys: list[str], name: str, other_id: str | None = None
) -> pd.DataFrame:
    """Return a part as a table that has `keys`; `other_id` is what `id` may be named."""
    rows = content.get(part)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{name} in the archive is not COCO: its key {part} must be a list of mappings, not empty.")
    table = pd.DataFrame(rows, dtype=object)
    if other_id in table and "id" not in table:
        table["id"] = table[other_id]
    for key in keys:
        if key not in table or table[key].isna().any():
            raise InputError(f"{name} in the archive is not COCO: not all of its {part} have the key {key}.")
    return table


def _corners(box: Any) -> list[str]:
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(side, int | float) for side in box):
        return [""] * 4
    left, top, width, height = box
    return [str(left), str(top), str(left + width), str(top + height)]


def as_text(value: Any) -> str:
    """Return a value of JSON as a cell, '' where it is null."""
    missing = value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 - NaN, of a key left out
    return "" if missing else str(value)
