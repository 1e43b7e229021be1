"""Files of weights with timm's names: what is read, and what is refused."""

import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from scoretable import models
from scoretable.models.backbones import build_backbone
from scoretable.models.classifier import build_classifier, load_model, save_model
from scoretable.models.timm_weights import FAMILIES, _places, load_timm_weights
from scoretable.training.loop import train
from scoretable.training.recipe import Session
from scoretable.workspace.errors import InputError
from unit.models.timm_files import SWINS, small_networks, write_vit
from unit.small_training import RECIPE, small_cache

SWIN = "scoretable.models.swin"
CONVNEXT = "keras.applications.convnext"
pytestmark = pytest.mark.usefixtures("_small")


@pytest.fixture(scope="module")
def _small():
    with small_networks():
        yield


@pytest.fixture
def weights(tmp_path) -> str:
    path = tmp_path / "vit.safetensors"
    write_vit(path, grid=2)
    return str(path)


@pytest.mark.turns(2)
def test_a_transformer_trains_from_a_weights_file(weights: str, tmp_path) -> None:
    recipe = replace(RECIPE, model="vit_tiny_patch16_224", weights=weights, learning_rate=0.001, dropout=0.0)
    trained = train(small_cache(), recipe, tmp_path / "checkpoint.npz", Session(None, None, 15))
    losses = [entry["loss"] for entry in trained.history]
    assert losses == sorted(losses, reverse=True)
    assert trained.history[-1]["val_accuracy"] == 1
    kept = trained.model.get_layer("backbone").layers[-1].get_layer("patch_embed").kernel
    first = load_file(weights)["patch_embed.proj.weight"].transpose(2, 3, 1, 0)
    assert 0 < np.abs(keras.ops.convert_to_numpy(kept) - first).max() < 0.1  # it moved, from where the file has it


def test_a_saved_transformer_answers_the_same_when_loaded(weights: str, tmp_path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 48, 3), np.uint8)
    for name, file in (("vit_tiny_patch16_224", weights), ("swin_tiny_patch4_window7_224", None)):
        model = build_classifier(name, file, 32, 48, 3, "softmax", 0.0)
        save_model(model, tmp_path / "model.keras")
        np.testing.assert_array_equal(model(pixels), load_model(tmp_path / "model.keras")(pixels))


def test_the_layers_of_a_file_are_known_to_a_process_that_has_not_built_one(monkeypatch, tmp_path) -> None:
    save_model(build_backbone("swinv2_tiny_window8_256", None, 32, 32), tmp_path / "model.keras")
    monkeypatch.delattr(models, "window_attention")
    monkeypatch.delitem(sys.modules, "scoretable.models.window_attention")
    for name in [name for name in keras.saving.get_custom_objects() if name.startswith("scoretable>")]:
        monkeypatch.delitem(keras.saving.get_custom_objects(), name)
    load_model(tmp_path / "model.keras")


@pytest.mark.parametrize(
    ("name", "policy"),
    [("swin_tiny_patch4_window7_224", "mixed_float16"), ("swinv2_tiny_window8_256", "mixed_bfloat16")],
)
def test_a_transformer_answers_nearly_the_same_in_half_precision(name: str, policy: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3), np.uint8)
    whole = build_backbone(name, None, 32, 32)
    keras.config.set_dtype_policy(policy)
    half = build_backbone(name, None, 32, 32)
    half.set_weights(whole.get_weights())
    assert np.abs(whole(pixels) - keras.ops.cast(half(pixels), "float32")).max() < 0.1


def saved_as_timm(network: keras.Model, module: str) -> dict[str, np.ndarray]:
    """Tensors of the right shapes under the names that are read, found by reading ones of the wrong shape."""
    from scoretable.models.freezing import from_the_bottom

    random, tensors = np.random.default_rng(0), {}
    for layer in from_the_bottom(network):
        for variable, name, _ in _places(layer, FAMILIES[module](layer.name)) if layer.weights else ():
            shape = tuple(variable.shape)
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                shape = (shape[2], shape[3], *shape[:2])
            elif len(shape) == 4:
                shape = (shape[3], shape[2], *shape[:2])
            elif name.endswith("table"):
                shape = (shape[0] * shape[1], shape[2])
            elif len(shape) == 2:
                shape = shape[::-1]
            tensors[name] = random.normal(0, 0.1, shape).astype(np.float32)
    return tensors


