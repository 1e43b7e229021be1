"""A small training in a process of its own: python train_on_devices.py <checkpoint> <devices> <recipe as JSON>."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from scoretable.keras_import import import_keras
from small_training import RECIPE, small_cache


def main(checkpoint: str, devices: str, changes: str) -> None:
    """Print the history and the sums of the weights as the last line."""
    count = int(devices)
    import_keras(devices=max(count, 2))
    from scoretable.recipe import Session
    from scoretable.training import train

    recipe = replace(RECIPE, **json.loads(changes))
    session = Session(devices=count, checkpoint_minutes=0)
    trained = train(small_cache(), recipe, Path(checkpoint), session)
    kept = [entry | {"epoch": 0} for entry in trained.history]
    layers = [type(layer).__name__ for layer in trained.model._flatten_layers() if layer.__dict__.get("call")]
    print(json.dumps({"history": kept, "changed_layers": layers}))


if __name__ == "__main__":
    main(*sys.argv[1:])
