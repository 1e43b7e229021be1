"""The rows of the score table as the team reported them, and the params that each stands for."""

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoretable.competition.metric import Score
from scoretable.models.backbones import minimum_image_size
from scoretable.workspace.errors import InputError

TABLE = Path("workflow/score_table.csv")
COMPETITION = "paddy-disease-classification"
METRIC: Score = "accuracy"  # which it is scored by
IMAGES = 10_407 + 3_469  # of that competition, training and test
TRAINED = 8_326  # of its training images, at a validation share of 0.2
SCALED_MOMENTUM = 0.9  # the default of params.yaml, for short trainings
FULL_SIZE: Mapping[str, float] = {"images": 1.0, "epochs": 1.0, "size": 1.0}

# What the team's sheet leaves open. That the networks began with random weights is inferred from the scores.
ALWAYS: Mapping[str, Any] = {
    "weights": None, "schedule": "constant", "dropout": 0.0, "batch_norm_momentum": None, "augment": "flip",
}  # fmt: skip


@dataclass(frozen=True)
class ReportedRow:
    """One row of the table. params: what it says about the training; None where the sheet is empty.

    seconds: as reported, None where it was not measured; score: None where there was no submission; insight: what the
    team learned from it; note: what is odd about the report.
    """

    number: int
    params: Mapping[str, Any]
    seconds: float | None
    time: str
    score: float | None
    insight: str
    note: str


def load_reported_rows(path: Path = TABLE) -> dict[int, ReportedRow]:
    """Return the rows by their numbers; raise InputError where the file cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [_read(cells) for cells in csv.DictReader(file, strict=True)]
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise InputError(
            f"{path} is not the table of reported rows ({error}): restore it with `git checkout {path}`."
        ) from None
    return {row.number: row for row in rows}


def row_params(
    row: ReportedRow, scale: Mapping[str, float], competition: str, is_drawn: bool = False
) -> dict[str, Any]:
    """Return the params that rerun a row, on any competition, scaled down where `scale` has factors below 1.

    An image is no smaller than its network takes, a number of epochs or steps no smaller than 1. A sandbox
    (is_drawn) draws the scaled number of images; of other competitions an epoch takes the scaled number of batches.
    Scaled rows take fewer steps than the moving averages of batch normalisation need at Keras' own momentum, so theirs
    is lower.
    """
    reported = row.params
    smallest = minimum_image_size(reported["model"])
    batch_size = reported["batch_size"] or 32
    params = {
        **ALWAYS,
        "competition": competition,
        "model": reported["model"],
        "image_size": max(smallest, round(reported["image_size"] * scale["size"])),
        "epochs": _scaled(reported["epochs"], scale["epochs"]),
        "batch_size": batch_size,
        "steps_per_epoch": reported["steps_per_epoch"],
        "optimizer": reported["optimizer"],
        "learning_rate": reported["learning_rate"],
        "loss": reported["loss"],
        "metrics": reported["metrics"],
    }
    if scale["images"] < 1 or scale["epochs"] < 1:
        params["batch_norm_momentum"] = SCALED_MOMENTUM
    if is_drawn:
        params["sandbox_images"] = max(40, round(IMAGES * scale["images"]))
    if scale["images"] == 1:
        return params
    if params["steps_per_epoch"] is not None:
        params["steps_per_epoch"] = _scaled(params["steps_per_epoch"], scale["images"])
    elif not is_drawn:
        params["steps_per_epoch"] = _scaled(math.ceil(TRAINED / batch_size), scale["images"])
    return params


def parse_scale(texts: Sequence[str]) -> dict[str, float]:
    """Return the factors of `--scale`: one number for all, or images=0.1, epochs=0.2, size=0.5; the others are 1."""
    scale = dict(FULL_SIZE)
    for text in (part for given in texts for part in given.split(",")):
        name, separator, factor = text.rpartition("=")
        names = [name] if separator else list(scale)
        try:
            value = float(factor)
        except ValueError:
            value = 0.0
        if not 0 < value <= 1 or not set(names) <= set(scale):
            raise InputError(
                f"--scale {text} is not a factor: give one above 0 and up to 1, such as 0.1, or "
                "images=0.1,epochs=0.2,size=0.5."
            )
        scale |= dict.fromkeys(names, value)
    return scale


def describe_scale(scale: Mapping[str, float]) -> str:
    """Return 'images x 0.1, epochs x 0.2', or '' at full size."""
    return ", ".join(f"{name} x {factor:g}" for name, factor in scale.items() if factor != 1)


def _scaled(number: int, factor: float) -> int:
    return max(1, round(number * factor))


def _read(cells: dict[Any, Any]) -> ReportedRow:
    if None in cells or None in cells.values():  # which is how csv marks too many cells, or too few
        raise ValueError(f"row {cells['row']} has not one cell for each column")
    height, width = int(cells["image_height"]), int(cells["image_width"])
    if height != width:
        raise ValueError(f"row {cells['row']} is {height} x {width}")
    params = {
        "model": cells["model"],
        "image_size": height,
        "epochs": int(cells["epochs"]),
        "batch_size": _number(cells["batch_size"], int),
        "steps_per_epoch": _number(cells["steps_per_epoch"], int),
        "optimizer": cells["optimizer"],
        "learning_rate": _number(cells["learning_rate"], float),
        "loss": cells["loss"],
        "metrics": cells["metrics"],
    }
    seconds, score = _number(cells["reported_seconds"], float), _number(cells["reported_score"], float)
    remarks = cells["insight"], cells["note"]
    return ReportedRow(int(cells["row"]), params, seconds, cells["reported_time"], score, *remarks)


def _number(text: str, kind: Any) -> Any:
    return kind(text) if text else None
