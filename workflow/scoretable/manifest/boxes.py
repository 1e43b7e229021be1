"""Bounding boxes from the columns of a table."""

import numpy as np
import pandas as pd

from scoretable.competition.layouts import BoxColumns
from scoretable.competition.tables import refuse_values

BOX = ["x1", "y1", "x2", "y2"]  # left, top, right, bottom
_MEND = "correct the columns of box, or remove box, so that whole images are taken"


def box_columns(box: BoxColumns | None) -> list[str]:
    """Return the columns of the table in the order of `BOX`, none where there are no boxes."""
    return [box.x1, box.y1, box.x2, box.y2] if box else []


def read_boxes(table: pd.DataFrame, name: str, id_column: str, box: BoxColumns | None) -> pd.DataFrame:
    """Return x1, y1, x2, y2 as float, or no columns where there are no boxes."""
    boxes = pd.DataFrame(index=table.index)
    for side, column in zip(BOX, box_columns(box), strict=False):
        boxes[side] = pd.to_numeric(table[column], errors="coerce").astype(float)
        broken = table[column][~np.isfinite(boxes[side])]
        refuse_values(name, column, broken, "value that cannot be read as a number", _MEND)
    if box:
        void = table[id_column][(boxes["x2"] <= boxes["x1"]) | (boxes["y2"] <= boxes["y1"])]
        columns = f"{box.x1}..{box.y2}"
        refuse_values(name, columns, void, "id with an empty or inverted box", _MEND)
    return boxes
