"""Image noise of shares: one share of n images, and two shares of the same n images.

Written with scipy.special, since scipy.stats takes longer to import than all else that a table needs. All take and
return arrays of one shape, or single numbers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv, ndtri

CONFIDENCE = 0.95

Interval = tuple[NDArray[np.float64], NDArray[np.float64]]


def wilson(correct: ArrayLike, images: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Return the ends of the score interval of a share (Wilson 1927, JASA 22:209).

    On average over shares it holds as often as it says, with few images and near 0 and 1 too (Brown, Cai and DasGupta
    2001, Statistical Science 16:101).
    """
    k, n = np.asarray(correct, np.float64), np.asarray(images, np.float64)
    z = float(ndtri((1 + confidence) / 2))
    middle = (k + z**2 / 2) / (n + z**2)
    reach = z / (n + z**2) * np.sqrt(k * (n - k) / n + z**2 / 4)
    return np.asarray(np.where(k > 0, middle - reach, 0.0)), np.asarray(np.where(k < n, middle + reach, 1.0))


def clopper_pearson(correct: ArrayLike, images: ArrayLike, confidence: float = CONFIDENCE) -> Interval:
    """Return the ends of the exact interval of a share (Clopper and Pearson 1934, Biometrika 26:404).

    It holds at least as often as it says for every share, and so more often on average.
    """
    k, n, tail = np.asarray(correct, np.float64), np.asarray(images, np.float64), (1 - confidence) / 2
    low = betaincinv(np.maximum(k, 1), n - k + 1, tail)
    high = betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail)
    return np.asarray(np.where(k > 0, low, 0.0)), np.asarray(np.where(k < n, high, 1.0))


def mcnemar(only_first: ArrayLike, only_second: ArrayLike) -> NDArray[np.float64]:
    """Return the exact two-sided p of as many images that only one of two rows answers right (McNemar 1947).

    It is that of k of n tosses of a fair coin. 1 where no image tells the two apart.
    """
    b, c = np.asarray(only_first), np.asarray(only_second)
    return np.asarray(np.minimum(1.0, 2 * bdtr(np.minimum(b, c), b + c, 0.5)))


def paired_variance(only_first: ArrayLike, only_second: ArrayLike, images: ArrayLike) -> NDArray[np.float64]:
    """Return the variance of the difference of two shares of the same images, one more image added on either side.

    That is Bonett and Price's (2012, J. Educ. Behav. Stat. 37:479), which Fagerland, Lydersen and Laake (2014,
    Statistics in Medicine 33:2850) recommend: it is right with few images that differ, where Wald's is too small.
    """
    b, c, n = (np.asarray(count, np.float64) for count in (only_first, only_second, images))
    first, second = (b + 1) / (n + 2), (c + 1) / (n + 2)
    return np.asarray((first + second - (second - first) ** 2) / (n + 2))


def paired_interval(
    only_first: ArrayLike, only_second: ArrayLike, images: ArrayLike, confidence: float = CONFIDENCE
) -> Interval:
    """Return the ends of the interval of the second share less the first one; source as in `paired_variance`."""
    b, c, n = (np.asarray(count, np.float64) for count in (only_first, only_second, images))
    middle = (c - b) / (n + 2)
    reach = float(ndtri((1 + confidence) / 2)) * np.sqrt(paired_variance(b, c, n))
    return np.asarray(np.maximum(middle - reach, -1.0)), np.asarray(np.minimum(middle + reach, 1.0))
