"""The same recipe trains on TensorFlow and on JAX, a checkpoint or a model of one goes on in the other, and JAX needs
no TensorFlow.

All on JAX happens in one process, which takes long to start.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scoretable.models.classifier import build_classifier, load_model, save_model
from scoretable.prediction.inference import predict_answers
from scoretable.scoring.measure import Measure
from scoretable.training.loop import train
from scoretable.training.recipe import Session
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import TrainingStopped
from unit.processes import History, assert_equal_curves, last_line, start
from unit.small_training import RECIPE, change_images, small_cache, with_further

pytestmark = [pytest.mark.usefixtures("one_block"), pytest.mark.turns(4, together=True, seconds=45)]

# Without dropout, since each backend draws other numbers.
WITHOUT_CHANCE = {
    "dropout": 0.0, "epochs": 3, "learning_rate": 0.0005, "ema": 0.9, "optimizer": "adamw", "weight_decay": 0.01,
    "augment": ["flip", "crop", "colour"], "second_target": "age",
}  # fmt: skip
SHORT = {"epochs": 1, "steps_per_epoch": 3, "optimizer": "sgd", "second_target": "hue"}  # since JAX compiles for long
# What a training that goes on compiles was compiled for the undisturbed one.
CACHE_ALL = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}


@dataclass(frozen=True)
class OnJax:
    """What on_jax_alone.py left in `folder` and printed, and the same by TensorFlow."""

    folder: Path
    printed: dict[str, Any]
    history: History
    answers: Any


def on_tensorflow(checkpoint: Path, hours: float) -> History:
    recipe = replace(RECIPE, measure=Measure("log_loss", "multiclass", 2), **WITHOUT_CHANCE)
    return train(with_further(small_cache()), recipe, checkpoint, Session(max_hours=hours)).history


def answers_of(model: Any) -> np.ndarray:
    return predict_answers(model, small_cache().test_images, np.arange(4))


@pytest.fixture(scope="module")
def on_jax(tmp_path_factory: pytest.TempPathFactory, one_block: None) -> OnJax:
    """Trainings from TensorFlow's random weights, on one device and on two, and a row, in one process."""
    folder = tmp_path_factory.mktemp("jax")
    with pytest.raises(TrainingStopped):
        on_tensorflow(folder / "0.npz", 1e-9)
    (folder / "first.npz").write_bytes((folder / "0.npz").read_bytes())
    model = build_classifier("SmallCNN", None, 32, 32, 2, "softmax", 0.0)
    save_model(model, folder / "tensorflow.keras")
    trainings = [(1, WITHOUT_CHANCE), (1, SHORT), (2, SHORT)]
    compiled = {"JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"), **CACHE_ALL}
    other = start(folder, trainings, "on_jax_alone.py", KERAS_BACKEND="", **compiled)
    history = on_tensorflow(folder / "first.npz", 1)
    return OnJax(folder, last_line(other), history, answers_of(model))


def test_jax_goes_on_from_a_checkpoint_of_tensorflow(on_jax: OnJax) -> None:
    jax, tensorflow = on_jax.printed["histories"][0], on_jax.history
    on_both = [[(entry["loss"], entry["val_loss"]) for entry in history] for history in (jax, tensorflow)]
    assert len(jax) == 3
    assert on_both[0][0] == pytest.approx(on_both[1][0], rel=1e-3)
    assert on_both[0][-1] == pytest.approx(on_both[1][-1], rel=5e-2)
    assert jax[-1]["loss"] < jax[0]["loss"]
    # Keras' loss of single labels and the competition's are the same; so the answers are complete and in order.
    assert all(entry["val_log_loss"] == pytest.approx(entry["val_loss"], abs=1e-5) for entry in jax)


def test_images_are_changed_alike_on_both_backends(on_jax: OnJax) -> None:
    apart = np.abs(np.array(on_jax.printed["changed"]) - change_images(xla=False).astype(int))
    assert (apart <= 1).mean() > 0.999  # where rounding decides, solarize and posterize may make much of it


def test_a_step_in_parts_is_that_on_the_whole_batch_and_takes_less_memory(on_jax: OnJax) -> None:
    parts = on_jax.printed["parts"]
    assert parts["apart"] < 3e-5
    assert parts["figures"][1] == pytest.approx(parts["figures"][0], rel=1e-5)
    assert parts["bytes"][1] < 0.5 * parts["bytes"][0]


def test_two_devices_of_jax_have_the_curve_of_one(on_jax: OnJax) -> None:
    assert_equal_curves(*on_jax.printed["histories"][1:])


def test_jax_compiles_a_step_once_and_nothing_in_it_is_left_to_chance_on_a_gpu(on_jax: OnJax) -> None:
    counted = on_jax.printed["counted"]
    # Three steps, two a call; averaged weights that are put in for the validation and taken out again.
    assert [counts["compilations"] for counts in counted] == [1, 1, 1]
    assert [counts["ends"] for counts in counted] == [1, 1, 1]  # however many steps a call makes
    # What XLA does not make deterministic on a GPU; and what a step does, which may only shrink.
    assert [counts["select_and_scatter"] for counts in counted] == [0, 0, 0]
    assert counted[1]["flops"] < 8_800_000
    assert counted[1]["bytes"] < 24_500_000


def test_a_row_is_made_on_jax_where_tensorflow_cannot_be_imported(on_jax: OnJax) -> None:
    row = on_jax.folder / "undisturbed"
    training = json.loads((row / "models/training.json").read_text())
    assert training["backend"] == "jax"
    assert "tensorflow" not in training["versions"]
    assert "accuracy" in json.loads((row / "models/metrics.json").read_text())
    assert np.load(row / "data/predictions.npz")["probabilities"].shape == (4, 2)
    assert list((row / "logs/tensorboard/0123-0").iterdir())


def test_a_training_that_goes_on_on_jax_ends_in_the_bits_of_an_undisturbed_one(on_jax: OnJax) -> None:
    undisturbed, resumed = on_jax.folder / "undisturbed", on_jax.folder / "resumed"
    for name in ("models/model.keras", "models/history.csv", "models/metrics.json", "data/predictions.npz"):
        assert file_digest(undisturbed / name) == file_digest(resumed / name), name
    assert json.loads((resumed / "models/training.json").read_text())["sessions"] == 2


def test_a_model_of_one_backend_answers_the_same_in_the_other(on_jax: OnJax) -> None:
    of_jax = np.load(on_jax.folder / "undisturbed/data/predictions.npz")["probabilities"]
    assert answers_of(load_model(on_jax.folder / "undisturbed/models/model.keras")) == pytest.approx(of_jax, abs=1e-4)
    assert np.array(on_jax.printed["answers"]) == pytest.approx(on_jax.answers, abs=1e-4)


def test_quick_convolutions_of_jax_have_the_values_and_gradients_of_its_own(on_jax: OnJax) -> None:
    assert on_jax.printed["convolutions"] == {
        name: pytest.approx(0.0, abs=1e-5)
        for name in ("depthwise", "depthwise, strided", "depthwise, valid", "pointwise")
    }
