"""Progressive sizes: the first epochs see smaller images, made from those of the image cache as they are read.

Small images teach the coarse things in less time (Tan & Le 2021, progressive learning, arXiv:2104.00298). They come
from the one cache, averaged over areas: a cache of each size would hold the same pictures again.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

Size = tuple[int, int]  # height and width in pixels


def size_of_epoch(epoch: int, epochs: int, sizes: Sequence[Size]) -> Size:
    """Return that of an epoch counted from 0, where the sizes share the epochs evenly, one after the other."""
    return sizes[epoch * len(sizes) // epochs]


class ResizedImages:
    """Images (N, H, W, 3), an array or what is read like one, as (N, *size, 3)."""

    def __init__(self, images: Any, size: Size) -> None:
        self.images = np.asarray(images) if isinstance(images, np.memmap) else images
        self.size, self.shape = size, (images.shape[0], *size, 3)

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: int | np.ndarray) -> np.ndarray:
        """Return the images of these rows, or that of one."""
        if np.ndim(rows) > 0:
            return np.stack([self[row] for row in np.asarray(rows)])
        import cv2

        return np.asarray(cv2.resize(self.images[rows], self.size[::-1], interpolation=cv2.INTER_AREA))


def at_size(images: Any, size: Size) -> Any:
    """Return images at a size, as they are where it is theirs."""
    return images if images.shape[1:3] == size else ResizedImages(images, size)
