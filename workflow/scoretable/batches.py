"""Batches from the image cache: which images, in which order, changed how."""

import math
from collections.abc import Iterator

import numpy as np

SHIFT = 0.1  # share of a side by which `flip_shift` moves an image at most


class TrainingBatches:
    """Shuffled, augmented batches, all of them a function of (seed, epoch, batch).

    Since nothing is drawn from a running generator, an epoch can be entered anew after an interruption.

    Args:
        images: uint8 (N, H, W, 3), usually a memory map.
        targets: float32 (N, outputs), what the model is to answer.
        rows: int (n,) the rows that are trained on.
        batch_size: images a batch; the last batch of an epoch may be smaller.
        steps_per_epoch: batches an epoch, drawn from one endless shuffled stream; None: each row once.
        augment: `none`, `flip` (left-right) or `flip_shift` (and moved by up to a tenth, black behind).
        seed: of order and augmentation.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: np.ndarray,
        rows: np.ndarray,
        batch_size: int,
        steps_per_epoch: int | None,
        augment: str,
        seed: int,
    ) -> None:
        self.images, self.targets, self.rows = images, targets, rows
        self.batch_size, self.augment, self.seed = batch_size, augment, seed
        self.steps = steps_per_epoch or math.ceil(len(rows) / batch_size)
        self.endless = steps_per_epoch is not None

    def __len__(self) -> int:
        return self.steps

    @property
    def images_per_epoch(self) -> int:
        """How many images an epoch trains on."""
        return self.steps * self.batch_size if self.endless else len(self.rows)

    def epoch(self, number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the batches of epoch `number`, counted from 0: uint8 pixels and float32 targets."""
        start = number * self.images_per_epoch
        order = self._stream(start, start + self.images_per_epoch)
        for batch in range(self.steps):
            rows = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            generator = np.random.default_rng([self.seed, 1, number, batch])
            yield augment_images(self.images[rows], self.augment, generator), self.targets[rows]

    def _stream(self, start: int, stop: int) -> np.ndarray:
        """Return places `start` to `stop` of the endless stream of shuffled passes over the rows."""
        first, last = start // len(self.rows), math.ceil(stop / len(self.rows))
        passes = [np.random.default_rng([self.seed, 0, number]).permutation(self.rows) for number in range(first, last)]
        return np.concatenate(passes)[start - first * len(self.rows) :][: stop - start]


class OrderedBatches:
    """Batches of the given rows in their order: uint8 pixels, and targets if there are any."""

    def __init__(
        self,
        images: np.ndarray,
        rows: np.ndarray,
        batch_size: int,
        targets: np.ndarray | None = None,
        mirrored: bool = False,
    ) -> None:
        self.images, self.rows, self.batch_size = images, rows, batch_size
        self.targets, self.mirrored = targets, mirrored

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        for start in range(0, len(self.rows), self.batch_size):
            rows = self.rows[start : start + self.batch_size]
            pixels = self.images[rows][:, :, ::-1] if self.mirrored else self.images[rows]
            yield pixels, None if self.targets is None else self.targets[rows]


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
