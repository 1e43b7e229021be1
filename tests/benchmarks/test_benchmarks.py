"""The benchmarks run on the smallest input, and print and write finite positive numbers; how large, nobody asks here.

startup.py is left out: it runs the whole pipeline. Where a benchmark starts several processes, each of which would have
to import Keras, all but one have threads here.
"""

import importlib
import json
import math
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import pytest
from scoretable.sandbox.drawn_archive import draw_competition

FOLDER = Path(__file__).parents[2] / "benchmarks"
TABLES = ("rows", "psnr", "goals", "losses")

SMALLEST = {
    "preprocess": ["--size", "32"],
    "loader": ["--size", "32", "--batch", "8", "--passes", "1", "--generator-batches", "1"],
    "train_step": ["--model", "SmallCNN", "--size", "32", "--batch", "4", "--steps", "2"],
    "inference": ["--model", "SmallCNN", "--size", "32", "--predicted", "8"],
    "growth": ["--size", "32", "--sizes", "60,120"],
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    draw_competition(folder / "sandbox.zip", folder / "answers.csv", images=40, seed=0, workers=1)
    return folder / "sandbox.zip"


@pytest.fixture(autouse=True)
def _plain_float32():
    yield
    keras.config.set_dtype_policy("float32")


@contextmanager
def own_thread(way: Callable[..., None], *arguments: Any) -> Iterator[Any]:
    """Stand in for harness.own_process."""
    harness = importlib.import_module("harness")
    here, there = multiprocessing.Pipe()
    thread = threading.Thread(target=harness.serve, args=(way, there, *arguments))
    thread.start()
    try:
        yield harness.OwnProcess(thread, here)
    finally:
        here.close()
        thread.join()


def figures_of(table: list[dict[str, Any]]) -> list[float]:
    """All numbers but those that may be none or less."""
    cells = [(name, cell) for row in table for name, cell in row.items() if isinstance(cell, int | float)]
    return [float(cell) for name, cell in cells if not name.startswith(("exponent", "turn"))]


def printed_cells(printed: str) -> list[list[str]]:
    lines = [line for line in printed.splitlines() if line.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in lines]


@pytest.mark.parametrize("name", SMALLEST)
def test_a_benchmark_prints_and_writes_finite_positive_figures(
    name: str, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    benchmark = importlib.import_module(name)
    if name in ("train_step", "growth"):
        monkeypatch.setattr(benchmark, "own_process", own_thread)
    benchmark.main([*SMALLEST[name], "--archive", str(archive), "--rounds", "1", "--results", str(tmp_path)])
    written = json.loads((tmp_path / f"{name}.json").read_text())
    tables = [written[table] for table in TABLES if table in written]
    assert all(0 < figure < math.inf for table in tables for figure in figures_of(table))
    assert len(figures_of(written["rows"])) >= 2 * len(written["rows"])
    assert all(math.isfinite(cell) for table in tables for row in table for cell in row.values() if cell != str(cell))
    assert (written["benchmark"], written["data"], written["settings"]["rounds"]) == (name, "sandbox.zip", 1)
    assert [cells[0] for cells in printed_cells(capsys.readouterr().out)] == [
        cell for table in tables for cell in [next(iter(table[0])), *(str(next(iter(row.values()))) for row in table)]
    ]


@pytest.mark.turns(4, seconds=40)
def test_peers_answer_the_same_held_out_images(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    small = ("competition=sandbox", "model=SmallCNN", "weights=null", "image_size=32", "epochs=1", "batch_size=8")
    settings = [word for setting in small for word in ("--set", setting)]
    importlib.import_module("peers").main(
        ["--archive", str(archive), "--seeds", "3", *settings, "--results", str(tmp_path)]
    )
    rows = json.loads((tmp_path / "peers.json").read_text())["rows"]
    assert [(row["way"], row["right"].split(" of ")[1]) for row in rows] == [("scoretable", "8"), ("tutorial", "8")]
    assert all(row[unit] > 0 for row in rows for unit in ("seconds", "cpu", "megabytes"))
    assert [cells[0] for cells in printed_cells(capsys.readouterr().out)] == ["way", "scoretable", "tutorial"]
