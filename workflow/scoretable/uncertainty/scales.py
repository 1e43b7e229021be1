"""Scales on which a score has no ends, so that an interval made there never leaves the metric's range."""

from dataclasses import dataclass
from math import inf, pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoretable.competition.metric import METRICS, Score

SMALLEST = 1e-12  # distance from the end of a half-open range, whose logarithm is taken
MOST = 100.0  # of a logarithm: what lies beyond is no score


@dataclass(frozen=True)
class Scale:
    """How scores from `lowest` to `highest` are stretched. Where both are infinite, not at all.

    Between two ends it is the arcsine of the root (Bartlett 1947, Anscombe 1948), which is finite at the ends and makes
    the noise of a share about equal wherever it lies, so that the spread of one setting says something of another's.
    With one end it is the logarithm of the distance from it.
    """

    lowest: float = -inf
    highest: float = inf

    def forward(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return scores, float of any shape, on the scale."""
        values = np.asarray(scores, np.float64)
        if self._is_closed:
            return np.asarray(np.arcsin(np.sqrt(np.clip(self._share(values), 0, 1))))
        if np.isfinite(self.lowest):
            return np.asarray(np.log(np.maximum(values - self.lowest, SMALLEST)))
        if np.isfinite(self.highest):
            return np.asarray(-np.log(np.maximum(self.highest - values, SMALLEST)))
        return values

    def back(self, places: ArrayLike) -> NDArray[np.float64]:
        """Return the scores at places on the scale; what lies beyond an end is the end."""
        values = np.asarray(places, np.float64)
        if self._is_closed:
            return np.asarray(self.lowest + (self.highest - self.lowest) * np.sin(np.clip(values, 0, pi / 2)) ** 2)
        if np.isfinite(self.lowest):
            return np.asarray(self.lowest + np.exp(np.clip(values, -MOST, MOST)))
        if np.isfinite(self.highest):
            return np.asarray(self.highest - np.exp(np.clip(-values, -MOST, MOST)))
        return values

    def apart(self, middle: ArrayLike, distance: ArrayLike) -> NDArray[np.float64]:
        """Return the difference of two scores that lie `distance` apart on the scale, around its place `middle`.

        It has the sign of `distance`, rises with it, and is never more than the range allows.
        """
        centre, half = np.asarray(middle, np.float64), np.asarray(distance, np.float64) / 2
        return np.asarray(self.back(centre + half) - self.back(centre - half))

    def slope(self, place: float) -> float:
        """Return how much a score changes per unit of the scale at a place."""
        return float(self.apart(place, 1e-4)) / 1e-4

    @property
    def _is_closed(self) -> bool:
        return bool(np.isfinite(self.lowest) and np.isfinite(self.highest))

    def _share(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return (values - self.lowest) / (self.highest - self.lowest)


PLAIN = Scale()


def scale_of(metric: Score | None) -> Scale:
    """Return the scale of a metric's range; that of an unknown metric has no ends."""
    return PLAIN if metric is None else Scale(METRICS[metric].lowest, METRICS[metric].highest)
