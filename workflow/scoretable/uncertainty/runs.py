"""Run noise: what another seed gives, from draws of one setting and, where those are few, from other settings' spread.

Only scipy.special is imported, since scipy.stats takes longer than all else that a table needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from scipy.special import digamma, polygamma, stdtrit

from scoretable.uncertainty.scales import Scale
from scoretable.uncertainty.shares import CONFIDENCE

ROUNDING = 2e-5  # a spread up to this is none: metrics.json keeps five decimals
FLOOR = 0.01  # of the pooled variance: equal draws, as of a multiple of 1/n by chance, say no more than this
FREEDOMS = np.geomspace(1, 10_000, 500)


@dataclass(frozen=True)
class Spread:
    """Of single draws of a setting, on its scale.

    freedom: degrees of freedom that the variance is known with; lenders: how many other settings it was taken from.
    """

    variance: float
    freedom: float
    lenders: int = 0


@dataclass(frozen=True)
class Summary:
    """Of some draws. deviation: sample standard deviation; low, high: interval of the mean; None where unknown.

    lenders: how many other settings lent their spread to it.
    """

    draws: int
    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    lenders: int = 0


@dataclass(frozen=True)
class Pool:
    """The spread of several settings, which are taken for draws of one family.

    variance: their mean, weighted by their degrees of freedom; freedom: as many as it is worth for a further setting,
    inf where all spread alike; known: all degrees of freedom; settings: how many have several draws.
    """

    variance: float
    freedom: float
    known: int
    settings: int

    def lend(self, scores: Sequence[float], scale: Scale) -> Spread:
        """Return the spread of one of the pooled settings: its own and the family's, each with its weight.

        A setting with one draw has the family's alone. The weights are Smyth's (2004, Stat. Appl. Genet. Mol. Biol.
        3:3), whose moderated t limits the degrees of freedom to those of all settings, as limma does. The family's
        variance is the plain mean here, for his is too small for single draws where settings spread differently.
        """
        own = len(scores) - 1
        lenders = self.settings - (own > 0)
        if not lenders or self.freedom == inf:
            return Spread(self.variance, self.known, lenders)
        variance = (self.freedom * self.variance + own * _variance(scores, scale)) / (self.freedom + own)
        return Spread(variance, min(self.freedom + own, self.known), lenders)


def pool(settings: Sequence[Sequence[float]], scale: Scale) -> Pool | None:
    """Return what the draws of all settings of a kind say of run noise, None where no two draws of one differ."""
    several = [scores for scores in settings if len(scores) > 1]
    if all(float(np.std(scores, ddof=1)) <= ROUNDING for scores in several):
        return None
    freedoms = np.array([len(scores) - 1 for scores in several])
    variances = np.array([_variance(scores, scale) for scores in several])
    mean = float(variances @ freedoms / freedoms.sum())
    return Pool(mean, _worth(variances, freedoms, FLOOR * mean), int(freedoms.sum()), len(several))


def own_spread(scores: Sequence[float], scale: Scale) -> Spread | None:
    """Return what a setting's own draws say, None with one draw or equal ones."""
    found = pool([scores], scale)
    return None if found is None else found.lend(scores, scale)


def summarise(scores: Sequence[float], scale: Scale, spread: Spread | None = None) -> Summary:
    """Return mean, deviation, and Student's interval of the mean at CONFIDENCE (two-sided), made on the scale.

    spread: of single draws; None: what these draws say alone.
    """
    mean = float(np.mean(scores))
    deviation = float(np.std(scores, ddof=1)) if len(scores) > 1 else None
    known = spread or own_spread(scores, scale)
    if known is None:
        return Summary(len(scores), mean, deviation, None, None)
    reach = student(known.freedom) * sqrt(known.variance / len(scores))
    low, high = scale.back(float(scale.forward(mean)) + reach * np.array([-1.0, 1.0]))
    return Summary(len(scores), mean, deviation, float(low), float(high), known.lenders)


def student(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Return how many standard errors Student's two-sided interval reaches; inf is as good as many."""
    return float(stdtrit(min(freedom, 1e9), (1 + confidence) / 2))


def _variance(scores: Sequence[float], scale: Scale) -> float:
    return float(np.var(scale.forward(scores), ddof=1)) if len(scores) > 1 else 0.0


def _worth(variances: np.ndarray, freedoms: np.ndarray, floor: float) -> float:
    """Return the degrees of freedom that the family's variance is worth for one more setting, 1 or more.

    The logarithms of the variances vary by chance, and beyond it as far as the settings differ. What is beyond chance
    is the trigamma of half of the freedom that is looked for (Smyth 2004, section 6.2).
    """
    if len(variances) < 2:
        return inf
    logs = np.log(np.maximum(variances, floor)) - digamma(freedoms / 2) + np.log(freedoms / 2)
    beyond = float(np.var(logs, ddof=1) - np.mean(polygamma(1, freedoms / 2)))
    if beyond <= 0:
        return inf
    return float(np.interp(-beyond, -polygamma(1, FREEDOMS / 2), FREEDOMS))
