"""The same recipe trains on TensorFlow and on JAX, and a checkpoint of one goes on in the other."""

from dataclasses import replace
from pathlib import Path

import pytest
from scoretable.scoring.measure import Measure
from scoretable.training.loop import train
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped
from unit.processes import History, assert_equal_curves, histories_and_counts, start
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


def test_jax_goes_on_from_a_checkpoint_of_tensorflow_and_two_of_its_devices_have_the_curve_of_one(
    tmp_path: Path,
) -> None:
    # All on JAX in one process, which takes long to start: from TensorFlow's random weights, and for the two devices.
    with pytest.raises(TrainingStopped):
        on_tensorflow(tmp_path / "0.npz", 1e-9)
    (tmp_path / "first.npz").write_bytes((tmp_path / "0.npz").read_bytes())
    other = start(tmp_path, [(1, WITHOUT_CHANCE), (1, SHORT), (2, SHORT)], KERAS_BACKEND="jax")
    tensorflow = on_tensorflow(tmp_path / "first.npz", 1)
    (jax, one_device, two_devices), counted = histories_and_counts(other)

    on_both = [[(entry["loss"], entry["val_loss"]) for entry in history] for history in (jax, tensorflow)]
    assert len(jax) == 3
    assert on_both[0][0] == pytest.approx(on_both[1][0], rel=1e-3)
    assert on_both[0][-1] == pytest.approx(on_both[1][-1], rel=5e-2)
    assert jax[-1]["loss"] < jax[0]["loss"]
    # Keras' loss of single labels and the competition's are the same; so the answers are complete and in order.
    assert all(entry["val_log_loss"] == pytest.approx(entry["val_loss"], abs=1e-5) for entry in jax)
    assert_equal_curves(one_device, two_devices)

    # Three steps, two a call; averaged weights that are put in for the validation and taken out again.
    assert [counts["compilations"] for counts in counted] == [1, 1, 1]
    # What XLA does not make deterministic on a GPU; and what a step does, which may only shrink.
    assert [counts["select_and_scatter"] for counts in counted] == [0, 0, 0]
    assert counted[1]["flops"] < 8_800_000
    assert counted[1]["bytes"] < 24_500_000
