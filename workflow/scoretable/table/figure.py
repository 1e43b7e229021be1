"""A score of images, with what other images of the same kind would give."""

from dataclasses import dataclass
from math import sqrt
from typing import Protocol

import numpy as np

from scoretable.scoring.measure import Measure
from scoretable.table.row_answers import Marked
from scoretable.uncertainty.resampling import image_noise
from scoretable.uncertainty.runs import student
from scoretable.uncertainty.scales import scale_of
from scoretable.uncertainty.shares import wilson


@dataclass(frozen=True)
class Figure:
    """A score with the 95% interval of what other images would give, None where nothing is known of their noise."""

    score: float
    low: float | None
    high: float | None

    @property
    def interval(self) -> str:
        """The interval as it is shown, '' where nothing is known."""
        return "" if self.low is None or self.high is None else f"{self.low:.4f} to {self.high:.4f}"


class Measured(Marked, Protocol):
    """Answers whose metric is known."""

    @property
    def measure(self) -> Measure:
        """What they are scored by."""


def figure_of(answers: Measured, weights: int = 0) -> Figure:
    """Return a score with its interval: Wilson's of a share, Student's of a bootstrap of any other metric.

    weights: how many free ones the same images have chosen. Each takes an image away, as a fitted parameter takes a
    degree of freedom: else the interval is too narrow where rows are many and images few, for the score of weights that
    were found at all differs from set to set of images (Bates, Hastie and Tibshirani 2023, JASA 119:1434).
    """
    metric, right, images = answers.measure.metric, answers.correct(), max(answers.images - weights, 1)
    score = answers.score(np.arange(answers.images))
    if right is not None:
        low, high = (float(end) for end in wilson(right.mean() * images, images))
        return Figure(score, *((low, high) if metric == "accuracy" else (1 - high, 1 - low)))
    scale = scale_of(metric)
    noise = image_noise(answers.score, answers.images, scale)
    if noise is None:
        return Figure(score, None, None)
    reach = student(noise.freedom) * sqrt(noise.variance * answers.images / images)
    low, high = sorted(scale.back(float(scale.forward(score)) + reach * np.array([-1.0, 1.0])).tolist())
    return Figure(score, low, high)
