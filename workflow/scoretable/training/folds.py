"""Stratified folds: which training images are held out."""

import warnings

import numpy as np
from sklearn.model_selection import StratifiedKFold


def split_fold(labels: np.ndarray, folds: int, fold: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the row numbers (train, validation) of one fold, each class shared out evenly.

    `labels`: int array (n,) of class indices. A class with one image is trained on in every fold, and never held out.
    Both results are sorted int64 arrays which together hold every row once. A class smaller than `folds` is missing
    from some validation folds; where every class is smaller, there are only as many folds as the largest class has
    images.
    """
    counts = np.bincount(labels)
    single = np.flatnonzero(counts[labels] == 1)
    shared_out = np.flatnonzero(counts[labels] > 1)
    folds = min(folds, int(counts.max()))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        splitter = StratifiedKFold(n_splits=folds, shuffle=True, random_state=seed)
        parts = list(splitter.split(shared_out, labels[shared_out]))
    train, validation = parts[min(fold, folds - 1)]
    return np.sort(np.concatenate([shared_out[train], single])), shared_out[validation]
