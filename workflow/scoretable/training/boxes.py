"""Boxes in pictures that are cut out or erased: drawn on the host, filled in the compiled step."""

from typing import Any

import numpy as np

from scoretable.training.geometry import draw_parts

CUTOUT = 0.25  # side of the grey square against the picture's side (arXiv:1708.04552)
GREY = 128.0
# Random erasing (arXiv:1708.04896), with the areas and aspects that timm and torchvision have; the paper's go to 0.4.
ERASE_CHANCE = 0.5
ERASE_AREA = (0.02, 0.33)
ERASE_ASPECT = 3.3


def draw_cutout(batch: int, height: int, width: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw `cutout`: a square for each picture."""
    return {"cutout": draw_squares(np.full(batch, CUTOUT), height, width, generator)}


def draw_erased(batch: int, height: int, width: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Draw `erase`, the part of each picture that is erased, which is none in half of them, and its noise.

    As in the paper's algorithm, random bytes fill it, which no network can take for a thing of one colour. To draw and
    transfer a picture of noise for each would take as much as the pictures. So it is the sum of a row and a column of
    random bytes, modulo 256: `noise_row` uint8 (B, 1, width, 3) and `noise_column` uint8 (B, height, 1, 3). Each byte
    of the sum is uniform, and any two are independent.
    """
    top, left, tall, wide = draw_parts(ERASE_AREA, ERASE_ASPECT, batch, generator).T
    corners = np.stack([top * height, left * width, (top + tall) * height, (left + wide) * width], axis=1)
    erased = generator.random(batch) < ERASE_CHANCE
    return {
        "erase": np.where(erased[:, None], np.rint(corners), 0).astype(np.int32),
        "noise_row": generator.integers(0, 256, (batch, 1, width, 3), np.uint8),
        "noise_column": generator.integers(0, 256, (batch, height, 1, 3), np.uint8),
    }


def draw_squares(side: np.ndarray, height: int, width: int, generator: np.random.Generator) -> np.ndarray:
    """Boxes of `side` times the picture's sides around any pixel, cut off at the border: int32 (B, 4)."""
    size = np.array([height, width])
    centre = generator.integers(0, size, (len(side), 2))
    half = side[:, None] * size / 2
    corners = np.concatenate([centre - half, centre + half], axis=1)
    return np.clip(np.rint(corners), 0, [height, width, height, width]).astype(np.int32)


def inside(boxes: Any, height: int, width: int) -> Any:
    """True inside each box, int32 (B, 4) of top, left, bottom and right: bool (B, height, width, 1)."""
    from keras import ops

    top, left, bottom, right = (boxes[:, side, None] for side in range(4))
    y, x = ops.arange(height)[None], ops.arange(width)[None]
    rows, columns = ops.logical_and(y >= top, y < bottom), ops.logical_and(x >= left, x < right)
    return ops.logical_and(rows[:, :, None, None], columns[:, None, :, None])


def cut_out(images: Any, boxes: Any) -> Any:
    """Return images, float32 (B, H, W, 3), that are grey in their box."""
    from keras import ops

    return ops.where(inside(boxes, *images.shape[1:3]), GREY, images)


def erase(images: Any, draws: dict[str, Any]) -> Any:
    """Return images, float32 (B, H, W, 3), with noise in their box, as `draw_erased` has drawn them."""
    from keras import ops

    noise = ops.cast(draws["noise_row"], "float32") + ops.cast(draws["noise_column"], "float32")
    noise = ops.where(noise < 256, noise, noise - 256)
    return ops.where(inside(draws["erase"], *images.shape[1:3]), noise, images)
