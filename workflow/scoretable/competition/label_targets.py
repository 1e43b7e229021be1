"""The targets of images with labels: mostly zeros, so that only their ones are kept."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


class LabelTargets:
    """Ones and zeros of n images, made dense for the rows that are asked for.

    It is indexed and taken from like the float32 array (n, classes) that it stands for; a million images of 5,000
    classes would fill 20 GB.

    Args:
        images: int (ones,), which image has the label; rises.
        classes: int (ones,), which label that is; no image has one twice.
        shape: of the array.
    """

    def __init__(self, images: ArrayLike, classes: ArrayLike, shape: tuple[int, int]) -> None:
        self.images, self.classes = np.asarray(images, np.int64), np.asarray(classes, np.int64)
        self.shape = shape
        self._starts = np.searchsorted(self.images, np.arange(shape[0] + 1))

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the targets of `rows`, a slice or numbers from 0 on, as float32 (rows, classes)."""
        taken = self.take(np.arange(len(self))[rows] if isinstance(rows, slice) else rows)
        dense = np.zeros(taken.shape, np.float32)
        dense[taken.images, taken.classes] = 1
        return dense

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray:
        """Return all of them, for NumPy."""
        return self[:].astype(dtype or np.float32, copy=False)

    def take(self, rows: NDArray[np.integer], axis: int = 0) -> "LabelTargets":
        """Return the targets of `rows` by themselves, as numpy.take does along the first axis."""
        firsts, counts = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        images = np.repeat(np.arange(len(counts)), counts)
        within = np.arange(len(images)) - np.repeat(np.cumsum(counts) - counts, counts)
        return LabelTargets(images, self.classes[np.repeat(firsts, counts) + within], (len(counts), self.shape[1]))

    def sum(self, axis: int = 0) -> NDArray[np.float32]:
        """Return how many images have each label, float32 (classes,)."""
        return np.bincount(self.classes, minlength=self.shape[1]).astype(np.float32)

    def rarest(self) -> NDArray[np.int64]:
        """Return the label of each image that the fewest images have, int64 (n,), or how many labels there are.

        The latter stands for an image without a label; of labels with equally many images it is the first.
        """
        counts = np.bincount(self.classes, minlength=self.shape[1])
        order = np.lexsort((self.classes, counts[self.classes], self.images))
        images, firsts = np.unique(self.images[order], return_index=True)
        found = np.full(len(self), self.shape[1], np.int64)
        found[images] = self.classes[order][firsts]
        return found
