"""How well a small model tells train from test images: if it can, validation may not say what the test will."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable.uncertainty.cross_validated_auc import Auc, cross_validated_auc

FOLDS = 5
FEWEST = 5 * FOLDS  # images of each split, of which each fold has five
FIRST = 5  # features that tell most


@dataclass(frozen=True, eq=False)
class Shift:
    """auc: of test against train images.

    scores: float (n,), how likely each image is a test one, training images first. features: those that alone tell
    most, with their AUC of 0.5 or more, and the mean of train and of test images.
    """

    auc: Auc
    scores: NDArray[np.float64]
    features: list[tuple[str, float, float, float]]


def tell_apart(train: pd.DataFrame, test: pd.DataFrame, seed: int = 0) -> Shift | None:
    """Return how well gradient boosting tells the rows of two tables of features apart, over 5 folds; None if too few.

    That is a classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545), each row scored by the model that
    has not seen it.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    if min(len(train), len(test)) < FEWEST:
        return None
    rows = pd.concat([train, test], ignore_index=True).to_numpy(np.float32)
    is_test = np.arange(len(rows)) >= len(train)
    scores, folds = np.empty(len(rows)), np.empty(len(rows), np.int64)
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    # Of one thread: its steps are so short that several, on busy cores, wait for each other most of the time.
    with threadpool_limits(1, user_api="openmp"):
        for fold, (seen, unseen) in enumerate(splitter.split(rows, is_test)):
            model = HistGradientBoostingClassifier(
                max_iter=60, max_leaf_nodes=8, early_stopping=False, random_state=seed
            )
            scores[unseen] = model.fit(rows[seen], is_test[seen]).predict_proba(rows[unseen])[:, 1]
            folds[unseen] = fold
    return Shift(cross_validated_auc(is_test, scores, folds), scores, _telling(train, test))


def _telling(train: pd.DataFrame, test: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    from sklearn.metrics import roc_auc_score

    is_test = np.arange(len(train) + len(test)) >= len(train)
    found = []
    for name in train:
        area = float(roc_auc_score(is_test, np.concatenate([train[name], test[name]])))
        found.append((str(name), max(area, 1 - area), float(train[name].mean()), float(test[name].mean())))
    return sorted(found, key=lambda feature: -feature[1])[:FIRST]
