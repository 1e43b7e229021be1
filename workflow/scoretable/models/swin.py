"""Swin Transformers of both versions for any backend of Keras 3, with the names and the layout of timm.

Liu et al. 2021, arXiv:2103.14030 and arXiv:2111.09883. The names of layers are frozen: saved weights need them, and
`freezing` finds the blocks by them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from scoretable.models.vision_transformer import check_divisible, feed_forward
from scoretable.models.window_attention import CosineWindowAttention, WindowAttention

PATCH = 4
# Mean and deviation of ImageNet's channels, for pixels of 0 to 1.
_MEAN, _DEVIATION = np.array((0.485, 0.456, 0.406)), np.array((0.229, 0.224, 0.225))


class Size(NamedTuple):
    """How large a network is: channels and heads of the first stage, which double from stage to stage, and blocks."""

    width: int
    heads: int
    depths: tuple[int, ...]


class Windows(NamedTuple):
    """Cells along a window's side; with `pretrained`, those of each stage of the weights that were adapted to it."""

    side: int
    pretrained: tuple[int, ...] = (0, 0, 0, 0)


def preprocess_input(pixels: Any) -> Any:
    """Bring pixels of 0 to 255 to mean 0 and deviation 1 over ImageNet, as for the weights of both papers."""
    return (pixels / 255 - _MEAN) / _DEVIATION


def _build(
    version: int,
    size: Size,
    windows: Windows,
    include_top: bool = False,
    weights: str | None = None,
    input_shape: Sequence[int] = (224, 224, 3),
    pooling: str = "avg",
) -> keras.Model:
    """Build a network as keras.applications does: scaled pixels in, (N, 8 * width) averaged features out.

    Height and width are multiples of 4. Raises ValueError for a top, another pooling or weights, which
    `backbones.build_backbone` loads.
    """
    if include_top or pooling != "avg" or weights is not None:
        raise ValueError(f"A Swin has no top and loads no weights. Received: {include_top=}, {weights=}, {pooling=}")
    check_divisible(input_shape, PATCH)
    inputs = keras.Input(tuple(input_shape))
    features = layers.Conv2D(size.width, PATCH, PATCH, name="patch_embed")(inputs)
    features = _norm("patch_norm")(features)
    for stage, depth in enumerate(size.depths):
        if stage:
            features = _merge(features, version, f"stage_{stage}_downsample")
        for block in range(depth):
            shift = windows.side // 2 * (block % 2)
            attention = _attention(version, size.heads << stage, windows, stage, shift, f"stage_{stage}_block_{block}")
            features = _block(features, version, attention, f"stage_{stage}_block_{block}")
    features = _norm("norm")(features)
    return keras.Model(inputs, layers.GlobalAveragePooling2D(name="pool")(features), name="swin")


def _attention(version: int, heads: int, windows: Windows, stage: int, shift: int, name: str) -> WindowAttention:
    if version == 1:
        return WindowAttention(heads, windows.side, shift, name=f"{name}_attn")
    return CosineWindowAttention(heads, windows.side, shift, windows.pretrained[stage], name=f"{name}_attn")


def _block(features: Any, version: int, attention: WindowAttention, name: str) -> Any:
    """Add attention and a feed-forward network, each with a skip; version 2 norms what they give, not what they get."""
    first, second = _norm(f"{name}_norm1"), _norm(f"{name}_norm2")
    gathered = attention(first(features)) if version == 1 else first(attention(features))
    features = layers.Add(name=f"{name}_add1")([features, gathered])
    worked = feed_forward(second(features), name) if version == 1 else second(feed_forward(features, name))
    return layers.Add(name=f"{name}_add2")([features, worked])


def _merge(features: Any, version: int, name: str) -> Any:
    """Halve height and width, rounded up, and double the channels: four neighbours become one cell."""
    _, height, width, channels = features.shape
    if height % 2 or width % 2:
        features = layers.ZeroPadding2D(((0, height % 2), (0, width % 2)), name=f"{name}_pad")(features)
    rows, columns = (height + 1) // 2, (width + 1) // 2
    features = layers.Reshape((rows, 2, columns, 2, channels), name=f"{name}_split")(features)
    features = layers.Permute((1, 3, 4, 2, 5), name=f"{name}_swap")(features)
    features = layers.Reshape((rows, columns, 4 * channels), name=f"{name}_join")(features)
    norm, reduction = _norm(f"{name}_norm"), layers.Dense(2 * channels, use_bias=False, name=f"{name}_reduction")
    return reduction(norm(features)) if version == 1 else norm(reduction(features))


def _norm(name: str) -> layers.LayerNormalization:
    return layers.LayerNormalization(epsilon=1e-5, name=name)


_TINY, _SMALL = Size(96, 3, (2, 2, 6, 2)), Size(96, 3, (2, 2, 18, 2))
_BASE, _LARGE = Size(128, 4, (2, 2, 18, 2)), Size(192, 6, (2, 2, 18, 2))
# In the last stage, a picture of 192 pixels is a window of six cells.
_12_TO_16, _12_TO_24 = Windows(16, (12, 12, 12, 6)), Windows(24, (12, 12, 12, 6))

swin_tiny_patch4_window7_224 = partial(_build, 1, _TINY, Windows(7))
swin_small_patch4_window7_224 = partial(_build, 1, _SMALL, Windows(7))
swin_base_patch4_window7_224 = partial(_build, 1, _BASE, Windows(7))
swin_base_patch4_window12_384 = partial(_build, 1, _BASE, Windows(12))
swin_large_patch4_window7_224 = partial(_build, 1, _LARGE, Windows(7))
swin_large_patch4_window12_384 = partial(_build, 1, _LARGE, Windows(12))
swinv2_tiny_window8_256 = partial(_build, 2, _TINY, Windows(8))
swinv2_tiny_window16_256 = partial(_build, 2, _TINY, Windows(16))
swinv2_small_window8_256 = partial(_build, 2, _SMALL, Windows(8))
swinv2_small_window16_256 = partial(_build, 2, _SMALL, Windows(16))
swinv2_base_window8_256 = partial(_build, 2, _BASE, Windows(8))
swinv2_base_window16_256 = partial(_build, 2, _BASE, Windows(16))
swinv2_base_window12_192 = partial(_build, 2, _BASE, Windows(12))
swinv2_base_window12to16_192to256 = partial(_build, 2, _BASE, _12_TO_16)
swinv2_base_window12to24_192to384 = partial(_build, 2, _BASE, _12_TO_24)
swinv2_large_window12_192 = partial(_build, 2, _LARGE, Windows(12))
swinv2_large_window12to16_192to256 = partial(_build, 2, _LARGE, _12_TO_16)
swinv2_large_window12to24_192to384 = partial(_build, 2, _LARGE, _12_TO_24)
