"""Two rows compared: which images they answer differently, what other images and other seeds would give, and both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scoretable.table.effects import differing
from scoretable.table.frames import families, family_key
from scoretable.table.row_answers import COUNTED, Marked, RowAnswers
from scoretable.table.table import Draw, ScoreTable, Setting
from scoretable.uncertainty.differences import (
    Difference,
    Noise,
    both_noises,
    in_direction,
    judge,
    run_noise,
    seeds_to_settle,
)
from scoretable.uncertainty.resampling import image_noise
from scoretable.uncertainty.runs import Pool
from scoretable.uncertainty.scales import Scale
from scoretable.uncertainty.shares import mcnemar, paired_variance
from scoretable.workspace.errors import InputError, how_many

SCORES = ("validation", "public", "private")
IMAGES, SEEDS, BOTH = "other images", "other seeds", "both"

Count = tuple[int | None, int | None]


@dataclass(frozen=True)
class Pairing:
    """Of two rows' answers to the same images: how many only one of them answers right, and McNemar's p."""

    images: int
    only_first: int
    only_second: int
    chance: float


@dataclass(frozen=True)
class Judged:
    """A difference against one kind of noise. how: by which method, and on whose word."""

    noise: str
    change: Difference
    how: str


@dataclass(frozen=True)
class ScoreComparison:
    """Two rows by one score. scores, counts (k of n): of the two rows; draws: of their settings.

    pairing: None without the answers. judged: against the noise of images, of seeds, and both, as far as they are
    known. more: further seeds of each that would show the difference, None where they are too
    many, or unknown.
    """

    which: str
    scores: tuple[float, float]
    counts: tuple[Count, Count]
    draws: tuple[tuple[float, ...], tuple[float, ...]]
    pairing: Pairing | None
    judged: tuple[Judged, ...]
    more: int | None


@dataclass(frozen=True)
class Comparison:
    """Two rows, by each score that both have. params: name, and the values of both, of those that differ."""

    first: str
    second: str
    metric: str
    params: tuple[tuple[str, Any, Any], ...]
    scores: tuple[ScoreComparison, ...]


def compare_rows(table: ScoreTable, first: str, second: str, root: Path) -> Comparison:
    """Compare two experiments by their names; raise InputError where one is unknown or they have no score in common."""
    sides = _find(table, first), _find(table, second)
    if sides[0].draw is sides[1].draw:
        raise InputError(f"{first} is one row: name two to compare.")
    places = [f"by {side.setting.metric} on {side.setting.params.get('competition')}" for side in sides]
    if places[0] != places[1]:
        raise InputError(
            f"{first} is scored {places[0]}, {second} {places[1]}: name two rows that are scored by the same metric on "
            "the same competition."
        )
    shared = [which for which in SCORES if all(side.score(which) is not None for side in sides)]
    if not shared:
        raise InputError(
            f"{first} and {second} have no score in common here: get their figures with "
            f"`dvc exp pull origin {first} {second}`."
        )
    one, two = (side.setting.params for side in sides)
    params = tuple((name, one.get(name), two.get(name)) for name in differing(one, two))
    found = tuple(_compare(table, sides, which, root) for which in shared)
    return Comparison(first, second, str(sides[0].setting.metric or "score"), params, found)


@dataclass(frozen=True)
class _Side:
    draw: Draw
    setting: Setting

    def score(self, which: str) -> float | None:
        return self.draw.validation if which == "validation" else self.draw.score(which)

    def count(self, which: str) -> Count:
        """Return k and n of a score, None where unknown."""
        if which == "validation":
            return self.draw.correct, self.draw.images
        score = self.draw.experiment.score
        return score.get(f"{which}_correct"), score.get(f"{which}_images")


Sides = tuple[_Side, _Side]
Pair = tuple[RowAnswers, RowAnswers]


def _find(table: ScoreTable, name: str) -> _Side:
    """Return the newest row of a name, with its setting."""
    sides = [_Side(draw, setting) for setting in table.settings for draw in (*setting.draws, *setting.again)]
    found = [side for side in sides if side.draw.name == name]
    if not found:
        names = ", ".join(sorted({side.draw.name for side in sides})[:10])
        raise InputError(f"there is no row {name}: `scoretable table` lists {names or 'all rows'}.")
    return max(found, key=lambda side: side.draw.experiment.committed)


def _compare(table: ScoreTable, sides: Sides, which: str, root: Path) -> ScoreComparison:
    one, two = (side.setting for side in sides)
    scale, keeps_images = one.scale, which != "validation" or all_folds(one, two)
    draws = tuple(one.values(which)), tuple(two.values(which))
    family = families(table, which)[family_key(one)] if family_key(one) == family_key(two) else None
    pair = _pair(sides, root) if which == "validation" else None
    counts = sides[0].count(which), sides[1].count(which)
    by_images = paired_image_noise(*pair, scale) if pair else _independent_noise(counts, one)
    by_seeds = run_noise(*draws, scale, family)

    scores = sides[0].score(which) or 0.0, sides[1].score(which) or 0.0
    means = float(np.mean(draws[0])), float(np.mean(draws[1]))
    kinds = _kinds((by_images, _how_images(pair)), (by_seeds, _how_seeds(draws, family)), keeps_images, draws)
    judged = []
    for kind, noise, how in kinds:
        change = judge(*(scores if kind == IMAGES else means), noise, scale)
        judged.append(Judged(kind, in_direction(change, one.larger_is_better), how))
    stays = by_images.variance if by_images and keeps_images else 0.0
    return ScoreComparison(
        which, scores, counts, draws, count_pair(pair), tuple(judged), seeds_to_settle(*draws, scale, family, stays)
    )


def _kinds(
    images: tuple[Noise | None, str],
    seeds: tuple[Noise | None, str],
    keeps_images: bool,
    draws: tuple[Sequence[float], Sequence[float]],
) -> Iterator[tuple[str, Noise, str]]:
    """Yield each kind of noise that is known, and both together."""
    if images[0] is not None:
        yield IMAGES, images[0], images[1]
    if seeds[0] is not None:
        yield SEEDS, seeds[0], seeds[1] if keeps_images else f"{seeds[1]}; each seed holds out other images"
    if images[0] is None or seeds[0] is None:
        return
    how = "the sum of the two" if keeps_images else "the larger of the two, since other seeds come with other images"
    yield BOTH, both_noises(images[0], seeds[0], keeps_images, min(map(len, draws))), how


def all_folds(*settings: Setting) -> bool:
    """Whether each row of the settings answers all images, so that those of another seed are the same ones."""
    return all(setting.params.get("fold") == "all" for setting in settings)


def _how_images(pair: Pair | None) -> str:
    if pair is None:
        return "at most: as if of different images"
    method = "bootstrap" if pair[0].correct() is None else "Bonett and Price"
    return f"the same images in pairs ({method})"


def _how_seeds(draws: tuple[Sequence[float], Sequence[float]], family: Pool | None) -> str:
    count = f"{len(draws[0])} and {how_many(len(draws[1]), 'draw')}"
    lenders = family.settings - sum(len(values) > 1 for values in draws) if family else 0
    return f"{count}, with the spread of {how_many(lenders, 'other setting')}" if lenders else count


def _pair(sides: Sides, root: Path) -> Pair | None:
    """Return both rows' answers where they are here and of the same images."""
    first, second = (RowAnswers.of(side.draw.experiment, root) for side in sides)
    return (first, second) if first and second and first.answers_same(second) else None


