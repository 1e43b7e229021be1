"""Small trainings in a process of its own: python train_on_devices.py <folder> <trainings as JSON>.

A training is the number of its devices and the changes of the recipe; number n goes on from the checkpoint <n>.npz.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from scoretable.devices.keras_import import import_keras
from small_training import ONE_BLOCK, RECIPE, small_cache


def train_all(folder: Path, trainings: list[tuple[int, dict[str, Any]]]) -> list[Any]:
    """Train each in its turn, and return its history."""
    import_keras(devices=max(count for count, _ in trainings))
    from scoretable.models import small_cnn
    from scoretable.scoring.measure import Measure
    from scoretable.training.loop import train
    from scoretable.training.recipe import Session

    small_cnn.CHANNELS = ONE_BLOCK
    histories = []
    for number, (count, changes) in enumerate(trainings):
        recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **changes)
        session = Session(devices=count, checkpoint_minutes=0)
        trained = train(small_cache(), recipe, folder / f"{number}.npz", session)
        assert trained.devices >= count  # with other workers there are more
        assert not any("call" in layer.__dict__ for layer in trained.model._flatten_layers())
        histories.append(trained.history)
    return histories


def main(folder: str, ordered: str) -> None:
    """Print the history of each training, as JSON in the last line."""
    print(json.dumps(train_all(Path(folder), json.loads(ordered))))


if __name__ == "__main__":
    main(*sys.argv[1:])
