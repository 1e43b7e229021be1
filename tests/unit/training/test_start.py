"""A training begins with the weights of an earlier row."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scoretable.models.classifier import build_classifier, save_model
from scoretable.prediction.predictions import save_predictions
from scoretable.training.loop import train
from scoretable.training.start import Start
from unit.small_training import RECIPE, small_cache

pytestmark = pytest.mark.usefixtures("one_block")


def saved_row(folder: Path, classes: list[str]) -> tuple[Path, Path]:
    """A row's model and predictions."""
    model, predictions = folder / "model.keras", folder / "predictions.npz"
    save_model(build_classifier("SmallCNN", None, 32, 32, len(classes), "softmax", 0.0), model)
    save_predictions(predictions, [np.zeros((1, len(classes)), np.float32)], ["a.jpg"], classes, "multiclass")
    return model, predictions


def test_a_training_goes_on_from_all_weights_of_a_row_with_the_same_classes(tmp_path: Path) -> None:
    cache = small_cache()
    start = Start.of(*saved_row(tmp_path, cache.classes), cache, fold=0)
    standing = replace(RECIPE, weights="row:first", epochs=1, learning_rate=1e-12, optimizer="sgd", steps_per_epoch=1)
    trained = train(cache, standing, tmp_path / "a.npz", start=start)
    assert start.model is not None
    for weight, begun in zip(trained.model.trainable_variables, start.model.trainable_variables, strict=True):
        np.testing.assert_allclose(weight.numpy(), begun.numpy(), atol=1e-9)


@pytest.mark.parametrize(("classes", "with_head"), [(["green", "red"], True), (["apple", "pear"], False)])
def test_the_head_belongs_to_the_classes(tmp_path: Path, classes: list[str], with_head: bool) -> None:
    assert Start.of(*saved_row(tmp_path, classes), small_cache(), fold=0).with_head is with_head
