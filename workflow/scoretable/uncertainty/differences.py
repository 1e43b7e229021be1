"""Whether two settings, or two rows, differ by more than noise, how sure that is, and what would settle it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt

import numpy as np
from scipy.special import stdtr

from scoretable.uncertainty.runs import ROUNDING, Pool, Spread, own_spread, student
from scoretable.uncertainty.scales import Scale
from scoretable.uncertainty.shares import CONFIDENCE

LEVEL = 1 - CONFIDENCE
POWER = 0.8  # how often more seeds would show a difference that is as large as it looks now
MOST_SEEDS = 20  # for more than these the difference is too small to be worth looking for


@dataclass(frozen=True)
class Noise:
    """Of a difference, on its scale. freedom: degrees of freedom that the variance is known with."""

    variance: float
    freedom: float = inf

    def __add__(self, other: "Noise") -> "Noise":
        """Return that of two independent causes; its freedom is Satterthwaite's (1946, Biometrics Bulletin 2:110)."""
        total = self.variance + other.variance
        parts = sum(noise.variance**2 / noise.freedom for noise in (self, other))
        return Noise(total, total**2 / parts if parts else inf)

    @property
    def reach(self) -> float:
        """Half of Student's interval at CONFIDENCE."""
        return student(self.freedom) * sqrt(self.variance)


@dataclass(frozen=True)
class Difference:
    """Of two scores, the second less the first. low, high: its interval, None where it has none.

    verdict: 'larger', 'smaller', 'within noise', or 'unknown' where nothing is known about the noise. chance: how often
    noise alone gives a difference as large (the two-sided p), None where unknown.
    """

    value: float
    low: float | None
    high: float | None
    verdict: str
    chance: float | None = None


def judge(first: float, second: float, noise: Noise | None, scale: Scale) -> Difference:
    """Return the difference of two scores with Student's interval, made on the scale; noise: None where unknown."""
    value = second - first
    if noise is None or noise.variance <= 0:
        return Difference(value, None, None, "unknown")
    distance, middle = _place(first, second, scale)
    low, high = scale.apart(middle, distance + noise.reach * np.array([-1.0, 1.0]))
    chance = float(2 * stdtr(min(noise.freedom, 1e9), -abs(distance) / sqrt(noise.variance)))
    return Difference(value, float(low), float(high), name_verdict(value, chance), chance)


def name_verdict(value: float, chance: float | None) -> str:
    """Return the word for a difference that noise alone gives this often."""
    if chance is None:
        return "unknown"
    return "within noise" if chance >= LEVEL else "larger" if value > 0 else "smaller"


def run_noise(
    first: Sequence[float], second: Sequence[float], scale: Scale, family: Pool | None = None
) -> Noise | None:
    """Return the run noise of the difference of two settings' means, whose seeds have nothing to do with each other.

    Without a family the settings' own draws count, with Welch's (1947, Biometrika 34:28) degrees of freedom where both
    have several. Of a family both have their own share, and the degrees of freedom are the smaller ones of the two,
    since what both take from it is one and the same. None where nothing is known.
    """
    spreads = _spreads(first, second, scale, family)
    if spreads is None:
        return None
    noises = [
        Noise(spread.variance / len(scores), spread.freedom)
        for spread, scores in zip(spreads, (first, second), strict=True)
    ]
    if family is None and min(len(first), len(second)) > 1:
        return noises[0] + noises[1]
    return Noise(noises[0].variance + noises[1].variance, min(noise.freedom for noise in noises))


def both_noises(images: Noise, seeds: Noise, keeps_images: bool, draws: int = 1) -> Noise:
    """Return the noise of images and of seeds together.

    images: of one draw each; seeds: of the means of `draws` or more. keeps_images: other seeds are scored on the same
    images, so that the two add up; else each draw has images of its own, so that the noise of seeds holds both, and
    the one with the longer interval counts.
    """
    if keeps_images:
        return images + seeds
    return max(Noise(images.variance / draws, images.freedom), seeds, key=lambda noise: noise.reach)


