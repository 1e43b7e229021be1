"""Trainings of train_on_devices.py in processes of their own, and their curves."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
History = list[dict[str, float]]
Counts = dict[str, float]


def start(folder: Path, trainings: list[tuple[int, dict[str, Any]]], **environment: str) -> subprocess.Popen[str]:
    """Start trainings, each given by the number of its devices and the changes of the recipe."""
    paths = os.pathsep.join([str(HERE), str(HERE.parents[1] / "workflow")])
    return subprocess.Popen(
        [sys.executable, str(HERE / "train_on_devices.py"), str(folder), json.dumps(trainings)],
        env=os.environ | {"PYTHONPATH": paths, "TF_CPP_MIN_LOG_LEVEL": "3"} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def histories(process: subprocess.Popen[str]) -> list[History]:
    """Wait for the trainings, and return the history of each."""
    return histories_and_counts(process)[0]


def histories_and_counts(process: subprocess.Popen[str]) -> tuple[list[History], list[Counts]]:
    """Wait for the trainings, and return the history of each, and on JAX what is counted of each one's step."""
    printed, _ = process.communicate(timeout=300)
    assert process.returncode == 0, printed
    found, counted = json.loads(printed.splitlines()[-1])
    return found, counted


def assert_equal_curves(alone: History, together: History) -> None:
    """Compare two histories epoch by epoch, within what the order of a sum changes."""
    assert len(alone) == len(together) > 0
    for one, other in zip(alone, together, strict=True):
        assert other == pytest.approx(one, rel=1e-4, abs=1e-5)
        assert other["val_log_loss"] == pytest.approx(other["val_loss"], rel=1e-4, abs=1e-5)
