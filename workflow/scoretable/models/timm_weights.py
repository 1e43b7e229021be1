"""Weights of timm (PyTorch Image Models) for networks of Keras: files of safetensors or of PyTorch.

Read without timm or PyTorch, and without running code that a file may carry.
"""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from PIL import Image

from scoretable.models.freezing import from_the_bottom
from scoretable.models.torch_weights import read_state_dict
from scoretable.models.vision_transformer import ClassToken
from scoretable.models.window_attention import CosineWindowAttention, WindowAttention
from scoretable.workspace.errors import InputError

# What a file has besides a backbone: the classifier, and numbers that follow from the network's shape.
_BESIDES = re.compile(
    r"(head(?!\.norm)|classifier|pre_logits)\..*|.*\.(relative_position_index|relative_coords_table|attn_mask"
    r"|num_batches_tracked|k_bias)"
)
_INVERTED = {"expand_conv": "conv_pw", "expand_bn": "bn1", "dwconv2": "conv_dw", "bn": "bn2", "project_bn": "bn3"}
_INVERTED |= {"project_conv": "conv_pwl", "se_reduce": "se.conv_reduce", "se_expand": "se.conv_expand"}
_FUSED = {"expand_conv": "conv_exp", "expand_bn": "bn1", "project_conv": "conv_pwl", "project_bn": "bn2"}
_PLAIN = {"project_conv": "conv", "project_bn": "bn1"}
_OF_CONVNEXT = {"depthwise_conv": "conv_dw", "layernorm": "norm", "layer_scale": "gamma"}
_OF_CONVNEXT |= {"pointwise_conv_1": "mlp.fc1", "pointwise_conv_2": "mlp.fc2"}


def load_timm_weights(network: keras.Model, model: str, module: str, path: Path) -> None:
    """Give a network of one of `FAMILIES` the weights of a file with timm's names: .safetensors, .bin, .pth or .pt.

    model: its name for users; module: its family.

    A ViT's embeddings of places are resized to the network's grid, as timm does it. Raises InputError where the file
    is damaged, lacks a weight, has one of another shape, or has weights that the network has no place for.
    """
    name_of = FAMILIES[module]
    try:
        with _open_tensors(path) as (names, read):
            left = {name for name in names if not _BESIDES.fullmatch(name)}
            for layer in from_the_bottom(network):
                if not layer.weights:
                    continue
                for variable, name, convert in _places(layer, name_of(layer.name)):
                    if name not in names:
                        raise InputError(f"it lacks {name}")
                    _assign(variable, convert(read(name)), name)
                    left.discard(name)
        if left:
            raise InputError(f"it has {min(left)}, for which there is no place")
    except Exception as error:  # a damaged file can raise nearly any exception
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"weights: {path} does not fit model: {model} ({reason}).") from None


def _assign(variable: Any, array: np.ndarray, name: str) -> None:
    if tuple(variable.shape) != array.shape:
        raise InputError(f"{name} is of shape {array.shape}, not {tuple(variable.shape)}")
    variable.assign(array.astype(np.float32))


@contextmanager
def _open_tensors(path: Path) -> Iterator[tuple[set[str], Callable[[str], np.ndarray]]]:
    """Yield the names of a file's tensors and a function that reads one; safetensors are not read as a whole."""
    if path.suffix == ".safetensors":
        from safetensors import safe_open

        with safe_open(path, "numpy") as file:
            yield set(file.keys()), file.get_tensor
    else:
        tensors = read_state_dict(path)
        yield set(tensors), tensors.__getitem__


_Place = tuple[Any, str, Callable[[np.ndarray], np.ndarray]]


def _places(layer: Any, name: str) -> Iterator[_Place]:
    """Yield a layer's variables, each with the tensor for it and what turns that into Keras' axes."""
    match layer:
        case ClassToken():
            yield layer.token, "cls_token", _same
            yield layer.places, "pos_embed", lambda places: resize_places(places, layer.grid)
        case layers.MultiHeadAttention():
            yield from _attention_places(layer, name)
        case WindowAttention():
            yield from _window_places(layer, name)
        case layers.BatchNormalization():
            yield layer.gamma, f"{name}.weight", _same
            yield layer.beta, f"{name}.bias", _same
            yield layer.moving_mean, f"{name}.running_mean", _same
            yield layer.moving_variance, f"{name}.running_var", _same
        case layers.LayerNormalization():
            yield layer.gamma, f"{name}.weight", _same
            yield layer.beta, f"{name}.bias", _same
        case layers.DepthwiseConv2D():
            yield layer.kernel, f"{name}.weight", lambda kernel: kernel.transpose(2, 3, 0, 1)
        case layers.Conv2D() | layers.Dense():
            yield layer.kernel, f"{name}.weight", _turned
            if layer.use_bias:
                yield layer.bias, f"{name}.bias", _same
        case _:  # ConvNeXt's scale of a block
            yield layer.weights[0], name, _same


