"""Stratified folds: which training images are held out."""

import numpy as np

from scoretable.training.group_folds import share_out_groups
from scoretable.workspace.errors import InputError


def split_fold(
    labels: np.ndarray, folds: int, fold: int, seed: int, groups: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row numbers (train, validation) of one fold, each class shared out evenly.

    `labels`: int array (n,) of class indices. A class with one image is trained on in every fold, and never held out.
    `groups`: int array (n,), images with the same number are on one side; None for each image on its own.
    Both results are sorted int64 arrays which together hold every row once. A class smaller than `folds` is missing
    from some validation folds; there are no more folds than the largest class has images, or than there are groups.
    Raises InputError where groups leave nothing to hold out.
    """
    counts = np.bincount(labels)
    kept = counts[labels] == 1
    if groups is not None:
        kept = np.isin(groups, groups[kept])
    shared_out = np.flatnonzero(~kept)
    train, validation = _split(labels[shared_out], folds, fold, seed, None if groups is None else groups[shared_out])
    return np.sort(np.concatenate([shared_out[train], np.flatnonzero(kept)])), shared_out[validation]


def _split(
    labels: np.ndarray, folds: int, fold: int, seed: int, groups: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    folds = min(folds, int(np.bincount(labels).max(initial=0)))
    if groups is None:
        places = _share_out(labels, folds, seed)
    else:
        folds = min(folds, len(np.unique(groups)))
        if folds < 2:
            raise InputError(
                "train.group_column leaves no group to validate on, since each has a class with one image, or all "
                "images have the same group: name another column, or remove group_column."
            )
        places = share_out_groups(labels, groups, folds, seed)
    # Groups leave a fold empty where few of them hold all of its classes.
    filled = np.unique(places)
    held_out = places == filled[min(fold, len(filled) - 1)]
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _share_out(labels: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return the fold of each row, int (n,), as scikit-learn's StratifiedKFold shuffles them.

    That class passes over all rows for each label: ten seconds for a million rows of 5,000 labels, and this one sorts.
    """
    random = np.random.RandomState(seed)
    _, firsts, places = np.unique(labels, return_index=True, return_inverse=True)
    classes = np.argsort(np.argsort(firsts))[places]  # numbered as they appear
    by_class = np.argsort(classes, kind="stable")
    shared = np.split(np.arange(len(labels)) % folds, np.cumsum(np.bincount(classes))[:-1])
    for part in shared:
        part.sort()
        random.shuffle(part)
    found = np.empty(len(labels), np.int64)
    found[by_class] = np.concatenate(shared)
    return found
