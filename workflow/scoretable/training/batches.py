"""Which images a batch holds, in which order, changed how."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from scoretable.competition.targets import Targets
from scoretable.training.augmentation import Augmentation, draw_augmentation
from scoretable.workspace.errors import InputError

Feed = dict[str, np.ndarray]


class TrainingBatches:
    """Shuffled full batches, each of them a function of the seed and the number of its step.

    They come from an endless stream of shuffled passes over the images, so every batch is full: a batch's share in
    batch normalisation does not change at the end of an epoch, and the step is compiled for one shape. An epoch is
    as many batches as hold each image once, rounded up, or `steps_per_epoch`.

    Args:
        images: how many images are trained on.
        batch_size: images per batch; no more than there are images.
        steps_per_epoch: batches per epoch; None: each image once.
        augmentation: what is done to them.
        height, width: of an image, in pixels.
        seed: of order and augmentation.
    """

    def __init__(
        self, images: int, batch_size: int, steps_per_epoch: int | None, augmentation: Augmentation,
        height: int, width: int, seed: int,
    ) -> None:  # fmt: skip
        self.images, self.batch_size = images, min(batch_size, images)
        self.augmentation, self.height, self.width, self.seed = augmentation, height, width, seed
        self.steps_per_epoch = steps_per_epoch or math.ceil(images / self.batch_size)
        self._shuffled = lru_cache(maxsize=2)(self._shuffle)

    def batch(self, step: int) -> Feed:
        """Return `positions`, int32 (B,) below `images`, and the augmentation's draws, of a step counted from 0."""
        start = step * self.batch_size
        positions = self._stream(start, start + self.batch_size)
        generator = np.random.default_rng([self.seed, 1, step])
        draws = draw_augmentation(self.augmentation, self.batch_size, self.height, self.width, generator)
        return {"positions": positions, **draws}

    def part_size(self, parts: int) -> int:
        """Return the images of each of so many equal parts of a batch; raise InputError where there are none such."""
        if self.batch_size % parts:
            raise InputError(
                f"accumulate: {parts} does not divide the {self.batch_size} images of a batch into equal parts, which "
                "are all that there are: change batch_size or accumulate."
            )
        return self.batch_size // parts

    def _stream(self, start: int, stop: int) -> np.ndarray:
        """Places `start` to `stop` of the endless stream."""
        first, last = start // self.images, math.ceil(stop / self.images)
        passes = [self._shuffled(number) for number in range(first, last)]
        return np.concatenate(passes)[start - first * self.images :][: stop - start]

    def _shuffle(self, number: int) -> np.ndarray:
        return np.random.default_rng([self.seed, 0, number]).permutation(self.images).astype(np.int32)


class OrderedBatches:
    """Full batches of the given rows in their order, the last one filled up with images of weight 0.

    A batch has `batch_size` images, or as many as there are, rounded up to a multiple that devices share evenly.
    Yields `pixels` uint8 (B, H, W, 3), `targets` float32 (B, outputs) where there are any, and `weights` float32 (B,).
    """

    def __init__(
        self, images: np.ndarray, rows: np.ndarray, batch_size: int, targets: Targets | None = None,
        multiple: int = 1,
    ) -> None:  # fmt: skip
        self.images, self.rows, self.targets = images, rows, targets
        self.batch_size = math.ceil(min(batch_size, len(rows)) / multiple) * multiple

    def __iter__(self) -> Iterator[Feed]:
        return map(self.batch, self.starts)

    @property
    def starts(self) -> range:
        """Where in the order of the rows each batch starts."""
        return range(0, len(self.rows), self.batch_size)

    def batch(self, start: int) -> Feed:
        """Return the batch that starts there."""
        rows = self.rows[start : start + self.batch_size]
        weights = np.zeros(self.batch_size, np.float32)
        weights[: len(rows)] = 1
        filled = np.concatenate([rows, np.repeat(rows[:1], self.batch_size - len(rows))])
        feed = {"pixels": self.images[filled], "weights": weights}
        return feed if self.targets is None else feed | {"targets": self.targets[filled]}


def fill_up(feeds: Sequence[Any], longest_call: int) -> tuple[list[Any], np.ndarray]:
    """Return `longest_call` feeds, of which the last is repeated as it lies on the device, and how many there were."""
    return [*feeds, *[feeds[-1]] * (longest_call - len(feeds))], np.array(len(feeds), np.int32)


def stack_feeds(feeds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the feeds as arrays with a leading axis of steps, from which a loop can take one after the other."""
    from keras import ops

    return {name: ops.stack([feed[name] for feed in feeds]) for name in feeds[0]}


def take_part(array: Any, index: Any, parts: int) -> Any:
    """Return every `parts`-th row from `index` on, of which each of the devices that share the batch has as many."""
    from keras import ops

    return ops.reshape(array, (array.shape[0] // parts, parts, *array.shape[1:]))[:, index]