def paired_noise(first: Sequence[float], second: Sequence[float], scale: Scale) -> Noise | None:
    """Return the noise of the difference of two means, where both are draws with the same seeds; None where unknown."""
    raw = np.subtract(second, first)
    if len(raw) != len(first) or len(first) < 2 or float(np.std(raw, ddof=1)) <= ROUNDING:
        return None
    return Noise(float(np.var(scale.forward(second) - scale.forward(first), ddof=1)) / len(raw), len(raw) - 1)


def difference(first: Sequence[float], second: Sequence[float], scale: Scale, family: Pool | None = None) -> Difference:
    """Return the difference of two settings' means against run noise; arguments as in `run_noise`."""
    noise = run_noise(first, second, scale, family)
    return judge(float(np.mean(first)), float(np.mean(second)), noise, scale)


def paired_difference(first: Sequence[float], second: Sequence[float], scale: Scale) -> Difference:
    """Return the difference of two means by the differences of their pairs, where both are draws with the same seeds.

    Raises ValueError where one has more draws.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} draws are no pairs: one side is shorter")
    noise = paired_noise(first, second, scale)
    return judge(float(np.mean(first)), float(np.mean(second)), noise, scale)


def seeds_to_settle(
    first: Sequence[float],
    second: Sequence[float],
    scale: Scale,
    family: Pool | None = None,
    images: float = 0.0,
    looked_at: int = 1,
) -> int | None:
    """Return how many more seeds each would show the difference that is seen now, POWER of the time, if it is real.

    images: the variance of the image noise that stays, on the scale; looked_at: how many differences the level is
    shared by. None where more than MOST_SEEDS are needed, or nothing is known of run noise. Cohen (1988, chapter 2)
    adds the two quantiles so.
    """
    spreads, noise = _spreads(first, second, scale, family), run_noise(first, second, scale, family)
    if spreads is None or noise is None:
        return None
    distance = abs(_place(float(np.mean(first)), float(np.mean(second)), scale)[0])
    for more in range(1, MOST_SEEDS + 1):
        draws = len(first) + more, len(second) + more
        error = sqrt(images + sum(spread.variance / count for spread, count in zip(spreads, draws, strict=True)))
        freedom = noise.freedom + 2 * more
        if (student(freedom, 1 - LEVEL / looked_at) + student(freedom, 2 * POWER - 1)) * error <= distance:
            return more
    return None


def in_direction(change: Difference, larger_is_better: bool) -> Difference:
    """Return the difference with a verdict that says which way is better where that is not the larger value."""
    if larger_is_better:
        return change
    words = {"larger": "larger (worse)", "smaller": "smaller (better)"}
    return replace(change, verdict=words.get(change.verdict, change.verdict))


def holm(chances: Sequence[float]) -> list[float]:
    """Return p values corrected for their number (Holm 1979, Scand. J. Stat. 6:65), in their order.

    Then 95 of 100 tables have no false effect at all, whatever the effects have to do with each other: pairs share
    settings, for which Benjamini and Hochberg's (1995) rate of false effects is not proven.
    """
    order = np.argsort(np.asarray(chances, np.float64), kind="stable")
    steps = np.asarray(chances, np.float64)[order] * np.arange(len(chances), 0, -1)
    corrected = np.empty(len(chances))
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected.tolist()


def _spreads(
    first: Sequence[float], second: Sequence[float], scale: Scale, family: Pool | None
) -> tuple[Spread, Spread] | None:
    """Return the spread of both settings' draws; without a family, a single draw has that of the other setting."""
    if family is not None:
        return family.lend(first, scale), family.lend(second, scale)
    one, two = own_spread(first, scale), own_spread(second, scale)
    if one is None and two is None:
        return None
    equal = Spread(0.0, inf)
    if one is None:
        one = two if len(first) == 1 else equal
    if two is None:
        two = one if len(second) == 1 else equal
    return (one, two) if one and two else None


def _place(first: float, second: float, scale: Scale) -> tuple[float, float]:
    """Return how far two scores lie apart on the scale, and the middle of the two."""
    one, two = scale.forward([first, second])
    return float(two - one), float(one + two) / 2
