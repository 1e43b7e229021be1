"""Images that are there twice: exactly or nearly, in train and test, and with different labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.duplicates.alike import group_alike


@dataclass(frozen=True)
class Repeat:
    """A group of near duplicates: places of training and test images, whether all have the same pixels, the labels."""

    train: list[int]
    test: list[int]
    identical: bool
    labels: list[str]

    @property
    def differs(self) -> bool:
        """Whether training images have different labels."""
        return len(self.labels) > 1

    @property
    def size(self) -> int:
        """How many images there are."""
        return len(self.train) + len(self.test)


def find_repeats(
    hashes: NDArray[np.uint64], pixels: NDArray[np.bytes_], known: NDArray[np.int64], labels: list[str]
) -> list[Repeat]:
    """Return the groups of two or more, those with different labels first, then those across train and test.

    `hashes`, `pixels`: (n, 4) and (n,) of all images, training images first. `known`: int64 (n,), the place of each in
    its split. `labels`: cells of the training images, all of which are among the n.
    """
    groups = group_alike(hashes)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    found = [
        _describe(members, pixels, known, labels)
        for members in np.split(order, starts[1:])
        if len(members) > 1
    ]  # fmt: skip
    return sorted(found, key=lambda repeat: (not repeat.differs, not (repeat.train and repeat.test), -repeat.size))


def _describe(
    members: NDArray[np.int64], pixels: NDArray[np.bytes_], known: NDArray[np.int64], labels: list[str]
) -> Repeat:
    ours = members < len(labels)
    train, test = known[members[ours]].tolist(), known[members[~ours]].tolist()
    return Repeat(
        train, test, len(np.unique(pixels[members])) == 1, list(dict.fromkeys(labels[place] for place in train))
    )


def count_leaks(repeats: list[Repeat], held_out: NDArray[np.int64]) -> int:
    """Return how many held-out training images have a near duplicate among those that are trained on."""
    out = set(held_out.tolist())
    parts = [(sum(place in out for place in repeat.train), len(repeat.train)) for repeat in repeats]
    return sum(inside for inside, whole in parts if inside < whole)
