"""The threshold of a label, and the cut points between ordered classes, that score best on the validation images.

What is found and what it scores are of the same images, so the score is optimistic: with few images, or classes that
have few, other images gain less, and can lose. `decision` says what they may expect.
"""

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.metric import METRICS, Score
from scoretable.competition.targets import THRESHOLD, halves
from scoretable.scoring.scores import score

MOST_THRESHOLDS, FEWEST_THRESHOLDS = 101, 11  # that are tried: the former unless answers are very many
MOST_CELLS = 10**9  # answers that are looked at in all
CANDIDATES, MOST_ROUNDS = 25, 10  # of a cut point in each round
_OF_SETS: tuple[Score, ...] = ("accuracy", "error", "f1", "macro_f1", "mean_f1", "fbeta")
_OF_TWO_CLASSES: tuple[Score, ...] = ("f1", "macro_f1")


def has_threshold(metric: Score, truth: NDArray, answers: NDArray[np.floating]) -> bool:
    """Return whether the metric counts labels that are answered above a threshold; shapes as in `scores.score`."""
    if truth.ndim == 2:
        return metric in _OF_SETS
    return answers.shape[1] == 2 and metric in _OF_TWO_CLASSES


def has_cut_points(metric: Score, truth: NDArray, answers: NDArray[np.floating]) -> bool:
    """Return whether the answers are single numbers that the metric takes for ordered classes."""
    return METRICS[metric].needs == "labels" and truth.ndim == 1 and answers.shape[1] == 1


def find_threshold(
    metric: Score, truth: NDArray, answers: NDArray[np.floating], *, beta: float = 2.0, at_least_one: bool = False
) -> float:
    """Return the threshold with the best score on these images; of equal ones the nearest to 0.5.

    Tried are 0.5 and thresholds just below the answers to true labels, at up to 101 of their quantiles: between two of
    those answers a lower threshold only lets in labels that are not true. Shapes, arguments and errors as in
    `scores.score`, and as there a label of several is answered where its probability is at least the threshold, the
    second of two classes where it is larger. See the module on what the score at this threshold is worth.
    """
    sign = 1 if METRICS[metric].larger_is_better else -1
    tried = _thresholds(truth, answers)
    values = [
        sign * score(metric, truth, answers, beta=beta, threshold=threshold, at_least_one=at_least_one)
        for threshold in tried
    ]
    best = max(range(len(tried)), key=lambda place: (values[place], -abs(tried[place] - THRESHOLD)))
    return tried[best]


def _thresholds(truth: NDArray, answers: NDArray[np.floating]) -> list[float]:
    true = answers[truth >= THRESHOLD] if truth.ndim == 2 else answers[truth == 1, 1]
    if not true.size:
        return [THRESHOLD]
    count = int(np.clip(MOST_CELLS // answers.size, FEWEST_THRESHOLDS, MOST_THRESHOLDS))
    levels = np.quantile(true, np.linspace(0, 1, count), method="nearest").astype(answers.dtype)
    return [THRESHOLD, *np.unique(np.nextafter(levels, answers.dtype.type(-1))).tolist()]


def find_cut_points(
    truth: NDArray[np.integer],
    answers: NDArray[np.floating],
    classes: int,
    metric: Score = "quadratic_weighted_kappa",
) -> tuple[float, ...]:
    """Return the classes - 1 numbers, rising, between ordered classes that score best on these images.

    Args:
        truth: int (n,), the class indices.
        answers: float (n, 1), numbers on their scale.
        classes: how many there are, of which some may have no image here.
        metric: one that needs labels.

    From the halves (0.5, 1.5, ...) on, one cut point after the other moves to the best of 25 quantiles of the numbers
    between its neighbours, until none gains. So the score is never below the one at the halves. A number that equals a
    cut point belongs to the upper class, as in numpy.digitize. See the module on what the score is worth.
    """
    sign = 1 if METRICS[metric].larger_is_better else -1

    def value(cuts: tuple[float, ...]) -> float:
        return sign * score(metric, truth, answers, cuts=cuts)

    cuts = tuple(halves(classes).tolist())
    for _ in range(MOST_ROUNDS):
        before = cuts
        for place in range(len(cuts)):
            cuts = max([cuts, *_moved(cuts, place, answers[:, 0])], key=value)  # the first of equal ones
        if cuts == before:
            break
    return cuts


def _moved(cuts: tuple[float, ...], place: int, numbers: NDArray[np.floating]) -> list[tuple[float, ...]]:
    """Return the cut points with the one at `place` at quantiles of the numbers between its neighbours."""
    edges = (-np.inf, *cuts, np.inf)
    below, above = edges[place], edges[place + 2]
    between = numbers[(numbers > below) & (numbers < above)]
    if not between.size:
        return []
    levels = np.unique(np.quantile(between, np.linspace(0, 1, CANDIDATES))).tolist()
    return [(*cuts[:place], level, *cuts[place + 1 :]) for level in levels]
