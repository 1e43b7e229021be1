"""The same recipe trains on TensorFlow and on JAX, and a checkpoint of one goes on in the other."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from scoretable.scoring.measure import Measure
from scoretable.training.loop import train
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped
from unit.processes import History, assert_equal_curves, histories, start
from unit.small_training import RECIPE, small_cache

pytestmark = pytest.mark.usefixtures("one_block")

# Without dropout, since each backend draws other numbers.
WITHOUT_CHANCE = {
    "dropout": 0.0, "epochs": 3, "learning_rate": 0.0005, "ema": 0.9, "optimizer": "adamw", "weight_decay": 0.01,
    "augment": ["flip", "crop", "colour"],
}  # fmt: skip
SHORT = {"epochs": 1, "steps_per_epoch": 3, "optimizer": "sgd"}  # since JAX compiles for long


def on_tensorflow(checkpoint: Path, hours: float) -> History:
    recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **WITHOUT_CHANCE)
    return train(small_cache(), recipe, checkpoint, Session(max_hours=hours)).history


def train_both(folder: Path) -> dict[str, History]:
    """Go on on both backends from a first step of TensorFlow, so that both start from its random weights."""
    folder.mkdir()
    with pytest.raises(TrainingStopped):
        on_tensorflow(folder / "0.npz", 1e-9)
    (folder / "first.npz").write_bytes((folder / "0.npz").read_bytes())
    other = start(folder, [(1, WITHOUT_CHANCE), (1, SHORT), (2, SHORT)], KERAS_BACKEND="jax")
    tensorflow = on_tensorflow(folder / "first.npz", 1)
    return dict(zip(("jax", "one device", "two devices"), histories(other), strict=True)) | {"tensorflow": tensorflow}


@pytest.fixture
def curves(one_block: None, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, History]:
    """The histories of trainings on TensorFlow, and on JAX by a single process for all tests."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    kept = shared / "backends.json"
    with FileLock(shared / "backends.lock"):
        if not kept.exists():
            kept.write_text(json.dumps(train_both(shared / "backends")))
    found: dict[str, History] = json.loads(kept.read_text())
    return found


def test_both_backends_go_on_from_one_checkpoint_with_the_same_loss_curve(curves: dict[str, History]) -> None:
    jax, tensorflow = ([(entry["loss"], entry["val_loss"]) for entry in curves[name]] for name in ("jax", "tensorflow"))
    assert len(jax) == 3
    assert jax[0] == pytest.approx(tensorflow[0], rel=1e-3)
    assert jax[-1] == pytest.approx(tensorflow[-1], rel=5e-2)
    assert jax[-1][0] < jax[0][0]
    # Keras' loss of single labels and the competition's are the same; so the answers are complete and in order.
    assert all(entry["val_log_loss"] == pytest.approx(entry["val_loss"], abs=1e-5) for entry in curves["jax"])


def test_two_devices_have_the_loss_curve_of_one_on_jax_too(curves: dict[str, History]) -> None:
    assert_equal_curves(curves["one device"], curves["two devices"])
