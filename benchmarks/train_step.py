"""How close training comes to the device's limit, and how a plain Keras script compares.

Usage: python benchmarks/train_step.py --model InceptionV3 --size 224 --batch 16

A turn of each way makes the same number of training steps on the same images, with random weights, Adam at 0.001,
flips, dropout and the same size of batch:

- loop: scoretable's own, from the image cache, with its progress bar and its checks after every step;
- limit: the same compiled step, fed with one batch that lies in the device's memory already. It comes first in a turn,
  after a step that does not count, since the first one after another process has had the machine is slow; then all
  weights are put back, so that the loop goes on as if nothing had been;
- tutorial: model.fit on keras.utils.image_dataset_from_directory with RandomFlip and Rescaling in the model, in a
  process of its own with the backend's default settings, in float32, as such scripts are.

The precision that scoretable chooses by the hardware is part of the comparison, and so is that its training repeats
itself to the bit, which the tutorial's does not; `--no-deterministic` shows what that costs. Compiling is left out of
all three: a turn 0 takes it. The losses are the mean over a turn's steps: equal ways of training give similar ones, but
not equal ones, since the order of the images differs.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from harness import (
    DROPOUT,
    FOLDS,
    LEARNING_RATE,
    SEED,
    Figures,
    Turn,
    make_cache,
    make_parser,
    median,
    obtain_archive,
    own_process,
    plain_recipe,
    print_table,
    run_rounds,
    unpack_into_classes,
    write_results,
)
from scoretable.devices.keras_import import import_keras
from scoretable.images.image_cache import open_cache
from scoretable.training.folds import split_fold

GOALS = (("loop against limit", 0.97), ("loop against tutorial", 1.3))


def train_with_scoretable(
    turn: Turn, folder: Path, model: str, batch_size: int, steps: int, rounds: int, deterministic: bool
) -> None:
    """Report of each epoch the loop's rate, share of waiting and loss, and the limit's rate."""
    import_keras(deterministic)
    from scoretable.session.stopping import StopRequest
    from scoretable.training.loop import Training  # the loop itself, with its own clock
    from scoretable.training.recipe import Session

    recipe = plain_recipe(model, batch_size, rounds, steps, deterministic)
    # The interval of checkpoints is one of wall time, of which the other process has its turns: none are written here.
    session = Session(checkpoint_minutes=24 * 60)
    training = Training(open_cache(folder / "cache"), recipe, folder / "checkpoint.npz", session)
    progress = training.progress
    before, limit = np.zeros(3), np.nan

    def watch(history: Sequence[dict[str, Any]]) -> None:
        nonlocal before, limit
        if not history:
            turn({})
            return
        now = np.array([progress.timed_images, progress.step_seconds, progress.waited])
        images, seconds, waited = now - before
        before = now
        turn({"images/s": images / seconds, "waiting": waited / seconds, "loss": history[-1]["loss"], "limit": limit})
        limit = measure_limit(training, steps)

    training.run(StopRequest(), watch)


def measure_limit(training: Any, steps: int) -> float:
    """Return the images/s of the compiled step without a loop around it, and leave no trace in the training."""
    import keras

    step, source, steps_per_call = training.step, training.source, training.calls.steps
    step.write_back()
    kept = [np.array(keras.ops.convert_to_numpy(variable)) for variable in training.variables]
    feeds = [training.replicas.put(source.feed(number)) for number in range(steps_per_call)]
    step.train(source.resident, feeds)
    step.figures()  # waits for the device
    calls = -(-steps // steps_per_call)
    started = time.perf_counter()
    for _ in range(calls):
        step.train(source.resident, feeds)
    step.figures()
    seconds = time.perf_counter() - started
    for variable, value in zip(training.variables, kept, strict=True):
        variable.assign(value)
    step.read_in()
    return calls * steps_per_call * training.batches.batch_size / seconds


def train_as_a_tutorial_does(
    turn: Turn, folder: Path, model: str, size: int, batch_size: int, steps: int, rounds: int
) -> None:
    """Report of each epoch of `steps` steps of model.fit its rate and its loss."""
    import_keras(deterministic=False)
    import keras

    class TakeTurns(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                turn({})
            self.started = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seconds = time.perf_counter() - self.started
            turn({"images/s": steps * batch_size / seconds, "loss": float(logs["loss"])})

    keras.utils.set_random_seed(SEED)
    dataset = keras.utils.image_dataset_from_directory(
        folder / "classes", label_mode="categorical", batch_size=None, image_size=(size, size), seed=SEED, verbose=False
    )
    # Full batches without end, as scoretable's are: the step is compiled once, and no epoch waits for its first batch.
    batches = dataset.repeat().batch(batch_size, drop_remainder=True).prefetch(2)
    classifier = build_plain_classifier(model, size, classes=len(dataset.class_names))
    classifier.compile(keras.optimizers.Adam(LEARNING_RATE), "categorical_crossentropy", metrics=["accuracy"])
    classifier.fit(batches, epochs=rounds, steps_per_epoch=steps, callbacks=[TakeTurns()], verbose=0)


def build_plain_classifier(model: str, size: int, classes: int) -> Any:
    import keras
    from keras import layers
    from scoretable.models import efficientnet_lite, small_cnn

    places = (keras.applications, efficientnet_lite, small_cnn)
    constructor = next(getattr(place, model) for place in places if hasattr(place, model))
    return keras.Sequential(
        [
            keras.Input((size, size, 3)),
            layers.RandomFlip("horizontal"),
            layers.Rescaling(1 / 127.5, offset=-1.0),
            constructor(include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg"),
            layers.Dropout(DROPOUT),
            layers.Dense(classes, activation="softmax"),
        ]
    )


def summarise(turns: Sequence[dict[str, Figures]]) -> dict[str, list[dict[str, Any]]]:
    """Return the tables: rates, goals, and the two courses of the loss; the first turn counts for the last only."""
    rounds = turns[1:]
    loop, limit, tutorial = (
        np.array([done[way][figure] for done in rounds])
        for way, figure in (("scoretable", "images/s"), ("scoretable", "limit"), ("tutorial", "images/s"))
    )
    rows = [
        {
            "way": way,
            "images/s": float(np.median(rates)),
            "ratio to limit": float(np.median(rates / limit)),
            "ratio to tutorial": float(np.median(rates / tutorial)),
        }
        for way, rates in (("loop", loop), ("limit", limit), ("tutorial", tutorial))
    ]
    reached = (rows[0]["ratio to limit"], rows[0]["ratio to tutorial"])
    goals: list[dict[str, Any]] = [
        {"goal": name, "asked for": f">= {goal}", "reached": value}
        for (name, goal), value in zip(GOALS, reached, strict=True)
    ]
    waiting = 100 * median(rounds, "scoretable", "waiting")
    goals.append({"goal": "loop waits for input, % of its time", "asked for": "< 2", "reached": waiting})
    losses = [
        {"turn": number, "loss, scoretable": done["scoretable"]["loss"], "loss, tutorial": done["tutorial"]["loss"]}
        for number, done in enumerate(turns)
    ]
    return {"rows": rows, "goals": goals, "losses": losses}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=200, rounds=5)
    parser.add_argument("--model", default="InceptionV3", help="a name of keras.applications, EfficientNetLite0, ...")
    parser.add_argument("--size", type=int, default=224, help="side of the images in pixels")
    parser.add_argument("--batch", type=int, default=16, help="images a batch")
    parser.add_argument("--steps", type=int, default=5, help="training steps a turn")
    parser.add_argument(
        "--deterministic", action=argparse.BooleanOptionalAction, default=True, help="scoretable's param of this name"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive, competition = obtain_archive(options, folder)
        cache = make_cache(archive, competition, folder / "cache", options.size)
        rows, _ = split_fold(cache.labels, FOLDS, 0, SEED)
        unpack_into_classes(archive, competition, folder / "classes", set(cache.train["id"].iloc[rows]))
        # In the first turn the step is compiled: it does not count.
        shared = (options.batch, options.steps, 1 + options.rounds)
        with (
            own_process(train_with_scoretable, folder, options.model, *shared, options.deterministic) as scoretable,
            own_process(train_as_a_tutorial_does, folder, options.model, options.size, *shared) as tutorial,
        ):
            turns = run_rounds({"scoretable": scoretable, "tutorial": tutorial}, 1 + options.rounds)
    tables = summarise(turns)
    print(
        f"{options.model}, random weights, {options.size} px, batches of {options.batch}, {len(rows)} images, "
        f"medians of {options.rounds} rounds of {options.steps} steps\n"
    )
    for table in tables.values():
        print_table(table)
    write_results(options, "train_step", images=len(rows), **tables, rounds=turns[1:])


if __name__ == "__main__":
    main()
