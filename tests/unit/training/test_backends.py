"""The same recipe trains on TensorFlow and on JAX, and a checkpoint of one goes on in the other."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

SCRIPT = """
import json, sys
from dataclasses import replace
from pathlib import Path
import keras
from scoretable.workspace.errors import TrainingStopped
from scoretable.training.recipe import Session
from scoretable.training.loop import train
from scoretable.scoring.measure import Measure
from unit.small_training import RECIPE, small_cache

recipe = replace(RECIPE, dropout=0.0, epochs=3, learning_rate=0.0005, ema=0.9, optimizer="adamw", weight_decay=0.01,
                 augment=("flip", "crop", "colour"), measure=Measure("log_loss", "multiclass", 2))
try:
    history = train(small_cache(), recipe, Path(sys.argv[1]), Session(max_hours=float(sys.argv[2]))).history
except TrainingStopped as stop:
    history = []
print(json.dumps({"backend": keras.backend.backend(), "history": history}))
"""


def run(backend: str, checkpoint: Path, hours: float) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(checkpoint), str(hours)],
        env=os.environ | {"KERAS_BACKEND": backend, "PYTHONPATH": f"{ROOT / 'workflow'}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def first_step(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A checkpoint that TensorFlow wrote after one step: both backends start from its random weights."""
    path = tmp_path_factory.mktemp("first") / "a.npz"
    assert run("tensorflow", path, 1e-9)["history"] == []
    return path.read_bytes()


def test_both_backends_go_on_from_one_checkpoint_with_the_same_loss_curve(first_step: bytes, tmp_path: Path) -> None:
    curves = {}
    for backend in ("tensorflow", "jax"):
        checkpoint = tmp_path / f"{backend}.npz"
        checkpoint.write_bytes(first_step)
        result = run(backend, checkpoint, 1)
        assert result["backend"] == backend
        curves[backend] = [(entry["loss"], entry["val_loss"]) for entry in result["history"]]
    assert len(curves["jax"]) == 3
    assert curves["jax"][0] == pytest.approx(curves["tensorflow"][0], rel=1e-3)
    assert curves["jax"][-1] == pytest.approx(curves["tensorflow"][-1], rel=5e-2)
    assert curves["jax"][-1][0] < curves["jax"][0][0]
    # Keras' loss of single labels and the competition's are the same; so the answers are complete and in order.
    assert all(entry["val_log_loss"] == pytest.approx(entry["val_loss"], abs=1e-5) for entry in result["history"])
