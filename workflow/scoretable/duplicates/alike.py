"""Near duplicates: images whose hashes differ in few bits, joined into groups."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# Bits of 256. Of photos saved again, resized, brightened or without 2% at each side nine in ten differ in no more; the
# nearest of 460,000 pairs of unrelated photos differ in 80, and of 8 x 8 digits, enlarged, one pair in 100,000 in 40.
REACH = 40
MOST_PAIRS = 2**21  # compared at once, which takes 40 MB


def group_alike(hashes: NDArray[np.uint64], reach: int = REACH) -> NDArray[np.int64]:
    """Return the group of each image, int64 (n,): the place of the group's first image.

    `hashes`: uint64 (n, words). Two images are in one group if they, or images between them, differ in at most `reach`
    bits. All pairs are compared, a block at a time: the time grows with the square of n, the memory with n.
    """
    distinct, firsts, places = np.unique(hashes, axis=0, return_index=True, return_inverse=True)
    joined = np.arange(len(distinct))
    for pairs in near_pairs(distinct, reach):
        joined = _join(joined, pairs)
    order = np.full(len(distinct), len(hashes))
    np.minimum.at(order, joined, firsts)
    return np.asarray(order[joined[places.ravel()]], np.int64)


def near_pairs(hashes: NDArray[np.uint64], reach: int) -> Iterator[NDArray[np.int64]]:
    """Yield pairs of places, int64 (pairs, 2) with the smaller one first, that differ in at most `reach` bits."""
    size = max(1, MOST_PAIRS // max(len(hashes), 1))
    columns = np.ascontiguousarray(hashes.T)
    for start in range(0, len(hashes), size):
        block = hashes[start : start + size]
        apart = np.zeros((len(block), len(hashes) - start), np.uint16)
        for place, column in enumerate(columns):
            apart += np.bitwise_count(block[:, place, None] ^ column[None, start:])
        first, second = np.nonzero(apart <= reach)
        upper = first < second
        yield np.stack([first[upper], second[upper]], axis=1) + start


def join_groups(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return groups in which those of both are whole, int64 (n,), each named by the place of its first image.

    `one`, `other`: int64 (n,), each group named by the place of an image in it.
    """
    return _join(one, np.stack([np.arange(len(other)), other], axis=1))


def _join(joined: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the groups, each named by a place in it, with the two of each pair in one."""
    if not len(pairs):
        return joined
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = np.concatenate([pairs, np.stack([np.arange(len(joined)), joined], axis=1)])
    graph = coo_array((np.ones(len(edges), bool), (edges[:, 0], edges[:, 1])), shape=(len(joined), len(joined)))
    _, labels = connected_components(graph, directed=False)
    return np.unique(labels, return_index=True)[1][labels]