def paired_image_noise(first: Marked, second: Marked, scale: Scale) -> Noise | None:
    """Return the image noise of the difference of two scores of the same images, on the scale; None where unknown."""
    right, also_right = first.correct(), second.correct()
    if right is None or also_right is None:
        return image_noise(lambda chosen: [first.score(chosen), second.score(chosen)], first.images, scale)
    images, apart = len(right), np.subtract(also_right, right, dtype=np.float64)
    only_first, only_second = (np.sum(apart**2) - apart.sum()) / 2, (np.sum(apart**2) + apart.sum()) / 2
    middle = (float(right.sum() + also_right.sum()) / 2 + 1) / (images + 2)
    variance = float(paired_variance(only_first, only_second, images))
    return Noise(variance / scale.slope(float(scale.forward(middle))) ** 2)


def _independent_noise(counts: Sequence[Count], setting: Setting) -> Noise | None:
    """Return the image noise of two shares as if they were of different images; None where they are no shares.

    A share of n images has a variance of 1 / 4n on the scale of its arcsine (Bartlett 1947).
    """
    images = [number for _, number in counts if number]
    if setting.metric not in COUNTED or len(images) < 2:
        return None
    return Noise(sum(1 / (4 * number) for number in images))


def count_pair(pair: Pair | None) -> Pairing | None:
    """Return which of the same images two rows answer differently; None where the metric is no share of images."""
    first, second = (pair[0].correct(), pair[1].correct()) if pair else (None, None)
    if first is None or second is None:
        return None
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    return Pairing(len(first), only_first, only_second, float(mcnemar(only_first, only_second)))
