"""What the page shows of one experiment's outputs: curves, confusion matrix, and figures of each class."""

import io
import math
from typing import Any

import pandas as pd

from scoretable.experiments.experiment import Experiment
from scoretable.page.interning import Interned

MOST_EPOCHS = 100  # points of a curve that a chart can show apart
DIGITS = 5


def read_curves(experiment: Experiment, metric: str | None) -> dict[str, list[list[float]]]:
    """Return points (epoch, value) of the validation's metric and loss, without epochs that have none."""
    history = _table(experiment.read("models/history.csv"))
    curves = {}
    for name in dict.fromkeys((metric, "loss")):
        if f"val_{name}" in history:
            values = [(epoch, _number(text)) for epoch, text in enumerate(history[f"val_{name}"], 1)]
            points = [[epoch, value] for epoch, value in values if value is not None]
            curves[str(name)] = _thin(points)
    return curves


def read_confusion(experiment: Experiment, names: Interned) -> dict[str, Any] | None:
    """Return the counts that are not 0, as numbers in threes: the places of the row and the column, and the count.

    rows, columns: places in `names` of their names. None where there is no matrix here.
    """
    table = _table(experiment.read("models/plots/confusion_matrix.csv"))
    if table.empty:
        return None
    cells = []
    for row, counts in enumerate(table.iloc[:, 1:].to_numpy()):
        for column, text in enumerate(counts):
            if count := _number(text):
                cells += [row, column, count]
    columns = names.place(tuple(table.columns[1:]))
    return {"rows": names.place(tuple(table.iloc[:, 0])), "columns": columns, "cells": cells}


def read_recall(experiment: Experiment, names: Interned) -> dict[str, Any] | None:
    """Return the recall of each class, and the place in `names` of the classes' names; None where there is none."""
    table = _table(experiment.read("models/plots/per_class.csv"))
    if not {"class", "recall"} <= set(table):
        return None
    return {"classes": names.place(tuple(table["class"])), "values": [_number(text) for text in table["recall"]]}


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


def _table(content: bytes | None) -> pd.DataFrame:
    """Return a CSV as texts, since a class may be called 007 or None."""
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False) if content else pd.DataFrame()


def _number(text: str) -> float | int | None:
    """Return a figure, None where there is none that JSON knows."""
    value = float(text or "nan")
    return plain_number(value) if math.isfinite(value) else None
