"""Effects: pairs of settings of which one param differs, found in what was reported and in what was run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from scoretable.table.frames import SHUFFLED, Frame, Point, find_frames
from scoretable.table.reproduce import MACHINE
from scoretable.table.table import ScoreTable
from scoretable.uncertainty.differences import (
    Difference,
    difference,
    holm,
    in_direction,
    name_verdict,
    seeds_to_settle,
)
from scoretable.uncertainty.runs import Summary, summarise

# Params that change together: where all that differs is in one of these sets, and its first param with it.
TOGETHER = (
    ("batch_size", "steps_per_epoch"),
    ("batch_size", "learning_rate"),
    ("optimizer", "learning_rate", "weight_decay"),
    ("schedule", "warmup"),
    ("loss", "activation"),
    ("model", "weights"),
    ("freeze_epochs", "unfreeze_epochs", "backbone_rate", "layer_decay"),
    ("augment", "crop_area", "randaugment_magnitude"),
    ("pseudo_labels", "pseudo_threshold"),
    ("second_target", "second_weight"),
)
# What says which images there are, which must be the same ones.
DATA = ("competition", "sandbox_images", "sandbox_seed", "validation", "fold", "unreadable")


@dataclass(frozen=True)
class Effect:
    """Two settings of which only `params` differ, the first of them in the lead.

    change: the second less the first, with its own interval, and with chance and verdict corrected for all effects of
    its frame that have one (`looked_at`); more: further seeds of each that would show it, None where it is shown, they
    are too many, or nothing is known.
    """

    params: tuple[str, ...]
    first: Point
    second: Point
    frame: Frame
    change: Difference
    looked_at: int = 0
    more: int | None = None


@dataclass(frozen=True)
class Curve:
    """What an ordered param with three or more values does, all else equal. points: by rising value."""

    param: str
    frame: Frame
    points: tuple[tuple[float, Point, Summary], ...]


def find_effects(table: ScoreTable) -> list[Effect]:
    """Return all effects in the table, grouped by their first param, within it by frame."""
    found = [effect for frame in find_frames(table) for effect in _correct(list(_effects(frame)))]
    names = list(dict.fromkeys(effect.params[0] for effect in found))
    return sorted(found, key=lambda effect: names.index(effect.params[0]))


def find_curves(table: ScoreTable) -> list[Curve]:
    """Return a curve for each ordered param of which settings that are equal in all else have three values or more.

    Those of most draws come first.
    """
    found = [curve for frame in find_frames(table) for curve in _curves(frame)]
    return sorted(found, key=lambda curve: -sum(summary.draws for _, _, summary in curve.points))


def differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the params that make two settings different ones, in their order."""
    names = dict.fromkeys([*first, *second])
    left_out = {*SHUFFLED, *MACHINE}
    return tuple(name for name in names if name not in left_out and first.get(name) != second.get(name))


def has_effects(frame: Frame) -> bool:
    """Whether any two of the settings differ in one param, or in a set that belongs together."""
    return next(_pairs(frame.points), None) is not None


def _effects(frame: Frame) -> Iterator[Effect]:
    for params, first, second in _pairs(frame.points):
        change = difference(first.scores, second.scores, frame.scale, frame.family)
        yield Effect(params, first, second, frame, change)


def _pairs(points: Sequence[Point]) -> Iterator[tuple[tuple[str, ...], Point, Point]]:
    """Yield the pairs that differ in one param, or in a set of params that change together."""
    names = dict.fromkeys(name for point in points for name in point.params if name not in DATA)
    for changed in [*((name,) for name in names), *TOGETHER]:
        for group in _equal_but_for(points, changed):
            for first, second in combinations(group, 2):
                found = differing(first.params, second.params)
                if len(changed) == 1 or (len(found) > 1 and changed[0] in found and _narrowest(found) == changed):
                    yield (changed[0], *(name for name in found if name != changed[0])), first, second


def _narrowest(found: Sequence[str]) -> tuple[str, ...]:
    """Return the first set of params that holds all of these, so that no pair is yielded twice."""
    return next(names for names in TOGETHER if set(found) <= set(names) and names[0] in found)


def _equal_but_for(points: Sequence[Point], changed: Sequence[str]) -> list[list[Point]]:
    groups: dict[Any, list[Point]] = defaultdict(list)
    for point in points:
        rest = tuple(item for item in point.texts.items() if item[0] not in changed)
        groups[point.made_by, rest].append(point)
    return [group for group in groups.values() if len(group) > 1]


def _correct(effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects of a frame with chance and verdict corrected for their number."""
    chances = [effect.change.chance for effect in effects if effect.change.chance is not None]
    corrected = iter(holm(chances))
    return [
        effect if effect.change.chance is None else _corrected(effect, next(corrected), len(chances))
        for effect in effects
    ]


def _corrected(effect: Effect, chance: float, looked_at: int) -> Effect:
    frame, change = effect.frame, effect.change
    change = replace(change, chance=chance, verdict=name_verdict(change.value, chance))
    more = None
    if change.verdict == "within noise":
        scores = effect.first.scores, effect.second.scores
        more = seeds_to_settle(*scores, frame.scale, frame.family, looked_at=looked_at)
    return replace(effect, change=in_direction(change, frame.larger_is_better), looked_at=looked_at, more=more)


def _curves(frame: Frame) -> Iterator[Curve]:
    names = dict.fromkeys(name for point in frame.points for name in point.params if name not in DATA)
    for name in names:
        for group in _equal_but_for(frame.points, (name,)):
            values = [point.params.get(name) for point in group]
            if len(group) < 3 or any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
                continue
            rising = sorted(group, key=lambda point: point.params[name])
            yield Curve(name, frame, tuple((point.params[name], point, _summary(frame, point)) for point in rising))


def _summary(frame: Frame, point: Point) -> Summary:
    spread = frame.family.lend(point.scores, frame.scale) if frame.family else None
    return summarise(point.scores, frame.scale, spread)
