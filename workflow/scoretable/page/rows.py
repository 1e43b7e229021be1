"""What the page knows of each row beside its line of the table: what charts draw and what a comparison shows."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from scoretable.experiments.row_records import row_code
from scoretable.page.answers import AnswerSheet, read_answers
from scoretable.page.interning import Interned
from scoretable.page.outputs import plain_number, read_confusion, read_curves, read_recall
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.reproduce import MACHINE
from scoretable.table.table import Draw, ScoreTable, Setting, describe_frame, find_competition, read_evaluation

Row = dict[str, Any]


def describe_rows(table: ScoreTable, root: Path) -> dict[str, Any]:
    """Return the rows in the order of the table's lines, and what they share.

    shared: params that all rows have alike; paths: of sources; codes: the version of each of these, by number, as a row
    has it; names: of classes. The others are of `AnswerSheet.content`.
    """
    answers, names, code = AnswerSheet(), Interned(), _Code()
    competitions = {name: find_competition(name, root) for name in table.competitions}
    rows = []
    for identity, row in identify(table):
        if isinstance(row, ReportedRow):
            rows.append(_describe_reported(identity, row, table.label(row.reference)))
            continue
        draw = row.draws[0]
        experiment = draw.experiment
        outputs = {
            "curves": read_curves(experiment, row.metric),
            "confusion": read_confusion(experiment, names),
            "recall": read_recall(experiment, names),
        }
        given = read_answers(experiment, competitions[row.competition])
        outputs["answers"] = answers.add(given) if given else None
        label = table.label(row.reruns) if row.reruns else ""
        rows.append(_describe_setting(identity, row, label) | outputs | {"code": code.add(row_code(experiment))})
    shared = _take_shared(rows)
    return {"rows": rows, "shared": shared, **code.content, "names": names.values, **answers.content}


def identify(table: ScoreTable) -> Iterator[tuple[str, ReportedRow | Setting]]:
    """Yield the rows in the order of the table's lines, each with a name that no other one has."""
    titles = Counter(setting.title for setting in table.settings)
    for line in table.lines():
        if isinstance(line, ReportedRow):
            yield f"reported {table.label(line.reference)}", line
        else:
            yield _name(line, titles), line


class _Code:
    """The code of all rows: paths once, and of each path its versions by number, 0 where a row has it not."""

    def __init__(self) -> None:
        self._paths, self._codes, self._versions = Interned(), Interned(), dict[int, Interned]()

    def add(self, code: Mapping[str, str]) -> int | None:
        """Return the place of a row's code; None where none is known."""
        if not code:
            return None
        numbers = {}
        for path, digest in sorted(code.items()):
            place = self._paths.place(path)
            numbers[place] = 1 + self._versions.setdefault(place, Interned()).place(digest)
        return self._codes.place(tuple(numbers.get(place, 0) for place in range(max(numbers) + 1)))

    @property
    def content(self) -> dict[str, Any]:
        return {"paths": self._paths.values, "codes": self._codes.values}


def _name(setting: Setting, titles: Mapping[str, int]) -> str:
    return setting.title + (f" ({setting.draws[0].experiment.baseline[:7]})" if titles[setting.title] > 1 else "")


def _describe_reported(identity: str, row: ReportedRow, label: str) -> Row:
    known = {name: value for name, value in row.params.items() if value is not None}
    return {
        "id": identity, "row": label, "reported": True, "frame": row.competition, "metric": row.metric,
        "larger": row.larger_is_better, "draws": 1, "score": row.score, "seconds": row.seconds,
        "params": {"competition": row.competition, **known}, "figures": _numbers(_scores(row)),
        "made": {"hardware": row.hardware} if row.hardware else {},
    }  # fmt: skip


def _scores(row: ReportedRow) -> dict[str, Any]:
    private = float(row.private) if row.private else None
    return {"public score": row.score, "private score": private, "seconds": row.seconds}


def _describe_setting(identity: str, setting: Setting, label: str) -> Row:
    public, validation = setting.summary("public"), setting.summary("validation")
    return {
        "id": identity, "row": label, "reported": False, "frame": describe_frame(setting), "metric": setting.metric,
        "larger": setting.larger_is_better, "draws": len(setting.draws),
        "score": public and public.mean, "low": public and public.low, "high": public and public.high,
        "validation": validation and validation.mean, "seconds": setting.mean("seconds"), "cost": setting.mean("cost"),
        "params": {name: _plain(value) for name, value in setting.params.items() if name not in MACHINE},
        "figures": _figures(setting), "made": _made(setting.draws[0]),
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a param as JSON knows it, which has no infinity."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _figures(setting: Setting) -> dict[str, float | int]:
    draw = setting.draws[0]
    figures = {
        "public score": draw.score("public"), "private score": draw.score("private"),
        **read_evaluation(draw.experiment),
        "seconds": draw.seconds, "images per second": draw.images_per_second, "cost": draw.cost,
    }  # fmt: skip
    return _numbers(figures)


def _numbers(figures: Mapping[str, Any]) -> dict[str, float | int]:
    return {
        name: plain_number(value) for name, value in figures.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }  # fmt: skip


def _made(draw: Draw) -> dict[str, str]:
    """Return what a row was made of and on, beside its params and the digests of its code."""
    experiment = draw.experiment
    data = {path: f"MD5 {digest}" for path, digest in experiment.outputs.items() if path.endswith(".zip")}
    hardware = {"hardware": draw.device} if draw.device else {}
    commits = {"commit": experiment.baseline[:12], "experiment": experiment.revision[:12]}
    return {**commits, **data, **hardware, **draw.versions}


def _take_shared(rows: Sequence[Row]) -> dict[str, Any]:
    """Take the params that all experiments have alike out of them, and return those."""
    made = [row["params"] for row in rows if not row["reported"]]
    shared = {
        name: value for name, value in (made[0] if made else {}).items()
        if all(name in params and params[name] == value for params in made)
    }  # fmt: skip
    for params in made:
        for name in shared:
            del params[name]
    return shared
