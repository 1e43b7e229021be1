"""Everything that the next epoch depends on, in one file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scoretable.atomic import replacing

if TYPE_CHECKING:
    import keras

History = list[dict[str, float]]


def save_checkpoint(path: Path, model: "keras.Model", history: History) -> None:
    """Write weights, optimizer and random states and the history so far, whole or not at all."""
    arrays = {f"{number:05d}": np.asarray(variable) for number, variable in enumerate(_variables(model))}
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, history=np.array(json.dumps(history)), **arrays)


def load_checkpoint(path: Path, model: "keras.Model") -> History:
    """Put a checkpoint's state into `model`, and return its history: one entry an epoch done; [] without a file.

    The model must be the one that was saved, compiled and with its optimizer built.
    """
    if not path.exists():
        return []
    with np.load(path, allow_pickle=False) as arrays:
        for number, variable in enumerate(_variables(model)):
            variable.assign(arrays[f"{number:05d}"])
        return json.loads(str(arrays["history"]))


def _variables(model: "keras.Model") -> list["keras.Variable"]:
    return [*model.variables, *model.optimizer.variables]
