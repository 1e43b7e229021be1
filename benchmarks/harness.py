"""What the benchmarks share: their data, ways that take turns, and what is made of their figures.

Ways that are compared run in turn within a round, and what is reported are medians over the rounds: of a rate, and of
the ratio of two rates of the same round. So whatever else keeps the machine busy meets all ways.
"""

import argparse
import multiprocessing
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scoretable.devices.device import find_device, library_versions
from scoretable.devices.keras_import import import_keras
from scoretable.workspace.atomic import write_json

if TYPE_CHECKING:
    from scoretable.competition.description import Competition
    from scoretable.images.image_cache import ImageCache
    from scoretable.training.recipe import Recipe

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/results"
FOLDS, SEED, LEARNING_RATE, DROPOUT = 5, 0, 0.001, 0.2  # of `plain_recipe`

Figures = dict[str, float]
Way = Callable[[], Figures]


def make_parser(description: str | None, images: int, rounds: int) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks have, and these defaults."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="a zip archive with photos; without it one is drawn")
    parser.add_argument("--competition", default="sandbox", help="which file of workflow/competitions/ describes it")
    parser.add_argument("--images", type=int, default=images, help="how many images to draw, a quarter for the test")
    parser.add_argument("--rounds", type=int, default=rounds, help="how often each way takes its turn")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    return parser


# What reads archives is imported where it is used: gpu.py runs where its packages may be missing.
def obtain_archive(options: argparse.Namespace, folder: Path) -> "tuple[Path, Competition]":
    """Return the archive that was asked for, or one drawn into `folder`, and what describes it."""
    from scoretable.competition.description import COMPETITIONS, load_competition
    from scoretable.sandbox.drawn_archive import draw_competition

    competition = load_competition(options.competition, ROOT / COMPETITIONS)
    if options.archive is not None:
        return options.archive, competition
    archive = folder / "drawn.zip"
    draw_competition(archive, folder / "answers.csv", options.images, seed=0)
    return archive, competition


def make_cache(archive: Path, competition: "Competition", folder: Path, size: int) -> "ImageCache":
    """Make and open the image cache of an archive."""
    from scoretable.images.image_cache import open_cache
    from scoretable.images.preprocessing import build_cache

    build_cache(archive, competition, folder, size, size, "stretch", "ignore", 0.0, "refuse")
    return open_cache(folder)


def unpack_into_classes(archive: Path, competition: "Competition", folder: Path, ids: Collection[str]) -> None:
    """Unpack the training images of these ids as folder/<label>/<file>, as directory loaders want them."""
    from scoretable.archive.archive import open_archive
    from scoretable.manifest.manifest import read_manifest

    with open_archive(archive, folder.parent) as opened:
        train = read_manifest(opened, competition).train
        for id_, label, member in zip(train["id"], train["label"], train["member"], strict=True):
            (folder / label).mkdir(parents=True, exist_ok=True)  # of classes without images too
            if id_ in ids:
                (folder / label / Path(member).name).write_bytes(opened.read(member))


class Turn:
    """In a way's own process: calling it hands in figures and waits for the next turn."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __call__(self, figures: Figures) -> None:
        """Hand in what the round gave, before the first one what is known then. Raises EOFError after the last."""
        self.connection.send(figures)
        self.connection.recv()


class OwnProcess:
    """A way that runs in a process of its own. ready: figures that it handed in before its first turn."""

    def __init__(self, process: BaseProcess, connection: Connection) -> None:
        self.process, self.connection = process, connection
        self.ready = self._receive()

    def __call__(self) -> Figures:
        """Let it take a turn."""
        self.connection.send(None)
        return self._receive()

    def _receive(self) -> Figures:
        try:
            return self.connection.recv()
        except EOFError:
            self.process.join()
            raise RuntimeError(f"a way ended with exit code {self.process.exitcode}; see above") from None


@contextmanager
def own_process(way: Callable[..., None], *arguments: Any) -> Iterator[OwnProcess]:
    """Start `way(turn, *arguments)` in a fresh process, which has its own settings of the backend."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(way, there, *arguments))
    process.start()
    there.close()
    try:
        yield OwnProcess(process, here)
    finally:
        here.close()
        process.join()


def serve(way: Callable[..., None], connection: Connection, *arguments: Any) -> None:
    """Run a way at the other end of an OwnProcess."""
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # the processes share one GPU
    try:
        way(Turn(connection), *arguments)
    except (EOFError, BrokenPipeError):
        pass  # no further round is wanted
    finally:
        connection.close()


def plain_recipe(
    model: str, batch_size: int, epochs: int, steps_per_epoch: int | None = None, deterministic: bool = True
) -> "Recipe":
    """Return a training from random weights with Adam at a constant rate, dropout and flips."""
    from scoretable.training.recipe import Recipe

    return Recipe(
        model=model, weights=None, dropout=DROPOUT, batch_norm_momentum=None, activation="softmax",
        loss="categorical_crossentropy", label_smoothing=0.0, class_weights="none", metrics=("accuracy",),
        optimizer="adam", learning_rate=LEARNING_RATE, weight_decay=None, schedule="constant", warmup=0.0, ema=None,
        swa=None, freeze_epochs=0, unfreeze_epochs=0, backbone_rate=1.0, layer_decay=1.0, batch_size=batch_size,
        epochs=epochs, early_sizes=(), accumulate=1, steps_per_epoch=steps_per_epoch, early_stopping=None, measure=None,
        augment=("flip",), crop_area=0.35, randaugment_magnitude=9, second_target=None, second_weight=0.3,
        folds=FOLDS, fold=0, seed=SEED, precision=None, deterministic=deterministic,
    )  # fmt: skip


def run_rounds(ways: dict[str, Way], rounds: int) -> list[dict[str, Figures]]:
    """Let all ways take their turn in each round, and return what each measured, a dict a round."""
    return [{name: way() for name, way in ways.items()} for _ in range(rounds)]


def median(rounds: Sequence[dict[str, Figures]], way: str, figure: str) -> float:
    """Return the median over the rounds of one figure of one way."""
    return float(np.median([done[way][figure] for done in rounds]))


def median_ratio(rounds: Sequence[dict[str, Figures]], way: str, other: str, figure: str) -> float:
    """Return the median over the rounds of a figure of one way against the same figure of another."""
    return float(np.median([done[way][figure] / done[other][figure] for done in rounds]))


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows of equal keys as a Markdown table."""
    print(f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}")
    for row in rows:
        print(f"| {' | '.join(_cell(value) for value in row.values())} |")
    print(flush=True)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return "" if value is None else str(value)


def write_results(options: argparse.Namespace, name: str, **content: Any) -> None:
    """Write <name>.json: the options, the machine, the libraries, and `content`."""
    import_keras(deterministic=False)
    places = "archive", "folder", "results", "timm_python"
    settings = {key: value for key, value in vars(options).items() if key not in places}
    facts = {
        "benchmark": name,
        "data": "drawn by this program" if options.archive is None else options.archive.name,
        "settings": settings,
        "device": find_device().name,
        "versions": library_versions(),
    }
    options.results.mkdir(parents=True, exist_ok=True)
    write_json(options.results / f"{name}.json", facts | content)
