"""The benchmark of what images and experiments cost runs on the smallest input."""

import importlib
import json
from pathlib import Path

import pytest
from test_benchmarks import FOLDER


def test_a_measured_preprocess_has_figures_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    scaling = importlib.import_module("scaling")
    small = ["--size", "32", "--drawn", "40", "--folder", str(tmp_path), "--results", str(tmp_path)]
    scaling.main(["preprocess", "--images", "40", *small])
    rows = json.loads((tmp_path / "scaling_preprocess.json").read_text())["rows"]
    assert [(row["step"], row["images"]) for row in rows] == [("download", 40), ("preprocess", 40)]
    assert all(row[figure] > 0 for row in rows for figure in ("images/s", "images a CPU second", "peak MB"))
    pixels = 40 * 32 * 32 * 3 / 1e6
    assert pixels < rows[1]["disk MB"] < 1.2 * pixels
    assert "| preprocess | 40 |" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["scaling_preprocess.json"]
