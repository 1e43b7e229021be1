"""Simulated images of two kinds that a model learns to tell apart over folds: how often the AUC's interval holds.

The truth is the mean AUC of the very models that gave the scores, on images that nobody has seen. `coverage.py` lists
the cases.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import ndtr
from scoretable.uncertainty.cross_validated_auc import Auc, cross_validated_auc

FEATURES, FOLDS = 5, 5

Random = np.random.Generator


def over_folds(ours: int, others: int, apart: float) -> Callable[[Random, int], float]:
    """So many images of each kind, whose middles lie `apart` in one of five features."""

    def simulate(random: Random, tables: int) -> float:
        drawn = (draw(ours, others, apart, random) for _ in range(tables))
        return float(np.mean([found.low <= true <= found.high for found, true in drawn]))

    return simulate


def draw(ours: int, others: int, apart: float, random: Random) -> tuple[Auc, float]:
    """Return what folds say that each learn the direction from one kind to the other, and the truth."""
    kinds, middle = np.arange(ours + others) < ours, apart * np.eye(FEATURES)[0]
    points = random.normal(size=(ours + others, FEATURES)) + kinds[:, None] * middle
    folds = np.concatenate([random.permutation(count) % FOLDS for count in (ours, others)])
    scores, true = np.empty(len(points)), []
    for fold in range(FOLDS):
        seen = folds != fold
        direction = points[seen & kinds].mean(axis=0) - points[seen & ~kinds].mean(axis=0)
        scores[~seen] = points[~seen] @ direction
        true.append(ndtr(direction @ middle / np.linalg.norm(direction) / np.sqrt(2)))
    return cross_validated_auc(kinds, scores, folds), float(np.mean(true))
