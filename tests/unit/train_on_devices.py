"""Small trainings in a process of its own: python train_on_devices.py <folder> <devices, as 1,2> <recipe as JSON>."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from scoretable.devices.keras_import import import_keras
from small_training import RECIPE, small_cache


def main(folder: str, devices: str, changes: str) -> None:
    """Print the history of a training on each number of devices, as JSON in the last line."""
    counts = [int(count) for count in devices.split(",")]
    import_keras(devices=max(counts))
    from scoretable.scoring.measure import Measure
    from scoretable.training.loop import train
    from scoretable.training.recipe import Session

    recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **json.loads(changes))
    histories = []
    for count in counts:
        session = Session(devices=count, checkpoint_minutes=0)
        trained = train(small_cache(), recipe, Path(folder) / f"{count}.npz", session)
        assert not any("call" in layer.__dict__ for layer in trained.model._flatten_layers())
        histories.append(trained.history)
    print(json.dumps(histories))


if __name__ == "__main__":
    main(*sys.argv[1:])
