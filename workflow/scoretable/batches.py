"""Batches from the image cache: which images, in which order, changed how."""

import math
from typing import Any

import keras
import numpy as np

SHIFT = 0.1  # share of a side by which `flip_shift` moves an image at most


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled, augmented batches, all of them a function of (seed, epoch, batch).

    Since nothing is drawn from a running generator, an epoch can be entered anew after an interruption.

    Args:
        images: uint8 (N, H, W, 3), usually a memory map.
        labels: int (N,) class indices.
        classes: number of classes; targets are one-hot float32 (B, classes).
        rows: int (n,) the rows that are trained on.
        batch_size: images a batch; the last batch of an epoch may be smaller.
        steps_per_epoch: batches an epoch, drawn from one endless shuffled stream; None: each row once.
        augment: `none`, `flip` (left-right) or `flip_shift` (and moved by up to a tenth, black behind).
        seed: of order and augmentation.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        classes: int,
        rows: np.ndarray,
        batch_size: int,
        steps_per_epoch: int | None,
        augment: str,
        seed: int,
        epoch: int = 0,
    ) -> None:
        super().__init__()
        self.images, self.labels, self.classes, self.rows = images, labels, classes, rows
        self.batch_size, self.augment, self.seed = batch_size, augment, seed
        self.steps = steps_per_epoch or math.ceil(len(rows) / batch_size)
        self.endless = steps_per_epoch is not None
        self.epoch = epoch
        self._permutations: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self._rows_of(batch)
        generator = np.random.default_rng([self.seed, 1, self.epoch, batch])
        pixels = augment_images(self.images[rows], self.augment, generator)
        return pixels, one_hot(self.labels[rows], self.classes)

    def on_epoch_end(self) -> None:
        """Go on to the next epoch's order (Keras calls this)."""
        self.epoch += 1
        self._permutations.clear()

    def _rows_of(self, batch: int) -> np.ndarray:
        if not self.endless:
            start = batch * self.batch_size
            return self._shuffled(self.epoch)[start : start + self.batch_size]
        start = (self.epoch * self.steps + batch) * self.batch_size
        passes, places = np.divmod(np.arange(start, start + self.batch_size), len(self.rows))
        return np.array([self._shuffled(int(number))[place] for number, place in zip(passes, places, strict=True)])

    def _shuffled(self, number: int) -> np.ndarray:
        if number not in self._permutations:
            self._permutations[number] = np.random.default_rng([self.seed, 0, number]).permutation(self.rows)
        return self._permutations[number]


class OrderedBatches(keras.utils.PyDataset):
    """Batches of the given rows in their order, with targets if there are labels."""

    def __init__(
        self,
        images: np.ndarray,
        rows: np.ndarray,
        batch_size: int,
        labels: np.ndarray | None = None,
        classes: int = 0,
        mirrored: bool = False,
    ) -> None:
        super().__init__()
        self.images, self.rows, self.batch_size = images, rows, batch_size
        self.labels, self.classes, self.mirrored = labels, classes, mirrored

    def __len__(self) -> int:
        return math.ceil(len(self.rows) / self.batch_size)

    def __getitem__(self, batch: int) -> Any:
        rows = self.rows[batch * self.batch_size : (batch + 1) * self.batch_size]
        pixels = self.images[rows]
        pixels = pixels[:, :, ::-1] if self.mirrored else pixels
        return (pixels,) if self.labels is None else (pixels, one_hot(self.labels[rows], self.classes))


def augment_images(pixels: np.ndarray, augment: str, generator: np.random.Generator) -> np.ndarray:
    """Change uint8 images (B, H, W, 3) at random; `pixels` may be changed in place."""
    if augment == "none":
        return pixels
    mirrored = generator.random(len(pixels)) < 0.5
    pixels[mirrored] = pixels[mirrored, :, ::-1]
    return _shift(pixels, generator) if augment == "flip_shift" else pixels


def _shift(pixels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    height, width = pixels.shape[1:3]
    reach = (int(height * SHIFT), int(width * SHIFT))
    padded = np.pad(pixels, ((0, 0), (reach[0], reach[0]), (reach[1], reach[1]), (0, 0)))
    tops = generator.integers(0, 2 * reach[0] + 1, len(pixels))
    lefts = generator.integers(0, 2 * reach[1] + 1, len(pixels))
    windows = zip(padded, tops, lefts, strict=True)
    return np.stack([image[top : top + height, left : left + width] for image, top, left in windows])


def one_hot(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return float32 (n, classes) with a one at each label's column."""
    return np.eye(classes, dtype=np.float32)[labels]
