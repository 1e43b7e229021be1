"""Stratified folds: which training images are held out."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

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
    if groups is not None:
        folds = min(folds, len(np.unique(groups)))
        if folds < 2:
            raise InputError(
                "train.group_column leaves no group to validate on, since each has a class with one image, or all "
                "images have the same group: name another column, or remove group_column."
            )
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        splitter = kind(n_splits=folds, shuffle=True, random_state=seed)
        parts = list(splitter.split(labels, labels, groups))
    # StratifiedGroupKFold leaves a fold empty where few groups hold all of its classes.
    whole = [part for part in parts if len(part[1])]
    return whole[min(fold, len(whole) - 1)]
