"""The views of an image over which test-time augmentation takes the mean, by name."""

from collections.abc import Callable, Sequence

import numpy as np

CLOSER = 1.15  # how much larger the middle of a picture is in a closer view

View = Callable[[np.ndarray], np.ndarray]


def views_of(names: Sequence[str]) -> list[View]:
    """Return what makes each view of pixels (N, H, W, 3): the images as they are, and each of these names once."""
    unfolded = dict.fromkeys(["identity", *(view for name in names for view in _SETS.get(name, (name,)))])
    return [VIEWS[name] for name in unfolded]


def turns_sides(names: Sequence[str]) -> bool:
    """Tell whether a view has the height as its width, so that it fits square images alone."""
    return not _TURNED.isdisjoint(names)


def _quarters(turns: int) -> View:
    """Return what turns pictures by so many quarters against the clock."""
    return lambda pixels: np.ascontiguousarray(np.rot90(pixels, turns, axes=(1, 2)))


def _mirrored(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels[:, :, ::-1])


def _closer(pixels: np.ndarray) -> np.ndarray:
    import cv2

    height, width = pixels.shape[1:3]
    top, left = round(height * (1 - 1 / CLOSER) / 2), round(width * (1 - 1 / CLOSER) / 2)
    middle = pixels[:, top : height - top, left : width - left]
    return np.stack([cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR) for image in middle])


# The first eight are all ways in which a square comes to lie upon itself.
VIEWS: dict[str, View] = {
    "identity": lambda pixels: pixels,
    "flip": _mirrored,
    "flip_vertical": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
    "rotate_90": _quarters(1),
    "rotate_180": _quarters(2),
    "rotate_270": _quarters(3),
    "transpose": lambda pixels: np.ascontiguousarray(pixels.transpose(0, 2, 1, 3)),
    "transverse": lambda pixels: np.ascontiguousarray(pixels[:, ::-1, ::-1].transpose(0, 2, 1, 3)),
    "closer": _closer,
    "flip_closer": lambda pixels: _mirrored(_closer(pixels)),
}
_SETS = {"none": (), "flip_scales": ("flip", "closer", "flip_closer")}
_TURNED = {"rotate_90", "rotate_270", "transpose", "transverse"}
VIEW_NAMES = (*_SETS, *VIEWS)
