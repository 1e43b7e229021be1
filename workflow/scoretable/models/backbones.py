"""Backbones by name, with the input scaling that each one needs."""

import importlib
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras


class Backbone(NamedTuple):
    """Where a backbone is built: a module with the constructor and its `preprocess_input`."""

    module: str
    minimum_size: int = 32


def _applications(module: str, names: str, minimum_size: int = 32) -> dict[str, Backbone]:
    return {name: Backbone(f"keras.applications.{module}", minimum_size) for name in names.split()}


# Listed here, since params.yaml is checked before the three seconds that `import keras` takes; a test holds names,
# modules and smallest sizes against keras.applications.
BACKBONES: dict[str, Backbone] = {
    name: Backbone("scoretable.models.efficientnet_lite")
    for name in ("EfficientNetLite0", "EfficientNetLite1", "EfficientNetLite2")
}
BACKBONES["SmallCNN"] = Backbone("scoretable.models.small_cnn")
BACKBONES |= _applications("convnext", "ConvNeXtTiny ConvNeXtSmall ConvNeXtBase ConvNeXtLarge ConvNeXtXLarge")
BACKBONES |= _applications("densenet", "DenseNet121 DenseNet169 DenseNet201")
BACKBONES |= _applications("efficientnet", " ".join(f"EfficientNetB{size}" for size in range(8)))
BACKBONES |= _applications(
    "efficientnet_v2",
    "EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2S EfficientNetV2M "
    "EfficientNetV2L",
)
BACKBONES |= _applications("inception_resnet_v2", "InceptionResNetV2", 75)
BACKBONES |= _applications("inception_v3", "InceptionV3", 75)
BACKBONES |= _applications("mobilenet", "MobileNet")
BACKBONES |= _applications("mobilenet_v2", "MobileNetV2")
BACKBONES |= _applications("mobilenet_v3", "MobileNetV3Small MobileNetV3Large")
BACKBONES |= _applications("nasnet", "NASNetMobile NASNetLarge")
BACKBONES |= _applications("resnet", "ResNet50 ResNet101 ResNet152")
BACKBONES |= _applications("resnet_v2", "ResNet50V2 ResNet101V2 ResNet152V2")
BACKBONES |= _applications("vgg16", "VGG16")
BACKBONES |= _applications("vgg19", "VGG19")
BACKBONES |= _applications("xception", "Xception", 71)

# Channel means and deviations of ImageNet, on the scale of 0 to 255, as keras.applications' imagenet_utils uses
# them in its modes `caffe` (BGR, mean only) and `torch`.
_MEAN_BGR = (103.939, 116.779, 123.68)
_MEAN_RGB = tuple(255 * mean for mean in (0.485, 0.456, 0.406))
_DEVIATION_RGB = tuple(255 * deviation for deviation in (0.229, 0.224, 0.225))

_SCALING_BY_MODULE = {
    "scoretable.models.efficientnet_lite": "lite",
    **dict.fromkeys((f"keras.applications.{name}" for name in ("resnet", "vgg16", "vgg19")), "caffe"),
    "keras.applications.densenet": "torch",
    **dict.fromkeys(
        (f"keras.applications.{name}" for name in ("convnext", "efficientnet", "efficientnet_v2", "mobilenet_v3")),
        "inside",
    ),
}


def minimum_image_size(name: str) -> int:
    """Return the smallest side in pixels that the backbone takes."""
    return BACKBONES[name].minimum_size


def build_backbone(name: str, weights: str | None, height: int, width: int) -> "keras.Model":
    """Build a backbone from pixels to features.

    Input: (N, height, width, 3) RGB, uint8 or float, 0 to 255; the scaling that the weights expect is part of the
    model. Output: (N, features), averaged over the picture. `weights` is 'imagenet', the path of a Keras weights
    file of the same backbone, or None for random ones.
    Raises InputError when weights are not available or do not fit.
    """
    import keras

    backbone = BACKBONES[name]
    inputs = keras.Input((height, width, 3), dtype="uint8", name="pixels")
    scaled = _scale(inputs, _SCALING_BY_MODULE.get(backbone.module, "tf"))
    network = _constructor(name)(include_top=False, weights=None, input_shape=(height, width, 3), pooling="avg")
    _load_weights(network, name, weights, height, width)
    return keras.Model(inputs, network(scaled), name="backbone")


def _constructor(name: str) -> Callable[..., Any]:
    module = BACKBONES[name].module  # Keras names some models in keras.applications only
    return getattr(importlib.import_module("keras.applications" if module.startswith("keras.") else module), name)


def _scale(pixels: Any, mode: str) -> Any:
    """Scale pixels as the backbone's `preprocess_input` does, with layers that any Keras can load."""
    from keras import layers

    match mode:
        case "inside":
            return layers.Rescaling(1.0, name="scaling")(pixels)
        case "tf":
            return layers.Rescaling(1 / 127.5, offset=-1.0, name="scaling")(pixels)
        case "lite":
            return layers.Rescaling(1 / 128, offset=-127 / 128, name="scaling")(pixels)
        case "torch":
            variance = tuple(deviation**2 for deviation in _DEVIATION_RGB)
            return layers.Normalization(mean=_MEAN_RGB, variance=variance, name="scaling")(_as_float(pixels))
        case _:
            flipped = _as_float(pixels)[..., ::-1]
            return layers.Normalization(mean=_MEAN_BGR, variance=(1.0, 1.0, 1.0), name="scaling")(flipped)


def _as_float(pixels: Any) -> Any:
    from keras import layers

    return layers.Rescaling(1.0, name="as_float")(pixels)


def _load_weights(network: "keras.Model", name: str, weights: str | None, height: int, width: int) -> None:
    if weights is None:
        return
    if weights != "imagenet":
        _load_weights_file(network, Path(weights))
        return
    try:
        trained = _constructor(name)(
            include_top=False, weights="imagenet", input_shape=(height, width, 3), pooling="avg"
        )
    except InputError:
        raise
    except Exception as error:  # Keras raises bare Exception, URLError or OSError when a download fails
        raise InputError(_how_to_get(name, " ".join(str(error).split()))) from None
    network.set_weights(trained.get_weights())


def _how_to_get(name: str, reason: str) -> str:
    """Turn Keras' words on a failed download into what to do; they name the address where the file is."""
    address = re.search(r"https?://[^\s:]+", reason)
    if address is None:
        return f"weights: imagenet of {name} could not be loaded ({reason}): set weights to null for random weights."
    place = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / address[0].rsplit("/", 1)[-1]
    return (
        f"weights: imagenet of {name} could not be downloaded: connect to the internet, or download {address[0]} "
        f"elsewhere and put it at {place}, or choose model: EfficientNetLite0, whose weights come with the packages, "
        "or set weights to the path of a weights file, or to null for random weights."
    )


def _load_weights_file(network: "keras.Model", path: Path) -> None:
    if not path.is_file():
        raise InputError(f"weights: {path} does not exist: give imagenet, null, or the path of a .weights.h5 file.")
    try:
        with warnings.catch_warnings():
            # Keras only warns where a file lacks a layer's weights, and leaves that layer at random.
            warnings.simplefilter("error", UserWarning)
            network.load_weights(path)
    except Exception as error:  # UserWarning too; h5py and Keras let through whatever a strange file leads to
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"weights: {path} does not fit model: {network.name} ({reason}).") from None
