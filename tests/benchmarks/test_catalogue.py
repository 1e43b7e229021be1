"""The benchmark of a large catalogue runs on a small one, and its figures are finite."""

import importlib
import json
import math
from pathlib import Path

import keras
import pytest
from test_benchmarks import FOLDER, own_thread


@pytest.fixture(autouse=True)
def _plain_float32():
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(("task", "form"), [("multiclass", "ranked"), ("multilabel", "labels")])
def test_each_part_of_a_small_catalogue_has_finite_figures(
    task: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    catalogue = importlib.import_module("catalogue")
    monkeypatch.setattr(catalogue, "own_process", own_thread)
    options = ["--images", "400", "--classes", "20", "--task", task, "--form", form, "--folder", str(tmp_path)]
    parts = [name for name in catalogue.PARTS if name != "init"]
    catalogue.main([*options, "--parts", ",".join(parts), "--results", str(tmp_path)])
    rows = json.loads((tmp_path / "catalogue.json").read_text())["rows"]
    assert list(dict.fromkeys(row["part"] for row in rows)) == parts
    assert all(0 <= row[figure] < math.inf for row in rows for figure in ("seconds", "CPU s", "own MB", "peak MB"))
