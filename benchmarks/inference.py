"""How fast images are predicted: scoretable's inference against model.predict on an array.

Usage: python benchmarks/inference.py --model EfficientNetLite0 --size 128

All ways load the same model file (random weights, in the precision that scoretable chooses by the hardware), take the
same images in batches of the same size, and have predicted all of them once before anything is timed:

- scoretable: predict_answers on the memory-mapped cache, as the steps evaluate and predict call it, and the same
  with test-time augmentation (tta: flip), which has twice the work;
- model.predict on the images as one array in memory, in a process of its own with the backend's default settings.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from harness import (
    Figures,
    Turn,
    make_cache,
    make_parser,
    median,
    median_ratio,
    obtain_archive,
    own_process,
    print_table,
    run_rounds,
    write_results,
)
from scoretable.devices.keras_import import import_keras
from scoretable.images.image_cache import open_cache

SCORETABLE, FLIPPED, PLAIN = "scoretable", "scoretable, tta: flip", "model.predict"


def predict_with_scoretable(turn: Turn, folder: Path, model: str, size: int, classes: int, images: int) -> None:
    """Write model.keras, then predict with and without test-time augmentation, each turn."""
    import_keras(deterministic=True)
    import keras
    from scoretable.devices.device import find_device
    from scoretable.devices.precision import suggest_precision
    from scoretable.models.classifier import build_classifier, load_model, save_model
    from scoretable.prediction.inference import CPU_BATCH, GPU_BATCH, predict_answers

    keras.config.set_dtype_policy(suggest_precision(model))
    save_model(build_classifier(model, None, size, size, classes, "softmax", 0.2), folder / "model.keras")
    cache, loaded = open_cache(folder / "cache"), load_model(folder / "model.keras")
    rows = repeat_rows(len(cache.train), images)
    figures: Figures = {"batch": GPU_BATCH if find_device().is_gpu else CPU_BATCH}
    while True:
        turn(figures)
        figures = {}
        for name, tta in (("images/s", ()), ("images/s, flip", ("flip",))):
            started = time.perf_counter()
            predict_answers(loaded, cache.train_images, rows, tta)
            figures[name] = images / (time.perf_counter() - started)


def predict_plainly(turn: Turn, folder: Path, images: int, batch_size: int) -> None:
    import_keras(deterministic=False)
    import keras

    cache, model = open_cache(folder / "cache"), keras.models.load_model(folder / "model.keras")
    pixels = cache.train_images[repeat_rows(len(cache.train), images)]
    figures: Figures = {}
    while True:
        turn(figures)
        started = time.perf_counter()
        model.predict(pixels, batch_size=batch_size, verbose=0)
        figures = {"images/s": images / (time.perf_counter() - started)}


def repeat_rows(available: int, wanted: int) -> np.ndarray:
    return np.arange(wanted) % available


def summarise(rounds: Sequence[dict[str, Figures]]) -> list[dict[str, Any]]:
    return [
        {
            "way": way,
            "images/s": median(rounds, way, "images/s"),
            "ratio to model.predict": median_ratio(rounds, way, PLAIN, "images/s"),
        }
        for way in (SCORETABLE, FLIPPED, PLAIN)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=200, rounds=5)
    parser.add_argument("--model", default="EfficientNetLite0", help="a name of params.yaml's `model`")
    parser.add_argument("--size", type=int, default=128, help="side of the images in pixels")
    parser.add_argument("--predicted", type=int, default=512, help="images a turn; those of the archive, repeated")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        archive, competition = obtain_archive(options, folder)
        classes = len(make_cache(archive, competition, folder / "cache", options.size).classes)
        with own_process(
            predict_with_scoretable, folder, options.model, options.size, classes, options.predicted
        ) as scoretable:
            batch_size = int(scoretable.ready["batch"])
            with own_process(predict_plainly, folder, options.predicted, batch_size) as plain:
                turns = run_rounds({SCORETABLE: scoretable, PLAIN: plain}, 1 + options.rounds)[1:]  # the first compiles
    rounds = [{**done, FLIPPED: {"images/s": done[SCORETABLE]["images/s, flip"]}} for done in turns]
    rows = summarise(rounds)
    print(
        f"{options.model}, random weights, {options.size} px, {options.predicted} images in batches of {batch_size}, "
        f"medians of {options.rounds} rounds\n"
    )
    print_table(rows)
    write_results(options, "inference", batch=batch_size, rows=rows, rounds=rounds)


if __name__ == "__main__":
    main()
