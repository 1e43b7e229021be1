"""Small trainings in a process of its own: python train_on_devices.py <folder> <trainings as JSON>.

A training is the number of its devices and the changes of the recipe; number n goes on from the checkpoint <n>.npz.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scoretable.devices.keras_import import import_keras
from small_training import ONE_BLOCK, RECIPE, small_cache, with_further


def train_all(folder: Path, trainings: list[tuple[int, dict[str, Any]]]) -> tuple[list[Any], list[dict[str, float]]]:
    """Train each in its turn, and return its history, and on JAX what is counted of its step."""
    import_keras(devices=max(count for count, _ in trainings))
    import keras
    from scoretable.models import small_cnn
    from scoretable.scoring.measure import Measure
    from scoretable.session.stopping import StopRequest
    from scoretable.training.loop import Training
    from scoretable.training.recipe import Session

    small_cnn.CHANNELS = ONE_BLOCK
    histories, counted = [], []
    for number, (count, changes) in enumerate(trainings):
        recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **changes)
        session = Session(devices=count, checkpoint_minutes=0, placement="device", steps_per_call=2)
        training = Training(with_further(small_cache()), recipe, folder / f"{number}.npz", session)
        training.run(StopRequest(), lambda history: None)
        if keras.backend.backend() == "jax":
            counted.append(count_on_jax(training))
        trained = training.finish()
        assert trained.devices >= count  # with other workers there are more
        assert not any("call" in layer.__dict__ for layer in trained.model._flatten_layers())
        histories.append(trained.history)
    return histories, counted


def count_on_jax(training: Any) -> dict[str, float]:
    """Return how often the step was compiled, and what of it XLA has to do."""
    step = training.step
    feed = step.replicas.put(training.source.feed(0))
    lowered = step.jax.jit(step._step).lower(step.state, training.source.resident, feed)
    cost = lowered.cost_analysis()
    return {
        "ends": count_ends(training),
        "compilations": step._train._cache_size(),
        "select_and_scatter": lowered.as_text().count("select_and_scatter"),
        "flops": cost["flops"],
        "bytes": cost["bytes accessed"],
    }


def count_ends(training: Any) -> int:
    """Return in how many kinds of weights three steps end that are made one a call, or two."""
    step, ends = training.step, set()
    feeds = [step.replicas.put(training.source.feed(number)) for number in range(3)]
    for steps in (1, 2):
        step.read_in()
        for first in range(0, 3, steps):
            step.train(training.source.resident, feeds[first : first + steps])
        ends.add(b"".join(np.asarray(weights).tobytes() for weights in step.state[0]))
    step.read_in()
    return len(ends)


def main(folder: str, ordered: str) -> None:
    """Print the history of each training, as JSON in the last line."""
    print(json.dumps(train_all(Path(folder), json.loads(ordered))[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
