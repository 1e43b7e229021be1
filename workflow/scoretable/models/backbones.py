"""Backbones by name, with the input scaling that each one needs."""

import importlib
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from scoretable.models.published_weights import PUBLISHED, fetch, name_of_imagenet, weights_folder
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.main_repository import main_repository

if TYPE_CHECKING:
    import keras


class Backbone(NamedTuple):
    """Where a backbone is built: a module with the constructor and its `preprocess_input`.

    Its images have sides of at least `minimum_size` pixels, in multiples of `patch`.
    """

    module: str
    minimum_size: int = 32
    patch: int = 1


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
BACKBONES |= {
    f"vit_{size}_patch16_224": Backbone("scoretable.models.vision_transformer", 16, 16)
    for size in ("tiny", "small", "base", "large")
}
BACKBONES |= {
    name: Backbone("scoretable.models.swin", patch=4)
    for name in (
        "swin_tiny_patch4_window7_224", "swin_small_patch4_window7_224", "swin_base_patch4_window7_224",
        "swin_base_patch4_window12_384", "swin_large_patch4_window7_224", "swin_large_patch4_window12_384",
        "swinv2_tiny_window8_256", "swinv2_tiny_window16_256", "swinv2_small_window8_256", "swinv2_small_window16_256",
        "swinv2_base_window8_256", "swinv2_base_window16_256", "swinv2_base_window12_192",
        "swinv2_base_window12to16_192to256", "swinv2_base_window12to24_192to384", "swinv2_large_window12_192",
        "swinv2_large_window12to16_192to256", "swinv2_large_window12to24_192to384",
    )
}  # fmt: skip

# Suffixes of files with timm's names.
TIMM_SUFFIXES = (".safetensors", ".bin", ".pth", ".pt")

# Channel means and deviations of ImageNet, on the scale of 0 to 255, as keras.applications' imagenet_utils uses
# them in its modes `caffe` (BGR, mean only) and `torch`.
_MEAN_BGR = (103.939, 116.779, 123.68)
_MEAN_RGB = tuple(255 * mean for mean in (0.485, 0.456, 0.406))
_DEVIATION_RGB = tuple(255 * deviation for deviation in (0.229, 0.224, 0.225))

_SCALING_BY_MODULE = {
    "scoretable.models.efficientnet_lite": "lite",
    **dict.fromkeys((f"keras.applications.{name}" for name in ("resnet", "vgg16", "vgg19")), "caffe"),
    **dict.fromkeys(("keras.applications.densenet", "scoretable.models.swin"), "torch"),
    **dict.fromkeys(
        (f"keras.applications.{name}" for name in ("convnext", "efficientnet", "efficientnet_v2", "mobilenet_v3")),
        "inside",
    ),
}


def nearest_side(name: str, pixels: float) -> int:
    """Return the side in pixels nearest to the given one that the backbone takes."""
    smallest, patch = BACKBONES[name].minimum_size, BACKBONES[name].patch
    return max(smallest, round(pixels / patch) * patch)


def image_size_problem(name: str, height: int, width: int) -> str | None:
    """Return what is wrong with an image size in pixels for the backbone, or None."""
    smallest, patch = BACKBONES[name].minimum_size, BACKBONES[name].patch
    if min(height, width) < smallest:
        return f"is too small for model: {name}, which needs at least {smallest} pixels per side"
    if height % patch or width % patch:
        fitting = f"{nearest_side(name, height)}x{nearest_side(name, width)}"
        return f"does not fit model: {name}, which needs multiples of {patch} pixels per side, such as {fitting}"
    return None


def build_backbone(name: str, weights: str | None, height: int, width: int) -> "keras.Model":
    """Build a backbone from pixels to features.

    Input: (N, height, width, 3) RGB, uint8 or float, 0 to 255; the scaling that the weights expect is part of the
    model. Output: (N, features), averaged over the picture, or of a ViT's class token. `weights` is 'imagenet', a name
    of `PUBLISHED`, the path of a Keras weights file of the same backbone or of a file of timm's, or None for random
    ones. Raises InputError when weights are not available or do not fit.
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
    if weights == "imagenet" and BACKBONES[name].patch == 1:
        _load_keras_applications(network, name, height, width)
    elif weights == "imagenet" or weights in PUBLISHED:
        published = name_of_imagenet(name) if weights == "imagenet" else weights
        _load_file(network, name, fetch(published))
    else:
        _load_file(network, name, main_repository(Path()) / weights)  # DVC copies no file that git ignores


def _load_keras_applications(network: "keras.Model", name: str, height: int, width: int) -> None:
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
    place = weights_folder() / address[0].rsplit("/", 1)[-1]
    return (
        f"weights: imagenet of {name} could not be downloaded: connect to the internet, or download {address[0]} "
        f"elsewhere and put it at {place}, or choose model: EfficientNetLite0, whose weights come with the packages, "
        "or set weights to the path of a weights file, or to null for random weights."
    )


def _load_file(network: "keras.Model", name: str, path: Path) -> None:
    if not path.is_file():
        raise InputError(
            f"weights: {path} does not exist{nearest(path, tuple(PUBLISHED))}: give imagenet, null, the path of a "
            ".weights.h5 or .safetensors file, or one of the names in docs/backbones.md."
        )
    if path.suffix in TIMM_SUFFIXES:
        _load_timm_file(network, name, path)
        return
    try:
        with warnings.catch_warnings():
            # Keras only warns where a file lacks a layer's weights, and leaves that layer at random.
            warnings.simplefilter("error", UserWarning)
            network.load_weights(path)
    except Exception as error:  # UserWarning too; h5py and Keras let through whatever a strange file leads to
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"weights: {path} does not fit model: {name} ({reason}).") from None


def _load_timm_file(network: "keras.Model", name: str, path: Path) -> None:
    from scoretable.models.timm_weights import FAMILIES, load_timm_weights

    module = BACKBONES[name].module
    if module not in FAMILIES:
        raise InputError(
            f"weights: {path} cannot be read for model: {name}: files of PyTorch and safetensors fit ConvNeXt, "
            "EfficientNetV2, ViT and Swin; give a .weights.h5 file."
        )
    load_timm_weights(network, name, module, path)
