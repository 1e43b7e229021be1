"""Which training images each class has, in all and in each fold."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.targets import parse_number_rows, split_labels
from scoretable.competition.task import is_number
from scoretable.images.image_cache import ImageCache
from scoretable.training.folds import split_fold

MOST_FOLDS = 10  # that are counted


@dataclass(frozen=True, eq=False)
class Class:
    """name: a label, or a range of numbers. rows: int64, of its images in the cache. folds: images that each holds out.

    An image of several labels is in the class of each.
    """

    name: str
    rows: NDArray[np.int64]
    folds: list[int]


def hold_out(cache: ImageCache, folds: int, seed: int) -> list[NDArray[np.int64]]:
    """Return the rows that each fold holds out, of the first `MOST_FOLDS`."""
    return [
        split_fold(cache.labels, folds, fold, seed, cache.groups)[1] for fold in range(min(folds, MOST_FOLDS))
    ]  # fmt: skip


def list_classes(cache: ImageCache, held_out: list[NDArray[np.int64]]) -> list[Class]:
    """Return the classes, the largest first; where labels are numbers, ranges of equally many images, rising."""
    parts = _ranges(cache) if is_number(cache.task) else _labels(cache)
    found = [Class(name, rows, [int(np.isin(rows, out).sum()) for out in held_out]) for name, rows in parts.items()]
    return found if is_number(cache.task) else sorted(found, key=lambda each: -len(each.rows))


def _labels(cache: ImageCache) -> dict[str, NDArray[np.int64]]:
    labels = split_labels(cache.train["label"], cache.task, cache.label_separator)
    places = labels.index.to_numpy(np.int64)
    found = {str(name): places[where] for name, where in labels.groupby(labels.to_numpy()).indices.items()}
    without = np.setdiff1d(np.arange(len(cache.train)), places)
    return found | ({"(no label)": without} if len(without) else {})


def _ranges(cache: ImageCache) -> dict[str, NDArray[np.int64]]:
    """Return the ranges by which folds are stratified; of several numbers an image they are told by the first one."""
    numbers = parse_number_rows(cache.train["label"], cache.task)[:, 0]
    found = {}
    for place in np.unique(cache.labels):
        rows = np.flatnonzero(cache.labels == place)
        found[f"{place + 1}: {numbers[rows].min():.4g} to {numbers[rows].max():.4g}"] = rows
    return found
