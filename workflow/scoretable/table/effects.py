"""Effects: pairs of settings of which one param differs, found in what was reported and in what was run."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any

from scoretable.competition.metric import METRICS, Score
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.reproduce import MACHINE
from scoretable.table.table import ScoreTable, Setting, describe_frame
from scoretable.uncertainty.differences import (
    Difference,
    difference,
    holm,
    in_direction,
    name_verdict,
    seeds_to_settle,
)
from scoretable.uncertainty.runs import Pool, Summary, pool, summarise
from scoretable.uncertainty.scales import Scale, scale_of

REPORTED = "as reported"
# Params that change together: where all that differs is in one of these sets, and its first param with it.
TOGETHER = (
    ("batch_size", "steps_per_epoch"),
    ("batch_size", "learning_rate"),
    ("optimizer", "learning_rate", "weight_decay"),
    ("schedule", "warmup"),
    ("loss", "activation"),
    ("model", "weights"),
    ("freeze_epochs", "unfreeze_epochs", "backbone_rate"),
)
SHUFFLED = ("seed", "metrics", "deterministic")  # what makes another draw, or is only recorded
# What says which images there are, which must be the same ones.
DATA = ("competition", "sandbox_images", "sandbox_seed", "validation", "fold", "unreadable")


@dataclass(frozen=True)
class Point:
    """A setting with its scores, one of each seed, in the order of the table. label: '6 and 7', or a row's name."""

    label: str
    params: Mapping[str, Any]
    scores: tuple[float, ...]
    made_by: str = ""

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The params' values as texts, which can be compared quickly whatever they are."""
        return {name: repr(value) for name, value in self.params.items()}


@dataclass(frozen=True)
class Frame:
    """Settings that can be compared: on the same data, at the same scale, by the same score.

    which: 'reported', 'public' or 'validation'; family: what all of them say of run noise.
    """

    where: str
    which: str
    metric: Score | None
    points: tuple[Point, ...]
    family: Pool | None

    @property
    def scale(self) -> Scale:
        """Scale of the metric's range."""
        return scale_of(self.metric)

    @property
    def has_effects(self) -> bool:
        """Whether any two of the settings differ in one param, or in a set that belongs together."""
        return next(_pairs(self.points), None) is not None

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger score is better."""
        return self.metric is None or METRICS[self.metric].larger_is_better


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


def find_frames(table: ScoreTable) -> list[Frame]:
    """Return the settings that can be compared: those that were reported, then those that were run.

    Where settings of a frame have public scores, those count; of all others their validation scores.
    """
    frames = list(_reported_frames(table))
    groups: dict[tuple[str, Score | None, str], list[Setting]] = defaultdict(list)
    for setting in table.settings:
        which = "public" if setting.values("public") else "validation"
        if setting.values(which):
            groups[describe_frame(setting), setting.metric, which].append(setting)
    for (where, metric, which), settings in groups.items():
        by = "" if metric in (None, "accuracy") else f", by {metric}"
        kind = "" if which == "public" else ", validation"
        frames.append(_frame(where + by + kind, which, metric, _rerun_points(table, settings, which)))
    return frames


def find_effects(table: ScoreTable) -> list[Effect]:
    """Return all effects in the table, grouped by their first param, within it by frame."""
    found = [effect for frame in find_frames(table) for effect in _correct(list(_effects(frame)))]
    names = list(dict.fromkeys(effect.params[0] for effect in found))
    return sorted(found, key=lambda effect: names.index(effect.params[0]))


def find_curves(table: ScoreTable) -> list[Curve]:
    """Return a curve for each ordered param of which settings that are equal in all else have three values or more."""
    return [curve for frame in find_frames(table) for curve in _curves(frame)]


def families(table: ScoreTable, which: str) -> dict[tuple[str, Score | None], Pool | None]:
    """Return what the settings of each frame and metric say of the run noise of a public or validation score."""
    groups: dict[tuple[str, Score | None], list[list[float]]] = defaultdict(list)
    for setting in table.settings:
        groups[family_key(setting)].append(setting.values(which))
    return {key: pool(scores, scale_of(key[1])) for key, scores in groups.items()}


def family_key(setting: Setting) -> tuple[str, Score | None]:
    """Return what settings must share to lend each other their spread."""
    return describe_frame(setting), setting.metric


def differing(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the params that make two settings different ones, in their order."""
    names = dict.fromkeys([*first, *second])
    left_out = {*SHUFFLED, *MACHINE}
    return tuple(name for name in names if name not in left_out and first.get(name) != second.get(name))


def _reported_frames(table: ScoreTable) -> Iterator[Frame]:
    """Yield the scored rows of each competition of each reported table; rows of equal settings are draws of one."""
    groups: dict[tuple[str, str], list[ReportedRow]] = defaultdict(list)
    for row in table.reported.values():
        if row.score is not None and row.params:
            groups[row.table, row.competition].append(row)
    for (name, competition), rows in groups.items():
        where = REPORTED if len(groups) == 1 else f"{name}, {competition}, {REPORTED}"
        yield _frame(where, "reported", rows[0].metric, _reported_points(table, rows))


def _reported_points(table: ScoreTable, rows: Sequence[ReportedRow]) -> list[Point]:
    points: dict[str, list[ReportedRow]] = defaultdict(list)
    for row in rows:
        points[repr(row.params)].append(row)
    return [
        Point(
            " and ".join(table.label(row.reference) for row in same),
            same[0].params,
            tuple(row.score for row in same if row.score is not None),
        )
        for same in points.values()
    ]


def _rerun_points(table: ScoreTable, settings: Sequence[Setting], which: str) -> list[Point]:
    """Return the settings as points, reruns of equal reported rows as one, in which each seed counts once."""
    groups: dict[tuple[str, str], list[Setting]] = defaultdict(list)
    for setting in settings:
        groups[repr(_decisive(setting.params)), setting.made_by].append(setting)
    points = []
    for same in groups.values():
        scores: dict[Any, float] = {}
        for draw in (draw for setting in same for draw in setting.draws):
            value = draw.validation if which == "validation" else draw.score(which)
            if value is not None:
                scores.setdefault(draw.experiment.params.get("seed"), value)
        labels = dict.fromkeys(table.label(setting.reruns) if setting.reruns else setting.title for setting in same)
        points.append(Point(" and ".join(labels), _decisive(same[0].params), tuple(scores.values()), same[0].made_by))
    return points


def _decisive(params: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {*SHUFFLED, *MACHINE}
    return {name: value for name, value in params.items() if name not in left_out}


def _frame(where: str, which: str, metric: Score | None, points: Sequence[Point]) -> Frame:
    family = pool([point.scores for point in points], scale_of(metric))
    return Frame(where, which, metric, tuple(points), family)


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
