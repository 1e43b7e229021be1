"""How far the local and the public scores of a competition's rows go together, and how much of the rest is noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import rankdata

from scoretable.advice.outlook import REACH, Outlook

FEWEST = 4  # rows: with fewer the interval of a correlation is the whole range


@dataclass(frozen=True)
class Agreement:
    """Of rows with a local and a public score. correlation: of their ranks, with its interval.

    apart: mean of public less local; spread: standard deviation of that; noise: what the images alone give of it.
    """

    rows: int
    correlation: float
    low: float
    high: float
    apart: float
    spread: float
    noise: float

    @property
    def is_noise(self) -> bool:
        """Whether images alone explain how differently the two scores are apart."""
        return self.spread <= self.noise


def agreement(found: Sequence[Outlook]) -> Agreement | None:
    """Return it for the rows that have both scores, None for fewer than FEWEST or where one score is always the same.

    Rank correlation is Spearman's, with the interval of Bonett and Wright (2000, Psychometrika 65:23).
    """
    pairs = [(row.validation, row.public, row) for row in found if row.public is not None]
    if len(pairs) < FEWEST:
        return None
    local, public = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    if not np.ptp(local) or not np.ptp(public):
        return None
    correlation = float(np.corrcoef(rankdata(local), rankdata(public))[0, 1])
    low, high = correlation_interval(correlation, len(pairs))
    differences = public - local
    noise = float(np.mean([_image_noise(row) for *_, row in pairs]))
    return Agreement(
        len(pairs), correlation, low, high, float(differences.mean()), float(differences.std(ddof=1)), noise
    )  # fmt: skip


def correlation_interval(correlation: float, pairs: int) -> tuple[float, float]:
    """Return the interval of Spearman's rank correlation of so many pairs, 4 or more, at CONFIDENCE.

    >>> [round(end, 2) for end in correlation_interval(0.8, 10)]
    [0.29, 0.96]
    """
    bounded = float(np.clip(correlation, -1 + 1e-9, 1 - 1e-9))
    reach = REACH * sqrt((1 + bounded**2 / 2) / (pairs - 3))
    low, high = np.tanh(np.arctanh(bounded) + np.array([-reach, reach]))
    return float(low), float(high)


def _image_noise(row: Outlook) -> float:
    """Return the standard deviation of public less local that the images of both give, in the metric's own unit."""
    scale = row.setting.scale
    return sqrt(row.local_variance + row.public_variance) * abs(scale.slope(row.place))
