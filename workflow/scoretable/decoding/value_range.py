"""Which values become black and white, in images of more than 8 bits a channel and in arrays of numbers.

One range holds for all images of a competition, of both splits: a range of its own would take from each image how
bright it is. It is declared, or measured over the training images, as nnU-Net does for the values of CT scans. Whole
numbers are scaled by the bits that they take, so that 12 bits in a 16-bit file are seen as 12 bits (PNG specification,
'Sample depth rescaling').
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

Range = tuple[float, float]


class NoRange(Exception):
    """An image has values that a range must scale, and none is known."""


@dataclass(frozen=True)
class Extent:
    """The least and the largest value of an image, and whether all of its type are whole numbers."""

    low: float
    high: float
    whole: bool


def as_rgb(values: np.ndarray, value_range: Range | None) -> np.ndarray:
    """Return values (height, width, channels) as uint8 (height, width, 3).

    One channel is grey; of two, the first is red, the second green, and their mean blue. Values beyond the range
    count as its ends; those of uint8 stay as they are. Raises NoRange for others without a range.
    """
    if values.dtype != np.uint8:
        values = _scale(values, value_range)
    channels = values.shape[2]
    if channels == 1:
        return np.repeat(values, 3, axis=2)
    if channels == 2:
        mean = values.mean(axis=2, keepdims=True, dtype=np.float32)
        return np.concatenate([values, np.rint(mean).astype(np.uint8)], axis=2)
    return values


def measure(values: np.ndarray) -> Extent | None:
    """Return the extent of an image's values, None where they need no range."""
    if values.dtype == np.uint8:
        return None
    return Extent(float(values.min()), float(values.max()), values.dtype.kind in "iu")


def join(extents: Iterable[Extent | None]) -> Range | None:
    """Return the range of all images: from 0 to the most that their bits hold, or from the least value to the largest.

    The first where all are whole numbers and none is below 0. None where no image needs a range.
    """
    known = [extent for extent in extents if extent]
    if not known:
        return None
    low, high = min(extent.low for extent in known), max(extent.high for extent in known)
    if low >= 0 and all(extent.whole for extent in known):
        return 0.0, float(2 ** max(8, int(high).bit_length()) - 1)
    return low, high


def _scale(values: np.ndarray, value_range: Range | None) -> np.ndarray:
    if value_range is None:
        raise NoRange
    low, high = value_range
    scaled = values.astype(np.float32)
    scaled -= np.float32(low)
    scaled *= np.float32(255 / (high - low) if high > low else 0)
    return np.rint(np.clip(scaled, 0, 255, out=scaled), out=scaled).astype(np.uint8)
