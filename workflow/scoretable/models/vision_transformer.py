"""Vision Transformers (ViT) for any backend of Keras 3, with the names and the layout of timm, whose weights they take.

Dosovitskiy et al. 2020 (arXiv:2010.11929); the sizes tiny and small are from Steiner et al. 2021 (arXiv:2106.10270).
The names of layers are frozen: saved weights need them, and `freezing` finds the blocks by them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
from keras import layers, ops

from scoretable.workspace.errors import InputError

PATCH = 16


class Size(NamedTuple):
    """How large a network is: channels, blocks, and heads of attention."""

    width: int
    depth: int
    heads: int


def preprocess_input(pixels: Any) -> Any:
    """Scale pixels of 0 to 255 to -1 to 1, as for the weights of both papers."""
    return pixels / 127.5 - 1.0


@keras.saving.register_keras_serializable("scoretable")
class ClassToken(layers.Layer):
    """Lay patches in a row behind a learned token, and add a learned embedding of each place.

    (N, rows, columns, channels) -> (N, 1 + rows * columns, channels).
    """

    def build(self, input_shape: Sequence[Any]) -> None:
        """Make the token and the embeddings, of which the first is the token's."""
        _, rows, columns, width = input_shape
        self.grid = (rows, columns)
        self.token = self.add_weight((1, 1, width), keras.initializers.RandomNormal(stddev=1e-6), name="token")
        self.places = self.add_weight((1, 1 + rows * columns, width), _truncated_normal(), name="places")

    def call(self, patches: Any) -> Any:
        """Return the row of tokens."""
        row = ops.reshape(patches, (-1, self.grid[0] * self.grid[1], patches.shape[-1]))
        first = ops.zeros_like(row[:, :1]) + self.token
        return ops.concatenate([first, row], axis=1) + self.places


def _build(
    size: Size,
    include_top: bool = False,
    weights: str | None = None,
    input_shape: Sequence[int] = (224, 224, 3),
    pooling: str = "avg",
) -> keras.Model:
    """Build a network as keras.applications does: scaled pixels in, the class token's (N, width) features out.

    Height and width are multiples of 16. Raises ValueError for a top, another pooling or weights, which
    `backbones.build_backbone` loads.
    """
    if include_top or pooling != "avg" or weights is not None:
        raise ValueError(f"A ViT has no top and loads no weights. Received: {include_top=}, {weights=}, {pooling=}")
    check_divisible(input_shape, PATCH)
    inputs = keras.Input(tuple(input_shape))
    patches = layers.Conv2D(size.width, PATCH, PATCH, kernel_initializer=_truncated_normal(), name="patch_embed")
    features = ClassToken(name="class_token")(patches(inputs))
    for number in range(size.depth):
        features = _block(features, size, f"block_{number}")
    features = layers.LayerNormalization(epsilon=1e-6, name="norm")(features)
    return keras.Model(inputs, features[:, 0], name="vision_transformer")


def check_divisible(input_shape: Sequence[int], patch: int) -> None:
    """Raise InputError for a picture that is not made of whole patches."""
    if input_shape[0] % patch or input_shape[1] % patch:
        raise InputError(f"image_size: {input_shape[0]}x{input_shape[1]} is not in multiples of {patch} pixels.")


def _block(features: Any, size: Size, name: str) -> Any:
    normed = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm1")(features)
    attention = layers.MultiHeadAttention(
        size.heads, size.width // size.heads, kernel_initializer=_truncated_normal(), name=f"{name}_attn"
    )
    features = layers.Add(name=f"{name}_add1")([features, attention(normed, normed)])
    normed = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm2")(features)
    return layers.Add(name=f"{name}_add2")([features, feed_forward(normed, name)])


def feed_forward(features: Any, name: str) -> Any:
    """Add two dense layers of which the first is four times as wide, with GELU (arXiv:1606.08415) between them."""
    width = features.shape[-1]
    inner = layers.Dense(4 * width, "gelu", kernel_initializer=_truncated_normal(), name=f"{name}_mlp_fc1")(features)
    return layers.Dense(width, kernel_initializer=_truncated_normal(), name=f"{name}_mlp_fc2")(inner)


def _truncated_normal() -> Any:
    return keras.initializers.TruncatedNormal(stddev=0.02)


vit_tiny_patch16_224 = partial(_build, Size(width=192, depth=12, heads=3))
vit_small_patch16_224 = partial(_build, Size(width=384, depth=12, heads=6))
vit_base_patch16_224 = partial(_build, Size(width=768, depth=12, heads=12))
vit_large_patch16_224 = partial(_build, Size(width=1024, depth=24, heads=16))
