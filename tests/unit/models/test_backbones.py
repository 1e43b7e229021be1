"""The table of backbones is that of Keras, and each one scales its own input."""

import importlib
import inspect
from functools import partial

import keras
import numpy as np
import pytest
from scoretable.models import backbones, swin, vision_transformer
from scoretable.models.backbones import BACKBONES, build_backbone, image_size_problem
from scoretable.models.classifier import load_model, save_model
from scoretable.models.small_cnn import SmallCNN
from scoretable.workspace.errors import InputError

ONE_PER_SCALING = {
    "inside": "MobileNetV3Small",
    "tf": "MobileNetV2",
    "torch": "DenseNet121",
    "caffe": "VGG16",
    "lite": "EfficientNetLite0",
    "small": "SmallCNN",
    "vit": "vit_tiny_patch16_224",
    "swin": "swin_tiny_patch4_window7_224",
}
pytestmark = pytest.mark.usefixtures("one_block")


def keras_backbones() -> dict[str, str]:
    found = inspect.getmembers(keras.applications, inspect.isfunction)
    return {name: "keras.applications." + function.__module__.rsplit(".", 1)[1] for name, function in found}


def test_the_table_lists_each_model_of_keras_applications_in_its_module() -> None:
    listed = {name: backbone.module for name, backbone in BACKBONES.items() if backbone.module.startswith("keras")}
    assert listed == keras_backbones()


@pytest.mark.parametrize("name", ["VGG16", "InceptionV3", "Xception", "InceptionResNetV2"])
def test_the_smallest_size_is_that_of_keras(name: str) -> None:
    smallest = BACKBONES[name].minimum_size
    constructor = getattr(keras.applications, name)
    with pytest.raises(ValueError, match=f"at least {smallest}x{smallest}"):
        constructor(include_top=False, weights=None, input_shape=(smallest - 1, smallest, 3))


def test_each_transformer_listed_is_a_constructor_of_its_module() -> None:
    modules = [vision_transformer, swin]
    built = {name for module in modules for name, made in vars(module).items() if isinstance(made, partial)}
    assert {name for name, backbone in BACKBONES.items() if backbone.patch > 1} == built
    patches = {module.__name__: module.PATCH for module in modules}
    assert all(BACKBONES[name].patch == patches[BACKBONES[name].module] for name in built)


@pytest.mark.parametrize(
    ("name", "size", "problem"),
    [
        ("vit_base_patch16_224", (224, 232), "does not fit model: vit_base_patch16_224, which needs multiples of 16"),
        ("vit_base_patch16_224", (100, 224), "multiples of 16 pixels per side, such as 96x224"),
        ("swin_tiny_patch4_window7_224", (30, 64), "is too small for model: swin_tiny_patch4_window7_224"),
        ("swin_tiny_patch4_window7_224", (34, 64), "multiples of 4 pixels per side, such as 32x64"),
        ("swin_tiny_patch4_window7_224", (36, 64), None),
        ("ConvNeXtTiny", (33, 35), None),
    ],
)
def test_a_size_that_does_not_fit_the_patches_is_a_problem(name: str, size: tuple[int, int], problem) -> None:
    found = image_size_problem(name, *size)
    assert found is None if problem is None else problem in found


@pytest.mark.parametrize("name", ONE_PER_SCALING.values())
def test_pixels_are_scaled_as_preprocess_input_scales_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backbones, "_constructor", lambda name: SmallCNN)  # what comes after the scaling is no matter
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    model = build_backbone(name, None, 32, 32)
    network = model.layers[-1]
    expected = importlib.import_module(BACKBONES[name].module).preprocess_input(pixels.astype(np.float32))
    scaled = keras.Model(model.input, network._inbound_nodes[-1].input_tensors[0])(pixels)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(scaled), keras.ops.convert_to_numpy(expected), atol=1e-4)


@pytest.mark.parametrize("name", ["VGG16", "SmallCNN"])
def test_a_saved_backbone_predicts_the_same_when_loaded(name: str, tmp_path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    model = build_backbone(name, None, 32, 32)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(model(pixels), loaded(pixels))


def test_equal_models_have_equal_files_without_the_optimizer(tmp_path) -> None:
    for name in ("one", "two"):
        keras.utils.set_random_seed(0)
        keras.backend.clear_session()
        model = build_backbone("SmallCNN", None, 32, 32)
        if name == "two":
            model.compile("adam", "mse")
            model.optimizer.build(model.trainable_variables)
        save_model(model, tmp_path / f"{name}.keras")
    assert (tmp_path / "one.keras").read_bytes() == (tmp_path / "two.keras").read_bytes()


def test_a_file_that_is_no_model_is_refused(tmp_path) -> None:
    (tmp_path / "model.keras").write_bytes(b"not a model")
    with pytest.raises(InputError, match=r"model.keras cannot be loaded"):
        load_model(tmp_path / "model.keras")


def test_weights_that_nobody_trained_are_refused() -> None:
    with pytest.raises(InputError, match="SmallCNN has no trained weights"):
        build_backbone("SmallCNN", "imagenet", 32, 32)


def test_weights_from_a_missing_file_are_refused() -> None:
    with pytest.raises(InputError, match=r"weights: nowhere.h5 does not exist"):
        build_backbone("SmallCNN", "nowhere.h5", 32, 32)


def test_a_relative_path_of_weights_is_that_of_the_repository_in_dvcs_copy_too(tmp_path, monkeypatch) -> None:
    copy = tmp_path / ".dvc/tmp/exps/one"
    copy.mkdir(parents=True)
    (tmp_path / "mine.weights.h5").write_bytes(b"no weights")
    monkeypatch.chdir(copy)
    with pytest.raises(InputError, match=r"mine.weights.h5 does not fit model: SmallCNN"):
        build_backbone("SmallCNN", "mine.weights.h5", 32, 32)


def test_a_name_like_that_of_weights_is_told() -> None:
    with pytest.raises(InputError, match=r"does not exist \(did you mean convnext_large.fb_in22k\?\)"):
        build_backbone("ConvNeXtTiny", "convnext_large.fb_22k", 32, 32)


def test_weights_of_another_backbone_are_refused(tmp_path) -> None:
    keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3)).save_weights(
        tmp_path / "other.weights.h5"
    )
    with pytest.raises(InputError, match="does not fit model"):
        build_backbone("SmallCNN", str(tmp_path / "other.weights.h5"), 32, 32)


def test_weights_from_a_file_are_loaded(tmp_path) -> None:
    network = SmallCNN(input_shape=(32, 32, 3))
    network.save_weights(tmp_path / "mine.weights.h5")
    loaded = build_backbone("SmallCNN", str(tmp_path / "mine.weights.h5"), 32, 32).layers[-1]
    for expected, actual in zip(network.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_weights_that_cannot_be_downloaded_are_named_with_the_place_to_put_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # where nobody listens
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path))  # read at import
    with pytest.raises(InputError) as refused:
        build_backbone("VGG16", "imagenet", 32, 32)
    file = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    assert f"/{file} elsewhere and put it at {tmp_path}/models/{file}" in str(refused.value)
    assert "\n" not in str(refused.value)
