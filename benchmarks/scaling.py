"""What images and experiments cost in time, memory and disk, command by command, and what a million would.

Usage: python benchmarks/scaling.py images --images 500,1000,2000,4000
       python benchmarks/scaling.py experiments --experiments 100,300,1000
       python benchmarks/scaling.py preprocess --images 5000,100000 --folder /a/large/disk

- images: each step of a row (SmallCNN, one epoch), then saving it as an experiment, in a clone of this repository. The
  archive is brought, so that `download` checks and copies it; drawing the sandbox is no part of the product.
- experiments: `scoretable table`, `snakemake -n submission` and `dvc exp show` in a clone with as many experiments made
  without running any, whose outputs are small texts.
- preprocess: download and preprocess alone, the sizes there and back again (5000, 100000, 5000), since other load on
  the machine changes; `images/s` is by the clock, `images a CPU second` by what the process was given.

Few images are drawn, and the archives hold them again and again under new names, stored and not compressed, as JPEGs
are. Each command is a process of its own. `peak MB` is all that it held at once, mapped files included, `own MB` what
it wrote to memory itself, which the kernel cannot take back; `MB` is what lies on the disk afterwards.

Through the figures of all sizes goes a straight line, start + slope; the exponent is that of what lies above the start
(1 is linear, more is worse), and the column of a million (or of 1,000 experiments) is what the line says there: an
extrapolation, unless that size was measured.
"""

import argparse
import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from growth import repeat_archive
from harness import RESULTS, ROOT, Figures, print_table, write_results
from measured_commands import Clone, Growth, disk_bytes
from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.rows.lineage import trace_lineage
from scoretable.rows.params import load_params
from scoretable.rows.stages import STEPS
from scoretable.sandbox.drawn_archive import draw_competition

MILLION = 1_000_000
PREPROCESS = ("download", "preprocess")
MADE_BY = {  # what a step leaves on the disk
    "download": ["data/raw"],
    "preprocess": ["data/cache"],
    "train": ["models/model.keras", "models/history.csv", "models/training.json"],
    "evaluate": ["models/plots", "models/metrics.json", "models/evaluation.json"],
    "predict": ["data/predictions.npz"],
    "submission": ["data/submission.csv"],
    "dvc exp save": [".dvc/cache"],
}
COMMANDS = {
    "scoretable table": ["scoretable", "table"],
    "snakemake -n submission": ["snakemake", "--cores", "1", "-n", "submission"],
    "dvc exp show": ["dvc", "exp", "show", "--csv"],
}


def draw(folder: Path, images: int) -> Path:
    archive = folder / "drawn.zip"
    draw_competition(archive, folder / "answers.csv", images, seed=0)
    return archive


def measure_steps(drawn: Path, folder: Path, images: int, size: int, steps: Sequence[str]) -> dict[str, Figures]:
    """Make a row of so many images step by step, and return the figures of each."""
    archive = folder / "archive.zip"
    repeat_archive(drawn, load_competition("sandbox", ROOT / COMPETITIONS), archive, images)
    small = {"model": "SmallCNN", "weights": None, "epochs": 1, "batch_size": 32, "image_size": size}
    clone = Clone.make(folder / "clone", {"archive": str(archive), **small})
    lineages = trace_lineage(load_params(clone.folder / "params.yaml"), clone.folder)
    found = {}
    for step in steps:
        figures = clone.measure("scoretable", step, "--lineage", lineages[step].digest)
        found[step] = figures | {"MB": _megabytes(clone, step)}
        # The archive's copy is what all later steps read.
        archive.unlink(missing_ok=True)
    if set(STEPS) <= set(steps):
        save = "dvc exp save"
        found[save] = clone.measure("dvc", "exp", "save", "--force", "--name", "row", *STEPS) | {"MB": 0.0}
        found[save]["MB"] = _megabytes(clone, save)
    return found


def _megabytes(clone: Clone, step: str) -> float:
    return disk_bytes(*(clone.folder / name for name in MADE_BY[step])) / 1e6


