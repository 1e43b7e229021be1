"""What is measured of each cached image, in one pass over the memory-mapped array."""

import hashlib
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from scoretable.duplicates.perceptual_hash import WORDS, perceptual_hashes

FIGURES = ("brightness", "contrast", "saturation", "sharpness")
GRID = 4  # fields a side, of whose mean colour the small model learns
BLOCK = 256  # images at a time


class Images(Protocol):
    """Rows of uint8 images (n, H, W, 3), of which a block is read at a time."""

    def __len__(self) -> int: ...

    def __getitem__(self, block: slice, /) -> Any: ...


@dataclass(frozen=True, eq=False)
class Measures:
    """Of n images of a split.

    figures: a row each, with width and height (of the photo, in pixels), aspect (width / height) and `FIGURES`.
    grid: float32 (n, 48), the mean colours of 4 x 4 fields, from 0 to 1. hashes: uint64 (n, 4), see
    `perceptual_hashes`. pixels: S16 (n,), equal where all pixels are.
    """

    figures: pd.DataFrame
    grid: NDArray[np.float32]
    hashes: NDArray[np.uint64]
    pixels: NDArray[np.bytes_]

    @property
    def features(self) -> pd.DataFrame:
        """Return all numbers of each image, by which train and test images may be told apart."""
        fields = [f"row {row}, column {column}" for row in range(1, GRID + 1) for column in range(1, GRID + 1)]
        names = [f"{colour} of {field}" for field in fields for colour in ("red", "green", "blue")]
        return pd.concat([self.figures, pd.DataFrame(self.grid, columns=names)], axis=1)


def measure_images(images: Images, table: pd.DataFrame) -> Measures:
    """Measure images, of which `table` has the source's size as train.csv of the cache has it."""
    count = len(images)
    figures = np.empty((count, len(FIGURES)), np.float32)
    grid = np.empty((count, GRID * GRID * 3), np.float32)
    hashes, pixels = np.empty((count, WORDS), np.uint64), np.empty(count, "S16")
    for start in tqdm(range(0, count, BLOCK), desc="measure", unit="block"):
        block = np.asarray(images[start : start + BLOCK])
        rows = slice(start, start + len(block))
        hashes[rows] = perceptual_hashes(block)
        for place, image in enumerate(block, start):
            figures[place], grid[place] = _figures(image), _grid(image)
            pixels[place] = hashlib.blake2b(image.data, digest_size=16).digest()
    width, height = (table[f"source_{side}"].to_numpy() for side in ("width", "height"))
    sizes = pd.DataFrame({"width": width, "height": height, "aspect": width / np.maximum(height, 1)})
    return Measures(pd.concat([sizes, pd.DataFrame(figures, columns=list(FIGURES))], axis=1), grid, hashes, pixels)


def _figures(image: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    """Return `FIGURES`, all but the last from 0 to 1.

    Mean and standard deviation of the grey values, mean saturation as of HSV, and the logarithm of the variance of the
    Laplacian, which is small where a picture is blurred (Pech-Pacheco et al. 2000, ICPR 3:314).
    """
    grey, hsv = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    (mean,), (deviation,) = (values.ravel() for values in cv2.meanStdDev(grey))
    _, edges = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    return float(mean) / 255, float(deviation) / 255, cv2.mean(hsv)[1] / 255, float(np.log1p(edges[0, 0] ** 2))


def _grid(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return cv2.resize(image, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32).ravel() / np.float32(255)
