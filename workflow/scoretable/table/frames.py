"""Frames: the settings of the table that can be compared, each with the scores of its seeds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scoretable.competition.metric import METRICS, Score
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.reproduce import MACHINE
from scoretable.table.table import ScoreTable, Setting, describe_frame
from scoretable.uncertainty.runs import Pool, pool
from scoretable.uncertainty.scales import Scale, scale_of

REPORTED = "as reported"
SHUFFLED = ("seed", "metrics", "deterministic")  # what makes another draw, or is only recorded


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
    def larger_is_better(self) -> bool:
        """Whether a larger score is better."""
        return self.metric is None or METRICS[self.metric].larger_is_better


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


def families(table: ScoreTable, which: str) -> dict[tuple[str, Score | None], Pool | None]:
    """Return what the settings of each frame and metric say of the run noise of a public or validation score."""
    groups: dict[tuple[str, Score | None], list[list[float]]] = defaultdict(list)
    for setting in table.settings:
        groups[family_key(setting)].append(setting.values(which))
    return {key: pool(scores, scale_of(key[1])) for key, scores in groups.items()}


def family_key(setting: Setting) -> tuple[str, Score | None]:
    """Return what settings must share to lend each other their spread."""
    return describe_frame(setting), setting.metric


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