def measure_experiments(folder: Path, counts: Sequence[int]) -> list[dict[str, Figures]]:
    """Add experiments to one clone up to each of `counts`, and return the figures of each command there."""
    sys.path.insert(0, str(ROOT / "tests/unit"))
    add_experiment = importlib.import_module("made_experiments").add_experiment
    clone = Clone.make(folder / "clone", {})
    found, made = [], 0
    for count in counts:
        for number in range(made, count):
            add_experiment(clone.folder, f"made-{number}", accuracy=0.5 + number / 10_000, seed=number)
        made = count
        figures = {name: clone.measure(*command) for name, command in COMMANDS.items()}
        git, cache = (disk_bytes(clone.folder / name) / 1e6 for name in (".git", ".dvc/cache"))
        found.append(figures | {"git": {"MB": git}, "DVC's cache": {"MB": cache}})
    return found


def summarise(sizes: Sequence[int], found: Sequence[dict[str, Figures]], goal: int, unit: str) -> list[dict[str, Any]]:
    """Return a row for each figure of each command: what was measured, its line, and what that says of `goal`."""
    rows = []
    for name, figures in found[0].items():
        for figure in figures:
            values = [measured[name][figure] for measured in found]
            growth = Growth.of(sizes, values) if len(set(sizes)) > 1 else None
            row: dict[str, Any] = {"what": name, "figure": figure}
            row |= {f"{size} {unit}": value for size, value in zip(sizes, values, strict=True)}
            row["start"] = growth and growth.start
            row["a thousand more"] = growth and 1000 * growth.slope
            row["exponent"] = growth and growth.exponent
            row[f"{goal} {unit}"] = growth and growth.at(goal)
            rows.append(row)
    return rows


def rates(sizes: Sequence[int], found: Sequence[dict[str, Figures]]) -> list[dict[str, Any]]:
    return [
        {
            "turn": turn,
            "step": step,
            "images": images,
            "images/s": images / measured[step]["seconds"],
            "images a CPU second": images / measured[step]["CPU seconds"],
            "peak MB": measured[step]["peak MB"],
            "own MB": measured[step].get("own MB"),
            "disk MB": measured[step]["MB"],
        }
        for step in PREPROCESS
        for turn, (images, measured) in enumerate(zip(sizes, found, strict=True), start=1)
    ]


@contextmanager
def work_folder(parent: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        yield Path(folder)


def measure_images(options: argparse.Namespace, sizes: Sequence[int], steps: Sequence[str]) -> list[dict[str, Figures]]:
    """Measure the steps at each size, in folders that are gone when the next one begins."""
    found = []
    with work_folder(options.folder) as base:
        drawn = draw(base, options.drawn)
        for images in sizes:
            with work_folder(base) as folder:
                found.append(measure_steps(drawn, folder, images, options.size, steps))
            print(f"measured {images} images", file=sys.stderr, flush=True)
    return found


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["images", "experiments", "preprocess"], default="images")
    parser.add_argument("--images", default="500,1000,2000,4000", help="numbers of images, a quarter for the test")
    parser.add_argument("--experiments", default="100,300,1000", help="numbers of experiments")
    parser.add_argument("--size", type=int, default=224, help="side of the images in pixels")
    parser.add_argument("--drawn", type=int, default=500, help="how many different images there are")
    parser.add_argument("--folder", type=Path, help="where to work, with 0.3 MB for each image")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    options = make_parser().parse_args(arguments)
    options.archive = None  # as `write_results` asks for it
    counts = options.experiments if options.what == "experiments" else options.images
    sizes = [int(number) for number in counts.split(",")]
    if options.what == "experiments":
        with work_folder(options.folder) as folder:
            rows = summarise(sizes, measure_experiments(folder, sizes), 1000, "experiments")
    elif options.what == "preprocess":
        turns = [*sizes, *reversed(sizes[:-1])]
        rows = rates(turns, measure_images(options, turns, PREPROCESS))
    else:
        rows = summarise(sizes, measure_images(options, sizes, STEPS), MILLION, "images")
    print_table(rows)
    write_results(options, f"scaling_{options.what}", rows=rows)


if __name__ == "__main__":
    main()
