"""Simulated rows whose blend's true score is known: how often the estimate of a blend holds it.

The truth is that of the very blend that is handed in, its weights found on all images, on images of the same kind that
nobody has seen. `coverage.py` lists the cases.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, softmax
from scoretable.blending.estimate import Estimate, Figure, estimate, figure_of, free_weights
from scoretable.blending.fitting import Fitted, Shared, Way, cross_fit, fit, mark
from scoretable.blending.mixing import Mixing
from scoretable.competition.metric import Score
from scoretable.scoring.choices import PLAIN
from scoretable.scoring.measure import Measure

CLASSES = 3
UNSEEN = 20_000  # images that tell the truth where no formula does

Random = np.random.Generator
Simulation = Callable[[Random, int], float]
Truth = Callable[[NDArray[np.float64]], float]


@dataclass(frozen=True)
class Rows:
    """Rows with the answers to the images that they held out. true_score: of a blend by its weights, on others."""

    shared: Shared
    true_score: Truth


def numbers(random: Random, rows: int, images: int) -> Rows:
    """Two ordered classes; each row answers the class with an error, of which a part is that of all rows.

    The error of a blend is a normal one, so its accuracy is known.
    """
    truth, own = random.integers(0, 2, images), random.uniform(0.5, 1.5, rows)
    errors = random.normal(0, 0.3, images) + own[:, None] * random.normal(size=(rows, images))
    terms = (truth + errors)[:, :, None].astype(np.float32)

    def true_score(weights: NDArray[np.float64]) -> float:
        return float(ndtr(0.5 / np.sqrt(0.3**2 + np.sum((weights * own) ** 2))))

    return Rows(_share(truth, terms, Measure("accuracy", "ordinal", 2)), true_score)


def classes(random: Random, rows: int, images: int, metric: Score) -> Rows:
    """Three classes; the logit of the true one stands out of a noise, of which a part is that of all rows."""
    strength, measure = random.uniform(1, 2, rows), Measure(metric, "multiclass", CLASSES)
    unseen = _share(*_answer(random, strength, UNSEEN), measure)

    def true_score(weights: NDArray[np.float64]) -> float:
        return mark(unseen, Fitted(weights, PLAIN), np.arange(UNSEEN)).score()

    return Rows(_share(*_answer(random, strength, images), measure), true_score)


def _answer(random: Random, strength: NDArray[np.float64], images: int) -> tuple[NDArray, NDArray[np.float32]]:
    truth = random.integers(0, CLASSES, images)
    noise = random.normal(size=(images, CLASSES)) + random.normal(0, 1.5, (len(strength), images, CLASSES))
    return truth, softmax(strength[:, None, None] * np.eye(CLASSES)[truth] + noise, axis=2).astype(np.float32)


def _share(truth: NDArray, terms: NDArray[np.float32], measure: Measure) -> Shared:
    names = tuple(f"row-{number}" for number in range(len(terms)))
    return Shared(names, truth, terms, measure, Mixing(measure.task), np.arange(len(truth)))


Draw = Callable[[Random], Rows]
of_numbers = partial(partial, numbers)
of_classes = partial(partial, classes)


def nested(draw: Draw, way: Way) -> Simulation:
    """The interval of the nested estimate."""
    return _held(draw, way, lambda shared, fitted: figure_of(cross_fit(shared, way), free_weights(shared, way)))


def naive(draw: Draw, way: Way) -> Simulation:
    """The interval around the score of the images that the weights were found on."""
    return _held(draw, way, lambda shared, fitted: figure_of(mark(shared, fitted, np.arange(shared.images))))


def _held(draw: Draw, way: Way, known: Callable[[Shared, Fitted], Figure]) -> Simulation:
    def simulate(random: Random, tables: int) -> float:
        inside = []
        for _ in range(tables):
            rows = draw(random)
            fitted = fit(rows.shared, way, np.arange(rows.shared.images))
            found, true = known(rows.shared, fitted), rows.true_score(fitted.weights)
            inside.append(found.low is not None and found.high is not None and found.low <= true <= found.high)
        return float(np.mean(inside))

    return simulate


def fewer(share: int, simulate: Simulation) -> Simulation:
    """Simulate one table in `share`, where each takes a second."""
    return lambda random, tables: simulate(random, tables // share)


def not_flattered(draw: Draw, way: Way) -> Simulation:
    """How often the interval of the blend less its best row does not lie above the truth."""

    def simulate(random: Random, tables: int) -> float:
        held = []
        for _ in range(tables):
            rows = draw(random)
            found: Estimate = estimate(rows.shared, way)
            best = np.eye(len(rows.shared.names))[rows.shared.names.index(found.best[0])]
            change = rows.true_score(found.fitted.weights) - rows.true_score(best)
            held.append(found.change.low is None or found.change.low <= change)
        return float(np.mean(held))

    return simulate
