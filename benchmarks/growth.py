"""How time and memory grow with the number of images: linearly at most, or something does not scale.

Usage: python benchmarks/growth.py --sizes 1000,4000,16000

Each measurement is a process of its own, the sizes in turn within a round:

- preprocess: the image cache from the archive, of all images;
- train: one epoch without its validation and without compiling, on four fifths of the training images, three quarters;
- predict: class probabilities of all training images.

Few images are drawn (or taken from --archive), and the archives hold them again and again under new names: what is
measured depends on the number of members, not on what they show. Memory is the most that the process has held,
interpreter and libraries included, as the kernel counts it (getrusage): pages of the memory-mapped cache that were
read count as long as nobody else needs the memory.

The exponent is the slope of a straight line through the logarithms: 1 is linear, 0 is constant.
"""

import csv
import io
import itertools
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import (
    ROOT,
    Figures,
    Turn,
    Way,
    make_cache,
    make_parser,
    median,
    obtain_archive,
    own_process,
    plain_recipe,
    print_table,
    run_rounds,
    write_results,
)
from scoretable.archive.archive import open_archive
from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.devices.keras_import import import_keras
from scoretable.images.image_cache import open_cache
from scoretable.manifest.manifest import read_manifest

MODEL, BATCH = "SmallCNN", 32
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def repeat_archive(archive: Path, competition: Competition, target: Path, images: int) -> None:
    """Write an archive of `images` images, a quarter for the test, in the sandbox's layout, out of those of another."""
    with open_archive(archive, target.parent) as opened, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as bundle:
        manifest = read_manifest(opened, competition)
        train = [["image_id", "label"]]
        for number, (label, member) in repeat(manifest.train, images - images // 4, ["label", "member"]):
            name = f"{number:06d}{Path(member).suffix}"
            train.append([name, label])
            bundle.writestr(f"train_images/{label}/{name}", opened.read(member))
        test = [["image_id", "label"]]
        for number, (member,) in repeat(manifest.test, images // 4, ["member"]):
            name = f"t{number:06d}{Path(member).suffix}"
            test.append([name, ""])
            bundle.writestr(f"test_images/{name}", opened.read(member))
        for table, rows in (("train.csv", train), ("sample_submission.csv", test)):
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows(rows)
            bundle.writestr(table, text.getvalue())


def repeat(table: pd.DataFrame, count: int, columns: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield the values of `columns`, row by row and from the first row on again, `count` times, with a number."""
    return zip(range(count), itertools.cycle(table[columns].itertuples(index=False, name=None)), strict=False)


def preprocess(turn: Turn, folder: Path, size: int) -> None:
    # The repeated archive is laid out as the sandbox, whatever its classes are.
    competition = load_competition("sandbox", ROOT / COMPETITIONS).model_copy(update={"classes": None})
    turn({})
    started = time.perf_counter()
    make_cache(folder / "archive.zip", competition, folder / "cache", size)
    turn(figures_of(time.perf_counter() - started))


def train_epoch(turn: Turn, folder: Path) -> None:
    import_keras(deterministic=True)
    from scoretable.training.loop import train

    turn({})
    # The first step is the compiler's and has no time; so there are two epochs, of which the timed steps count.
    trained = train(open_cache(folder / "cache"), plain_recipe(MODEL, BATCH, epochs=2), folder / "checkpoint.npz")
    progress = trained.progress
    turn(figures_of(progress.step_seconds / (progress.step - 1) * progress.step / 2))


def predict(turn: Turn, folder: Path) -> None:
    import_keras(deterministic=True)
    from scoretable.models.classifier import build_classifier
    from scoretable.prediction.inference import predict_answers

    cache = open_cache(folder / "cache")
    height, width = cache.train_images.shape[1:3]
    model = build_classifier(MODEL, None, height, width, len(cache.classes), "softmax", 0.0)
    rows = np.arange(len(cache.train))
    predict_answers(model, cache.train_images, rows[:BATCH], batch_size=BATCH)  # compiles
    turn({})
    started = time.perf_counter()
    predict_answers(model, cache.train_images, rows, batch_size=BATCH)
    turn(figures_of(time.perf_counter() - started))


def figures_of(seconds: float) -> Figures:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MEMORY_UNIT
    return {"seconds": seconds, "peak MB": peak / 1e6}


def take_turn(way: Callable[..., None], *arguments: Any) -> Figures:
    with own_process(way, *arguments) as process:
        return process()


def summarise(rounds: Sequence[dict[str, Figures]], sizes: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for step in ("preprocess", "train", "predict"):
        found = {
            figure: [median(rounds, name_of(step, size), figure) for size in sizes] for figure in ("seconds", "peak MB")
        }
        row: dict[str, Any] = {"step": step}
        for figure, values in found.items():
            row |= {f"{figure}, {size}": value for size, value in zip(sizes, values, strict=True)}
            row[f"exponent of {figure}"] = float(np.polyfit(np.log(sizes), np.log(values), 1)[0])
        rows.append(row)
    return rows


def name_of(step: str, size: int) -> str:
    return f"{step}, {size} images"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=200, rounds=1)
    parser.add_argument("--sizes", default="1000,4000,16000", help="numbers of images")
    parser.add_argument("--size", type=int, default=64, help="side of the images in pixels")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.sizes.split(",")]
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(temporary)
        archive, competition = obtain_archive(options, base)
        ways: dict[str, Way] = {}
        for size in sizes:
            folder = base / str(size)
            folder.mkdir()
            repeat_archive(archive, competition, folder / "archive.zip", size)
            ways |= {
                name_of("preprocess", size): partial(take_turn, preprocess, folder, options.size),
                name_of("train", size): partial(take_turn, train_epoch, folder),
                name_of("predict", size): partial(take_turn, predict, folder),
            }
        # The main process stays small, without Keras: a new process starts with its parent's peak of memory.
        rounds = run_rounds(ways, options.rounds)
    rows = summarise(rounds, sizes)
    print(f"{MODEL}, {options.size} px, batches of {BATCH}, medians of {options.rounds} rounds\n")
    print_table(rows)
    write_results(options, "growth", rows=rows, rounds=rounds)


if __name__ == "__main__":
    main()
