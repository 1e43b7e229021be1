"""Max pooling by slices is Keras' own, to the bit, and no model is saved with it."""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scoretable.models.classifier import load_model, save_model
from scoretable.models.max_pooling import pool_as_keras_does, pool_by_slices

Pooling = tuple[int | tuple[int, int], int | tuple[int, int], str]
# Of keras.applications: VGG and ours; InceptionV3; ResNet pads beforehand; Xception and NASNet. And a lopsided one.
POOLINGS: list[Pooling] = [
    (2, 2, "valid"), (3, 2, "valid"), (3, 2, "same"), (3, 1, "same"), ((2, 3), (1, 2), "same"),
]  # fmt: skip


def value_and_gradient(model: Any, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The model's answers, and the gradient of their sum, each weighted by its own number."""
    inputs = tf.constant(pixels)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = model(inputs)
        weights = np.random.default_rng(1).integers(1, 10, outputs.shape)
        loss = tf.reduce_sum(outputs * tf.cast(weights, outputs.dtype))
    return np.asarray(outputs), np.asarray(tape.gradient(loss, inputs))


def pooled(pooling: Pooling, shape: tuple[int, ...]) -> Any:
    return keras.Sequential([keras.Input(shape), layers.MaxPooling2D(*pooling)])


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("values", ["all differ", "many are equal"])
def test_values_and_gradients_are_those_of_keras(pooling: Pooling, values: str) -> None:
    generator = np.random.default_rng(0)
    draw = generator.normal if values == "all differ" else partial(generator.integers, -1, 2)
    pixels = draw(size=(2, 9, 8, 3)).astype(np.float32)
    model = pooled(pooling, (9, 8, 3))
    expected = value_and_gradient(model, pixels)
    pool_by_slices(model)
    for mine, keras_own in zip(value_and_gradient(model, pixels), expected, strict=True):
        np.testing.assert_array_equal(mine, keras_own)


def test_what_is_no_number_stays_wherever_in_a_window_it_is() -> None:
    model = pooled((2, 2, "valid"), (2, 8, 1))
    pool_by_slices(model)
    pixels = np.arange(16, dtype=np.float32).reshape(1, 2, 8, 1)
    for row, column in ((0, 0), (0, 3), (1, 4), (1, 7)):
        pixels[0, row, column] = np.nan
    assert np.isnan(model(pixels)).all()


def test_layers_inside_of_models_are_reached_and_put_back_and_the_saved_file_is_the_same(tmp_path: Path) -> None:
    inner = pooled((2, 2, "valid"), (8, 8, 3))
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    model = keras.Model(inputs, layers.Flatten()(inner(layers.Rescaling(1.0)(inputs))))
    pooling = inner.layers[-1]
    save_model(model, tmp_path / "before.keras")
    pool_by_slices(model)
    assert "call" in vars(pooling)
    save_model(model, tmp_path / "by_slices.keras")
    pool_as_keras_does(model)
    assert "call" not in vars(pooling)
    assert (tmp_path / "before.keras").read_bytes() == (tmp_path / "by_slices.keras").read_bytes()
    assert type(load_model(tmp_path / "by_slices.keras").layers[2].layers[-1]) is layers.MaxPooling2D
