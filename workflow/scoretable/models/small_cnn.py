"""A small convolutional network for a laptop: four blocks, 0.1 million weights, trained from scratch in minutes."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from scoretable.workspace.errors import InputError

CHANNELS = (16, 32, 64, 128)


def preprocess_input(pixels: Any) -> Any:
    """Scale pixels of 0 to 255 to -1 to 1."""
    return pixels / 127.5 - 1.0


def SmallCNN(  # noqa: N802  # named as keras.applications names its models
    include_top: bool = False,
    weights: str | None = None,
    input_shape: Sequence[int | None] = (None, None, 3),
    pooling: str = "avg",
) -> keras.Model:
    """Build the network as keras.applications does: scaled pixels in, (N, 128) averaged features out.

    A block is a 3x3 convolution, batch normalization (arXiv:1502.03167), ReLU and 2x2 max pooling.
    Raises InputError for `weights`, since nobody has trained any, and ValueError for a top or another pooling.
    """
    if weights is not None:
        raise InputError("SmallCNN has no trained weights: set weights to null, or choose another model.")
    if include_top or pooling != "avg":
        raise ValueError(f"SmallCNN has no top and pools by avg. Received: include_top={include_top}, {pooling=}")
    inputs = keras.Input(tuple(input_shape))
    features = inputs
    for number, channels in enumerate(CHANNELS, 1):
        features = layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"block{number}_conv")(features)
        features = layers.BatchNormalization(name=f"block{number}_bn")(features)
        features = layers.ReLU()(features)
        features = layers.MaxPooling2D()(features)
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(features), name="small_cnn")
