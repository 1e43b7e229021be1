"""Arrays of very many rows, worked on a few rows at a time, so that what is made on the way stays small."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

ROWS = 4096  # at once: 80 MB of 5,000 classes


def map_rows(work: Callable[..., NDArray], *arrays: NDArray) -> NDArray:
    """Return work(*arrays), where `work` makes a row of each row of the arrays, which are equally long."""
    return np.concatenate([work(*(array[rows] for array in arrays)) for rows in blocks_of(len(arrays[0]))])


def blocks_of(count: int) -> Iterator[slice]:
    """Yield slices of `ROWS` rows that together are all; one of none where there is no row."""
    for start in range(0, max(count, 1), ROWS):
        yield slice(start, start + ROWS)