# A tensor's name in timm 1.0, and the layer that gets it.
PLACES = {
    "keras.applications.convnext": {
        "stem.0.weight": "convnext_tiny_stem_conv",
        "stem.1.bias": "convnext_tiny_stem_layernorm",
        "stages.0.blocks.0.gamma": "convnext_tiny_stage_0_block_0_layer_scale",
        "stages.1.downsample.0.weight": "convnext_tiny_downsampling_layernorm_0",
        "stages.3.downsample.1.weight": "convnext_tiny_downsampling_conv_2",
        "stages.2.blocks.1.conv_dw.weight": "convnext_tiny_stage_2_block_1_depthwise_conv",
        "stages.2.blocks.1.norm.weight": "convnext_tiny_stage_2_block_1_layernorm",
        "stages.2.blocks.1.mlp.fc1.weight": "convnext_tiny_stage_2_block_1_pointwise_conv_1",
        "stages.2.blocks.1.mlp.fc2.bias": "convnext_tiny_stage_2_block_1_pointwise_conv_2",
        "head.norm.weight": "layer_normalization",
    },
    "keras.applications.efficientnet_v2": {
        "conv_stem.weight": "stem_conv",
        "bn1.running_var": "stem_bn",
        "blocks.0.0.conv.weight": "block1a_project_conv",
        "blocks.0.0.bn1.bias": "block1a_project_bn",
        "blocks.1.1.conv_exp.weight": "block2b_expand_conv",
        "blocks.1.1.bn1.weight": "block2b_expand_bn",
        "blocks.2.0.conv_pwl.weight": "block3a_project_conv",
        "blocks.2.0.bn2.weight": "block3a_project_bn",
        "blocks.3.2.conv_pw.weight": "block4c_expand_conv",
        "blocks.4.0.conv_dw.weight": "block5a_dwconv2",
        "blocks.4.0.bn2.running_mean": "block5a_bn",
        "blocks.5.7.se.conv_reduce.bias": "block6h_se_reduce",
        "blocks.5.7.se.conv_expand.weight": "block6h_se_expand",
        "blocks.5.7.conv_pwl.weight": "block6h_project_conv",
        "blocks.5.7.bn3.weight": "block6h_project_bn",
        "conv_head.weight": "top_conv",
        "bn2.bias": "top_bn",
    },
    "scoretable.models.swin": {
        "patch_embed.proj.weight": "patch_embed",
        "patch_embed.norm.weight": "patch_norm",
        "layers.0.blocks.1.attn.qkv.weight": "stage_0_block_1_attn",
        "layers.0.blocks.1.norm1.bias": "stage_0_block_1_norm1",
        "layers.1.downsample.reduction.weight": "stage_1_downsample_reduction",
        "layers.1.blocks.0.mlp.fc2.weight": "stage_1_block_0_mlp_fc2",
        "norm.weight": "norm",
    },
}


@pytest.mark.parametrize("module", PLACES)
def test_layers_take_the_tensors_that_timm_names_for_them(module: str) -> None:
    for tensor, layer in PLACES[module].items():
        name = FAMILIES[module](layer)
        assert tensor in (name, f"{name}.{tensor.rpartition('.')[2]}", f"{name}.qkv.weight")


@pytest.mark.parametrize("version", SWINS)
def test_each_weight_of_a_swin_comes_from_the_file(version: int, tmp_path) -> None:
    network = SWINS[version](input_shape=(32, 32, 3))
    tensors = saved_as_timm(network, SWIN)
    save_file(tensors | {"head.fc.weight": np.ones((3, 16), np.float32)}, tmp_path / "swin.safetensors")
    before = network.get_weights()
    load_timm_weights(network, "swin", SWIN, tmp_path / "swin.safetensors")
    assert all((old != new).all() for old, new in zip(before, network.get_weights(), strict=True))
    kernel = network.get_layer("stage_1_block_0_attn").qkv.kernel
    np.testing.assert_array_equal(kernel, tensors["layers.1.blocks.0.attn.qkv.weight"].T)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda tensors: tensors.pop("blocks.1.norm2.bias"), r"it lacks blocks.1.norm2.bias"),
        (
            lambda tensors: tensors.update({"blocks.2.norm1.bias": np.ones(16, np.float32)}),
            "it has blocks.2.norm1.bias",
        ),
        (lambda tensors: tensors.update({"norm.bias": np.ones(8, np.float32)}), r"norm.bias is of shape \(8,\), not"),
        (lambda tensors: tensors.update({"pos_embed": np.ones((1, 7, 16), np.float32)}), "6 places are no square"),
    ],
)
def test_weights_of_another_network_are_refused(change, words: str, weights: str, tmp_path) -> None:
    tensors = load_file(weights)
    change(tensors)
    save_file(tensors, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match=rf"other.safetensors does not fit model: vit_tiny_patch16_224 \(.*{words}"):
        build_backbone("vit_tiny_patch16_224", str(tmp_path / "other.safetensors"), 32, 32)


@pytest.mark.parametrize("suffix", [".safetensors", ".bin"])
def test_a_damaged_file_is_refused(suffix: str, tmp_path) -> None:
    (tmp_path / f"damaged{suffix}").write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match=f"damaged{suffix} does not fit model: vit_tiny_patch16_224"):
        build_backbone("vit_tiny_patch16_224", str(tmp_path / f"damaged{suffix}"), 32, 32)


def test_a_network_of_another_family_is_refused(weights: str) -> None:
    with pytest.raises(InputError, match=r"vit.safetensors cannot be read for model: SmallCNN: .* give a .weights.h5"):
        build_backbone("SmallCNN", weights, 32, 32)
