"""gpu.py on a CPU: what it makes of figures, and a rehearsal of its parts."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
ROW_8 = {
    "name": "row 8", "batch": 16, "steps in an epoch": 100, "loop": 800.0, "bare": 1000.0, "waiting": 0.05,
    "augmentation": 0.001, "validation": 0.4, "checkpoint": 0.6, "checkpoint copied": 0.15, "feed": 0.002,
    "transfer": 0.001, "start": 10.0, "first epoch": 42.0, "second epoch": 2.4,
}  # fmt: skip


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("KERAS_BACKEND", os.environ.get("KERAS_BACKEND", "tensorflow"))  # which importing gpu changes
    return importlib.import_module("gpu")


def test_only_a_card_with_a_known_peak_has_a_share_of_it(gpu: Any) -> None:
    assert gpu.share_of_peak("NVIDIA H200", "mixed_bfloat16", 98.94e12) == pytest.approx(0.1)
    assert gpu.share_of_peak("NVIDIA of next year", "mixed_bfloat16", 1e12) is None
    assert gpu.share_of_peak("Tesla T4", "mixed_bfloat16", 1e12) is None  # it has no such instructions


def test_an_epoch_is_its_loop_its_validation_and_the_copies_for_checkpoints(gpu: Any) -> None:
    described = gpu.describe(ROW_8)
    assert {name: round(seconds, 6) for name, seconds in described["seconds of an epoch"].items()} == {
        "input": 0.1, "augmentation": 0.1, "step": 1.5, "rest of the loop": 0.3, "validation": 0.4, "checkpoint": 0.006,
    }  # fmt: skip
    assert {name: round(seconds, 6) for name, seconds in described["beside it"].items()} == {
        "batches made": 0.2,
        "transfers": 0.1,
        "checkpoint written": 0.018,
    }


def test_all_epochs_are_projected_from_one_and_the_time_of_compiling_counts_once(gpu: Any) -> None:
    seconds = gpu.describe(ROW_8)["seconds"]
    assert seconds["2 epochs, measured"] == pytest.approx(54.4)
    assert seconds["50 epochs, projected"] == pytest.approx(10 + 39.6 + 50 * 2.406)


def test_checkpoints_that_take_long_are_seldom(gpu: Any) -> None:
    slow = ROW_8 | {"checkpoint": 2.4, "checkpoint copied": 0.6}  # 2.4 s are 2% of two minutes
    assert gpu.describe(slow)["seconds of an epoch"]["checkpoint"] == pytest.approx(0.6 * 2.4 / 120)


def test_parts_of_one_name_are_compared_by_their_weights(gpu: Any) -> None:
    names = ("a", "a, again", "b", "b, again", "c")
    results = [{"name": name, "weights": weights} for name, weights in zip(names, "11233", strict=True)]
    assert gpu.compare_weights(results) == {"a": True, "b": False}


def test_each_part_is_named_once_and_the_full_run_has_all_that_are_asked_for(gpu: Any) -> None:
    parts = gpu.list_parts()
    assert len({part.name for part in parts}) == len(parts)
    trained = {
        (part.model, part.batch, part.precision, part.deterministic) for part in parts if part.framework != "timm"
    }
    assert len(trained) == 5 * 2 * 2
    assert {part.model for part in parts if part.framework == "timm"} == {part.model for part in parts}


def test_parts_without_time_are_named_and_not_started(
    gpu: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.main(["--seconds", "1", "--output", str(tmp_path / "gpu.json")])
    parts = json.loads((tmp_path / "gpu.json").read_text())["parts"]
    assert [part["skipped"] for part in parts] == ["out of time"] * len(gpu.list_parts())
    assert all(part["name"] in capsys.readouterr().out for part in parts[:1])


def test_a_rehearsal_measures_row_8_in_a_process_of_its_own(tmp_path: Path) -> None:
    output = tmp_path / "gpu.json"
    command = [sys.executable, str(FOLDER / "gpu.py"), "--quick", "--parts", "row 8,timm", "--output", str(output)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    written = json.loads(output.read_text())
    row_8, timm = written["parts"]
    assert min(row_8["loop"], row_8["bare"], row_8["operations"]) > 0 and len(row_8["weights"]) == 64
    assert min(row_8["transfer"], row_8["checkpoint copied"], row_8["checkpoint"]) > 0
    assert "loop" in timm or "not installed" in timm["skipped"]
    assert "50 epochs, projected" in printed and written["row 8"]["seconds"]["50 epochs, projected"] > 0
