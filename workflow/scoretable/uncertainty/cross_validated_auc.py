"""The area under the ROC curve of a cross-validated model, and how far it can be trusted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtri
from scipy.stats import rankdata

from scoretable.uncertainty.shares import CONFIDENCE


@dataclass(frozen=True)
class Auc:
    """The mean of the folds' areas, and the ends of its interval, all from 0 to 1."""

    value: float
    low: float
    high: float


def cross_validated_auc(
    truth: NDArray[np.bool_], scores: ArrayLike, folds: NDArray[np.integer], confidence: float = CONFIDENCE
) -> Auc:
    """Return how well scores tell the true images from the others, each fold's scores being those of its own model.

    truth, scores, folds: (n,) each; every fold has two true and two other images or more, else ValueError. The interval
    is for the models that gave the scores, on other images of the same kind (LeDell, Petersen and van der Laan 2015,
    Electronic Journal of Statistics 9:1583): the variance of the mean is that of the folds' areas (DeLong, DeLong and
    Clarke-Pearson 1988, Biometrics 44:837) over the squared number of folds. Where there is nothing to learn, it is
    twice that: of two folds each is in the other's training images, and both areas tell how alike the two are by chance
    (for this correlation see Nadeau and Bengio 2003, Machine Learning 52:239). So that counts where the interval made
    with it holds 0.5, and less of it the farther 0.5 lies outside. Intervals are made on the scale of log odds, so that
    they stay between 0 and 1. Where less than half an image is ordered wrong, half of one counts as such, with the
    variance of Hanley and McNeil (1982, Radiology 143:29). `benchmarks/auc_coverage.py` shows how often they hold.
    """
    values = np.asarray(scores, np.float64)
    parts = [_area(values[chosen & truth], values[chosen & ~truth]) for chosen in _each(folds)]
    value = float(np.mean([area for area, _ in parts]))
    variance = sum(variance for _, variance in parts) / len(parts) ** 2
    kinds = int(truth.sum()), int((~truth).sum())
    half = 0.5 / min(kinds)
    inside = float(np.clip(value, half, 1 - half))
    if inside != value:
        low, high = _around(inside, _hanley_mcneil(inside, *kinds), confidence)
        return Auc(value, low, 1.0) if value > inside else Auc(value, 0.0, high)
    return Auc(value, *_around(inside, variance * _shared(inside, variance, confidence), confidence))


def _each(folds: NDArray[np.integer]) -> list[NDArray[np.bool_]]:
    return [folds == fold for fold in np.unique(folds)]


def _area(ours: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[float, float]:
    """Return the area and its variance."""
    if min(len(ours), len(others)) < 2:
        raise ValueError(f"a fold must have two images of each kind. Received: {len(ours)} and {len(others)}")
    ranks = rankdata(np.concatenate([ours, others]))
    above = (ranks[: len(ours)] - rankdata(ours)) / len(others)
    below = 1 - (ranks[len(ours) :] - rankdata(others)) / len(ours)
    return float(above.mean()), float(above.var(ddof=1) / len(ours) + below.var(ddof=1) / len(others))


def _hanley_mcneil(area: float, ours: int, others: int) -> float:
    """Return the variance of an area of so many images of both kinds, the mean of the two kinds' terms taken."""
    alike = (ours + others) / 2 - 1
    spread = 1 + alike * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * spread / (ours * others)


def _shared(area: float, variance: float, confidence: float) -> float:
    """Return by how much the mean of the folds varies more than if they were independent, from 1 to 2."""
    reach, distance = _reach(area, variance, confidence), abs(float(logit(area)))
    return 2.0 if distance**2 <= 2 * reach**2 else 1 + 2 * (reach / distance) ** 2


def _around(area: float, variance: float, confidence: float) -> tuple[float, float]:
    reach = _reach(area, variance, confidence)
    return float(expit(logit(area) - reach)), float(expit(logit(area) + reach))


def _reach(area: float, variance: float, confidence: float) -> float:
    """Return half the width of an interval on the scale of log odds."""
    return float(ndtri((1 + confidence) / 2) * np.sqrt(variance) / (area * (1 - area)))
