"""What several draws of one setting say: mean, spread, intervals, and whether two settings differ."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from scipy.special import stdtrit  # not scipy.stats, which takes as long as all else that a table needs

CONFIDENCE = 0.95
ROUNDING = 2e-5  # a spread up to this is none: metrics.json keeps five decimals


@dataclass(frozen=True)
class Summary:
    """Of some draws. deviation: sample standard deviation; low, high: interval of the mean; None with one draw."""

    draws: int
    mean: float
    deviation: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Difference:
    """Of two settings' means, the second less the first. low, high: its interval, None where it has none.

    verdict: 'larger', 'smaller', 'within noise', or 'unknown' where the draws say nothing about the noise: a single one
    of each, or equal ones, as a few draws of a score that is a multiple of 1/n are by chance.
    """

    value: float
    low: float | None
    high: float | None
    verdict: str


def summarise(values: Sequence[float]) -> Summary:
    """Return mean, deviation and Student's interval of the mean at CONFIDENCE (two-sided)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return Summary(len(values), mean, None, None, None)
    deviation = float(np.std(values, ddof=1))
    reach = _reach(deviation**2 / len(values), len(values) - 1)
    return Summary(len(values), mean, deviation, mean - reach, mean + reach)


def difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return the difference of two means with its interval.

    Where both have several draws it is Welch's (1947), which does not assume equal spreads. Where only one has,
    its spread counts for both; where neither has, or all draws are equal, nothing is known about the noise.
    """
    value = float(np.mean(second) - np.mean(first))
    parts = [(float(np.var(values, ddof=1)), len(values)) for values in (first, second) if len(values) > 1]
    if not any(sqrt(spread) > ROUNDING for spread, _ in parts):
        return Difference(value, None, None, "unknown")
    if len(parts) == 1:
        spread, draws = parts[0]
        reach = _reach(spread * (1 / len(first) + 1 / len(second)), draws - 1)
    else:
        shares = [spread / draws for spread, draws in parts]
        total = sum(shares)
        weights = sum(share**2 / (draws - 1) for share, (_, draws) in zip(shares, parts, strict=True))
        reach = _reach(total, total**2 / weights)
    low, high = value - reach, value + reach
    verdict = "larger" if low > 0 else "smaller" if high < 0 else "within noise"
    return Difference(value, low, high, verdict)


def paired_difference(first: Sequence[float], second: Sequence[float]) -> Difference:
    """Return the mean of second less first with Student's interval, where both are draws with the same seeds."""
    found = summarise([other - one for one, other in zip(first, second, strict=True)])
    if found.low is None or found.high is None or (found.deviation or 0.0) <= ROUNDING:
        return Difference(found.mean, None, None, "unknown")
    verdict = "larger" if found.low > 0 else "smaller" if found.high < 0 else "within noise"
    return Difference(found.mean, found.low, found.high, verdict)


def in_direction(change: Difference, larger_is_better: bool) -> Difference:
    """Return the difference with a verdict that says which way is better where that is not the larger value."""
    if larger_is_better:
        return change
    words = {"larger": "larger (worse)", "smaller": "smaller (better)"}
    return replace(change, verdict=words.get(change.verdict, change.verdict))


def _reach(variance: float, freedom: float) -> float:
    """Return half of the two-sided interval of an estimate with this variance and degrees of freedom."""
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * sqrt(variance)
