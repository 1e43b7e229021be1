"""RandAugment: each picture goes through two operations drawn out of 13, all of one magnitude.

Cubuk et al. 2019 (arXiv:1909.13719). Thirteen of the paper's 14 operations are here, with the ranges of torchvision,
where magnitude 0 is the least change. Equalize is not: its histogram is a sum into places, which TensorFlow has no
deterministic kernel for on a GPU. A picture is mirrored beyond its border, as in all changes here, not grey.

Keras' layer RandAugment is not used. It draws from a state of its own, not from the seed and the step. It draws one
pair of operations for a whole batch, and their strength between none and the factor. And it reads pixels with an
operation that XLA has no kernel for.

What moves pixels are maps, which `geometry` joins with those of other changes; so it is done before the colours.
"""

from typing import Any

import numpy as np

from scoretable.training.geometry import stand_still

ROUNDS = 2  # operations a picture, N in the paper
MOST = 10  # the largest magnitude
ROTATION = 30.0  # degrees; this and what follows at the largest magnitude
SHEAR = 0.3
TRANSLATION = 150 / 331  # of a side
BLEND = 0.9  # that a factor of brightness, contrast, colour and sharpness is away from 1
BITS = 4  # that are cut off by posterize
MOVES = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
BLENDS = ("brightness", "contrast", "colour", "sharpness")
OPERATIONS = ("identity", *MOVES, *BLENDS, "autocontrast", "solarize", "posterize")
LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue, as in PIL


def draw_randaugment(
    magnitude: int, batch: int, height: int, width: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw two operations for each picture, and to which side each goes.

    Returns what they make of places, as a map of `geometry` (B, 3, 3), and of colours, float32 (B, 2, 7): factors of
    BLENDS, 1 for autocontrast, from which value on solarize turns colours around, and posterize's step.
    """
    names = np.array(OPERATIONS)[generator.integers(0, len(OPERATIONS), (batch, ROUNDS))]
    strength = magnitude / MOST * (2 * generator.integers(0, 2, (batch, ROUNDS)) - 1)
    first, second = (_moves(names[:, turn], strength[:, turn], height, width) for turn in range(ROUNDS))
    blends = [np.where(names == name, 1 + BLEND * strength, 1) for name in BLENDS]
    share = np.abs(strength)
    rest = (
        names == "autocontrast",
        np.where(names == "solarize", 256 * (1 - share), 256),
        np.where(names == "posterize", 2 ** np.rint(BITS * share), 1),
    )
    return first @ second, np.stack([*blends, *rest], axis=-1).astype(np.float32)


def _moves(names: np.ndarray, strength: np.ndarray, height: int, width: int) -> np.ndarray:
    maps = stand_still(len(names))
    angle = np.deg2rad(ROTATION) * np.where(names == "rotate", strength, 0)
    maps[:, 0, 0] = maps[:, 1, 1] = np.cos(angle)
    maps[:, 0, 1] = np.where(names == "shear_x", SHEAR * strength, -np.sin(angle))
    maps[:, 1, 0] = np.where(names == "shear_y", SHEAR * strength, np.sin(angle))
    maps[:, 0, 2] = np.where(names == "translate_x", TRANSLATION * width * strength, 0)
    maps[:, 1, 2] = np.where(names == "translate_y", TRANSLATION * height * strength, 0)
    return maps


def recolour(images: Any, draws: Any) -> Any:
    """Return images, float32 (B, H, W, 3), with their colours changed as drawn, in the compiled step."""
    for turn in range(ROUNDS):
        images = _recolour(images, [draws[:, turn, place, None, None, None] for place in range(draws.shape[2])])
    return images


def _recolour(images: Any, drawn: list[Any]) -> Any:
    """Do one operation to each picture, whose others are drawn so that they change nothing."""
    from keras import ops

    brightness, contrast, colour, sharpness, stretched, threshold, step = drawn
    grey = sum(share * images[..., place : place + 1] for place, share in enumerate(LUMINANCE))
    mean = ops.mean(grey, axis=(1, 2), keepdims=True)
    # PIL's smooth filter: a mean of 3x3 pixels of which the middle one counts five times.
    smooth = (9 * ops.average_pool(images, 3, 1, "same", "channels_last") + 4 * images) / 13
    images = (
        images * (brightness * contrast * colour * sharpness)
        + (1 - contrast) * mean
        + (1 - colour) * grey
        + (1 - sharpness) * smooth
    )
    low, high = ops.min(images, axis=(1, 2), keepdims=True), ops.max(images, axis=(1, 2), keepdims=True)
    wide = ops.logical_and(stretched > 0, high > low)
    low, high = ops.where(wide, low, 0.0), ops.where(wide, high, 255.0)
    images = (images - low) * (255 / (high - low))
    images = ops.round(ops.clip(images, 0.0, 255.0))  # as PIL's, each operation gives bytes
    images = images + ops.cast(images >= threshold, "float32") * (255 - 2 * images)  # TensorFlow's `where` is slow
    return ops.floor(images / step) * step
