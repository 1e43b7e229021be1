"""Image noise of any metric: what it would be on other images of the same kind, by resampling those that there are."""

from collections.abc import Callable, Iterable
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scoretable.uncertainty.differences import Noise
from scoretable.uncertainty.scales import Scale
from scoretable.workspace.errors import InputError

ROUNDS = 300  # for a standard error, 200 are enough (Efron and Tibshirani 1993, section 6.4)
SEED = 0  # so that the same rows give the same interval
MOST_LEFT_OUT = 300  # images, each of which is left out once
FEWEST_DEFINED = 0.5  # share of the rounds in which the metric must have a value

Score = Callable[[NDArray[np.intp]], ArrayLike]


def image_noise(score: Score, images: int, scale: Scale, rounds: int = ROUNDS) -> Noise | None:
    """Return the noise of a score, or of the difference of two of the same images, on the scale.

    Args:
        score: what images of these numbers, of which some come several times, score: a number, or two, of which the
            second less the first counts. Raises InputError where the metric has no value for them.
        images: how many there are.

    The variance is that of Efron's bootstrap (1979, Ann. Stat. 7:1), images drawn in pairs where two rows answer them.
    Its degrees of freedom are those that a variance of n values of this kurtosis is known with (Satterthwaite 1946):
    where a few images make most of the noise, as of an AUC near 1 or of a log loss, it is known less well. The values
    are those of the jackknife (Tukey 1958), of up to 300 images. None where the images tell nothing: all are answered
    alike, or the metric has no value in most rounds.
    """
    random = np.random.default_rng(SEED)
    drawn = _places((_score(score, random.integers(0, images, images)) for _ in range(rounds)), scale)
    if len(drawn) < FEWEST_DEFINED * rounds or not np.ptp(drawn):
        return None
    return Noise(float(np.var(drawn)) * images / max(images - 1, 1), _freedom(score, images, scale))


def freedom_of(influences: ArrayLike, images: int) -> float:
    """Return the degrees of freedom that the variance of so many images is known with: 2n / (kurtosis - 1).

    influences: what some of them contribute.
    """
    values = np.asarray(influences, np.float64)
    squares = (values - values.mean()) ** 2
    if not squares.any():
        return inf
    kurtosis = float((squares**2).mean() / squares.mean() ** 2)
    return max(1.0, 2 * images / (kurtosis - 1)) if kurtosis > 1 else inf


def _freedom(score: Score, images: int, scale: Scale) -> float:
    chosen = np.random.default_rng(SEED).permutation(images)[:MOST_LEFT_OUT]
    all_images = np.arange(images)
    return freedom_of(_places((_score(score, np.delete(all_images, place)) for place in chosen), scale), images)


def _score(score: Score, chosen: NDArray[np.intp]) -> ArrayLike | None:
    try:
        return score(chosen)
    except InputError:
        return None


def _places(scores: Iterable[ArrayLike | None], scale: Scale) -> NDArray[np.float64]:
    """Return each score, or the difference of each two, on the scale; without those that have no value."""
    places = scale.forward(np.array([value for value in scores if value is not None], np.float64))
    return np.asarray(places[:, 1] - places[:, 0]) if places.ndim == 2 else places
