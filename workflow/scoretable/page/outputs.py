"""What the page shows of one experiment's outputs: curves, confusion matrix, and figures of each class."""

import csv
import io
import math
from typing import Any

from scoretable.experiments.experiment import Experiment
from scoretable.page.interning import Interned

MOST_EPOCHS = 100  # points of a curve that a chart can show apart
DIGITS = 5

Table = tuple[list[str], list[list[str]]]  # the head, and the rows that have as many cells


def read_curves(experiment: Experiment, metric: str | None) -> dict[str, list[list[float]]]:
    """Return points (epoch, value) of the validation's metric and loss, without epochs that have none."""
    head, rows = _read(experiment, "models/history.csv")
    curves = {}
    for name in dict.fromkeys((metric, "loss")):
        if f"val_{name}" in head:
            place = head.index(f"val_{name}")
            values = [(epoch, _number(row[place])) for epoch, row in enumerate(rows, 1)]
            curves[str(name)] = _thin([[epoch, value] for epoch, value in values if value is not None])
    return curves


def read_confusion(experiment: Experiment, names: Interned) -> dict[str, Any] | None:
    """Return the counts that are not 0, as numbers in threes: the places of the row and the column, and the count.

    rows, columns: places in `names` of their names. None where there is no matrix here.
    """
    head, rows = _read(experiment, "models/plots/confusion_matrix.csv")
    if not rows:
        return None
    cells: list[float] = []
    for down, (_, *counts) in enumerate(rows):
        for across, text in enumerate(counts):
            if count := _number(text):
                cells += [down, across, count]
    return {"rows": names.place(tuple(row[0] for row in rows)), "columns": names.place(tuple(head[1:])), "cells": cells}


def read_recall(experiment: Experiment, names: Interned) -> dict[str, Any] | None:
    """Return the recall of each class, and the place in `names` of the classes' names; None where there is none."""
    head, rows = _read(experiment, "models/plots/per_class.csv")
    if not {"class", "recall"} <= set(head):
        return None
    named, recall = head.index("class"), head.index("recall")
    return {"classes": names.place(tuple(row[named] for row in rows)), "values": [_number(row[recall]) for row in rows]}


def plain_number(value: float) -> float | int:
    """Return a number with as many digits as a reader compares."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() else short


def _thin(points: list[list[float]]) -> list[list[float]]:
    """Return at most MOST_EPOCHS points, evenly chosen, the last one among them."""
    if len(points) <= MOST_EPOCHS:
        return points
    step = (len(points) - 1) / (MOST_EPOCHS - 1)
    return [points[round(place * step)] for place in range(MOST_EPOCHS)]


def _read(experiment: Experiment, path: str) -> Table:
    content = (experiment.read(path) or b"").decode("utf-8", errors="replace")
    head, *rows = [*csv.reader(io.StringIO(content, newline=""))] or [[]]
    return head, [row for row in rows if len(row) == len(head)]


def _number(text: str) -> float | int | None:
    """Return a figure, None where there is none that JSON knows."""
    try:
        value = float(text)
    except ValueError:
        return None
    return plain_number(value) if math.isfinite(value) else None
