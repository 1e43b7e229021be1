"""Where the seconds of row 8 go, from what gpu.py has measured of it."""

from typing import Any

from gpu_parts import ROW_8_EPOCHS
from scoretable.training.pauses import SAVING_SHARE

MINUTE = 60.0  # from one checkpoint to the next, or more where one takes long


def describe(row_8: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return all that follows from the part's figures."""
    spent, beside = split_epoch(row_8), beside_epoch(row_8)
    return {"seconds of an epoch": spent, "beside it": beside, "seconds": project(row_8)}


def split_epoch(row_8: dict[str, Any]) -> dict[str, float]:
    """Return where an epoch's seconds go."""
    steps, images = row_8["steps in an epoch"], row_8["steps in an epoch"] * row_8["batch"]
    loop, bare = images / row_8["loop"], images / row_8["bare"]
    waiting, augmentation = row_8["waiting"] * loop, min(steps * row_8["augmentation"], bare)
    return {
        "input": waiting,
        "augmentation": augmentation,
        "step": bare - augmentation,
        "rest of the loop": max(loop - bare - waiting, 0.0),
        "validation": row_8["validation"],
        "checkpoint": _checkpoints(row_8) * row_8["checkpoint copied"],
    }


def beside_epoch(row_8: dict[str, Any]) -> dict[str, float]:
    """Return the seconds of an epoch for which threads are at work while the card makes its steps."""
    steps = row_8["steps in an epoch"]
    return {
        "batches made": steps * row_8["feed"],
        "transfers": steps * row_8["transfer"],
        "checkpoint written": _checkpoints(row_8) * (row_8["checkpoint"] - row_8["checkpoint copied"]),
    }


def project(row_8: dict[str, Any]) -> dict[str, float]:
    """Return the seconds of two epochs as measured, and of all, from the start of the process on."""
    compiling = max(row_8["first epoch"] - row_8["second epoch"], 0.0)
    epoch = sum(split_epoch(row_8).values())
    return {
        "start": row_8["start"],
        "tracing and compiling": compiling,
        "2 epochs, measured": row_8["start"] + row_8["first epoch"] + row_8["second epoch"],
        f"{ROW_8_EPOCHS} epochs, projected": row_8["start"] + compiling + ROW_8_EPOCHS * epoch,
    }


def _checkpoints(row_8: dict[str, Any]) -> float:
    """How many are written in an epoch."""
    seconds = row_8["steps in an epoch"] * row_8["batch"] / row_8["loop"] + row_8["validation"]
    return seconds / max(MINUTE, row_8["checkpoint"] / SAVING_SHARE)