def _attention_places(layer: Any, name: str) -> Iterator[_Place]:
    for place, dense in enumerate((layer.query_dense, layer.key_dense, layer.value_dense)):
        yield dense.kernel, f"{name}.qkv.weight", partial(_third, place=place, shape=dense.kernel.shape)
        yield dense.bias, f"{name}.qkv.bias", partial(_third, place=place, shape=dense.bias.shape)
    kernel = layer.output_dense.kernel
    yield kernel, f"{name}.proj.weight", lambda matrix: matrix.T.reshape(kernel.shape)
    yield layer.output_dense.bias, f"{name}.proj.bias", _same


def _window_places(layer: WindowAttention, name: str) -> Iterator[_Place]:
    yield from _places(layer.qkv, f"{name}.qkv")
    yield from _places(layer.proj, f"{name}.proj")
    if isinstance(layer, CosineWindowAttention):
        for variable in (layer.q_bias, layer.v_bias, layer.logit_scale):
            yield variable, f"{name}.{variable.name}", _same
        yield from _places(layer.cpb_fc1, f"{name}.cpb_mlp.0")
        yield from _places(layer.cpb_fc2, f"{name}.cpb_mlp.2")
    else:
        yield layer.table, f"{name}.relative_position_bias_table", _squared


def _same(array: np.ndarray) -> np.ndarray:
    return array


def _turned(kernel: np.ndarray) -> np.ndarray:
    """PyTorch puts the output channels first."""
    return kernel.T if kernel.ndim == 2 else kernel.transpose(2, 3, 1, 0)


def _third(joint: np.ndarray, place: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the part of queries, keys or values."""
    return np.split(joint, 3)[place].T.reshape(shape)


def _squared(table: np.ndarray) -> np.ndarray:
    side = math.isqrt(len(table))
    return table.reshape(side, side, -1)


def resize_places(places: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Resize embeddings of a square of patches, (1, 1 + side * side, width), to (1, 1 + rows * columns, width).

    Bicubic, as in timm. The first place is the class token's, and stays.
    """
    side = math.isqrt(places.shape[1] - 1)
    if side * side != places.shape[1] - 1:
        raise InputError(f"its {places.shape[1] - 1} places are no square")
    if grid == (side, side):
        return places
    planes = places[0, 1:].reshape(side, side, -1).astype(np.float32).transpose(2, 0, 1)
    resized = [Image.fromarray(plane).resize(grid[::-1], Image.Resampling.BICUBIC) for plane in planes]
    flat = np.stack([np.asarray(plane).reshape(-1) for plane in resized], axis=-1)
    return np.concatenate([places[:, :1], flat[None]], axis=1)


def _name_in_transformer(layer: str) -> str:
    name = re.sub(r"^block_(\d+)_", r"blocks.\1.", layer)
    name = re.sub(r"^stage_(\d+)_block_(\d+)_", r"layers.\1.blocks.\2.", name)
    name = re.sub(r"^stage_(\d+)_downsample_", r"layers.\1.downsample.", name).replace("mlp_", "mlp.")
    return {"patch_embed": "patch_embed.proj", "patch_norm": "patch_embed.norm"}.get(name, name)


def _name_in_convnext(layer: str) -> str:
    if found := re.search(r"_stage_(\d)_block_(\d+)_(\w+)", layer):
        return f"stages.{found[1]}.blocks.{found[2]}.{_OF_CONVNEXT[found[3]]}"
    if found := re.search(r"_downsampling_(layernorm|conv)_(\d)", layer):
        return f"stages.{int(found[2]) + 1}.downsample.{int(found[1] == 'conv')}"
    if found := re.search(r"_stem_(layernorm|conv)", layer):
        return f"stem.{int(found[1] == 'layernorm')}"
    return "head.norm"


def _name_in_efficientnet(layer: str) -> str:
    if found := re.fullmatch(r"block(\d)([a-z])_(\w+)", layer):
        parts = _PLAIN if found[1] == "1" else _FUSED if found[1] in "23" else _INVERTED
        return f"blocks.{int(found[1]) - 1}.{ord(found[2]) - ord('a')}.{parts[found[3]]}"
    return {"stem_conv": "conv_stem", "stem_bn": "bn1", "top_conv": "conv_head", "top_bn": "bn2"}[layer]


FAMILIES: dict[str, Callable[[str], str]] = {
    "scoretable.models.vision_transformer": _name_in_transformer,
    "scoretable.models.swin": _name_in_transformer,
    "keras.applications.convnext": _name_in_convnext,
    "keras.applications.efficientnet_v2": _name_in_efficientnet,
}
