"""What a blend is worth on images that chose nothing, beside its rows, with the noise of images."""

from dataclasses import dataclass

import numpy as np

from scoretable.blending.fitting import Fitted, Mixed, Nested, Shared, Way, cross_fit, fit, mark, with_weights
from scoretable.competition.metric import METRICS
from scoretable.table.comparison import paired_image_noise
from scoretable.table.figure import Figure, figure_of
from scoretable.uncertainty.differences import Difference, in_direction, judge
from scoretable.uncertainty.scales import scale_of


@dataclass(frozen=True)
class Estimate:
    """What a blend and its rows are worth on other images.

    fitted: what all images chose. nested: the answers to them all, each by weights that other images chose; blend:
    their score. naive: the score on the images that chose the weights, which is too good. mean: the plain mean's, as
    the blend's. best: the name of the row with the best score, and that, which is too good if anything, since these
    images chose the row. change: the blend's less that.
    """

    images: int
    fitted: Fitted
    nested: Nested
    blend: Figure
    naive: float
    mean: Figure
    best: tuple[str, Figure]
    change: Difference


def estimate(shared: Shared, way: Way) -> Estimate:
    """Return what a blend is worth; raises InputError where the metric has no value for the images.

    A blend that is better than the best row by more than noise is better than each of its rows: a claim against several
    is as sure as the weakest of them (Berger 1982, Technometrics 24:295).
    """
    everything = np.arange(shared.images)
    fitted, nested = fit(shared, way, everything), cross_fit(shared, way)
    rows = [mark(shared, with_weights(shared, alone, everything), everything) for alone in np.eye(len(shared.names))]
    sign = 1 if METRICS[shared.measure.metric].larger_is_better else -1
    best = max(range(len(rows)), key=lambda place: sign * rows[place].score())
    mean = nested if way == "mean" else cross_fit(shared, "mean")
    naive = mark(shared, fitted, everything).score()
    named, change = (shared.names[best], figure_of(rows[best])), compare(rows[best], nested)
    blend = figure_of(nested, free_weights(shared, way))
    return Estimate(shared.images, fitted, nested, blend, naive, figure_of(mean), named, change)


def free_weights(shared: Shared, way: Way) -> int:
    """Return how many weights the images choose: all but one, which the others leave, as they add up to 1."""
    return 0 if way == "mean" else len(shared.names) - 1


def compare(first: Mixed | Nested, second: Mixed | Nested) -> Difference:
    """Return the second score less the first one, against the noise of the images that both answer."""
    metric = first.measure.metric
    scale = scale_of(metric)
    change = judge(first.score(), second.score(), paired_image_noise(first, second, scale), scale)
    return in_direction(change, METRICS[metric].larger_is_better)
