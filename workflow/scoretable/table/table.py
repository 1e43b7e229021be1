"""The score table: what was reported beside the results of reruns."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.competition.metric import METRICS, Score
from scoretable.competition.task import headline
from scoretable.experiments.committed_code import uncommitted_code
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.experiments.row_records import row_code, submission_digest
from scoretable.rows.params import LABELS
from scoretable.table.reported_rows import ReportedRow, load_tables, resolve_reruns
from scoretable.table.reproduce import MACHINE
from scoretable.uncertainty.runs import Pool, Summary, summarise
from scoretable.uncertainty.scales import Scale, scale_of
from scoretable.workspace.errors import InputError


@dataclass(frozen=True)
class Draw:
    """One experiment's figures; None where it has none.

    metric: what the competition is scored by, None where nothing says so; validation: by it; correct, images: behind
    that, correct of the accuracy only; versions: of the libraries that trained it; gpu_seconds: of all GPUs together;
    cost: of the training, in the currency of its session's price_per_hour; uncommitted: sources in which its commit
    differs from the one that it was made on, None where git does not know; public_images: of its competition.
    """

    experiment: Experiment
    metric: Score | None
    validation: float | None
    correct: int | None
    images: int | None
    seconds: float | None
    images_per_second: float | None
    device: str
    versions: Mapping[str, str]
    gpu_seconds: float | None
    cost: float | None
    uncommitted: Sequence[str] | None = None
    public_images: int | None = None

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.experiment.name

    def score(self, which: str) -> float | None:
        """Return the public or private score."""
        return self.experiment.score.get(f"{which}_score")


@dataclass(frozen=True)
class Setting:
    """Draws whose params and sources differ by the seed only, as one line of the table.

    again: further runs of a draw's seed, as by another person, which say nothing new about the setting; reruns: the
    reference of the reported row that they rerun, or are; made_by: sums up the sources, data and versions.
    """

    draws: tuple[Draw, ...]
    again: tuple[Draw, ...] = ()
    reruns: str | None = None
    made_by: str = ""

    @property
    def params(self) -> Mapping[str, Any]:
        """Params of the first draw."""
        return self.draws[0].experiment.params

    @property
    def competition(self) -> str:
        """Whose data they are made on."""
        return str(self.params.get("competition"))

    @property
    def metric(self) -> Score | None:
        """What its competition is scored by, None where nothing says so."""
        return self.draws[0].metric

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger score is better."""
        return self.metric is None or METRICS[self.metric].larger_is_better

    @property
    def scale(self) -> Scale:
        """Scale of its metric's range."""
        return scale_of(self.metric)

    @property
    def title(self) -> str:
        """Name of the first draw."""
        return self.draws[0].name

    @property
    def insight(self) -> str:
        """What was remarked on the draws."""
        found = (draw.experiment.insight for draw in (*self.draws, *self.again))
        return "; ".join(dict.fromkeys(filter(None, found)))

    def values(self, which: str) -> list[float]:
        """Return the draws' validation, public or private scores, without those that have none."""
        found = [draw.validation if which == "validation" else draw.score(which) for draw in self.draws]
        return [value for value in found if value is not None]

    def mean(self, figure: str) -> float | None:
        """Return the mean of `seconds`, `images_per_second` or `cost` over the draws that have it."""
        found = [value for draw in self.draws if (value := getattr(draw, figure)) is not None]
        return sum(found) / len(found) if found else None

    def summary(self, which: str, family: Pool | None = None) -> Summary | None:
        """Return what the draws say of a score, with the spread of a family of settings, None where none has it."""
        values = self.values(which)
        return summarise(values, self.scale, family.lend(values, self.scale) if family else None) if values else None


@dataclass(frozen=True)
class ScoreTable:
    """reported: by their references; settings: in the order of the reported rows, then by time."""

    reported: Mapping[str, ReportedRow]
    settings: tuple[Setting, ...]

    @property
    def competitions(self) -> list[str]:
        """Those of all rows."""
        names = [row.competition for row in self.reported.values()]
        return list(dict.fromkeys([*names, *(setting.competition for setting in self.settings)]))

    def label(self, reference: str) -> str:
        """Return how a reported row is called here: by its number alone where there is one table."""
        row = self.reported[reference]
        return row.reference if len({other.table for other in self.reported.values()}) > 1 else str(row.number)

    def of_row(self, reference: str) -> list[Setting]:
        """Return the settings that rerun a reported row."""
        return [setting for setting in self.settings if setting.reruns == reference]

    def lines(self) -> Iterator[ReportedRow | Setting]:
        """Yield each reported row with the settings that rerun it below it, and at last all other settings."""
        for reference, row in self.reported.items():
            yield row
            yield from self.of_row(reference)
        yield from (setting for setting in self.settings if setting.reruns is None)

    def rerun_by(self, setting: Setting) -> ReportedRow | None:
        """Return the reported row that a setting reruns."""
        return self.reported[setting.reruns] if setting.reruns else None

    def repeated(self) -> list[list[str]]:
        """Return the references of scored rows that were reported for equal settings, one list per setting."""
        scored = [row for row in self.reported.values() if row.score is not None and row.params]
        groups = [[other.reference for other in scored if is_like(other, row)] for row in scored]
        return [group for place, group in enumerate(groups) if len(group) > 1 and group not in groups[:place]]


def is_like(one: ReportedRow, other: ReportedRow) -> bool:
    """Whether two rows of one table are reported for equal settings."""
    return (one.table, one.competition, one.params) == (other.table, other.competition, other.params)


def read_score_table(root: Path) -> ScoreTable:
    """Read the reported rows and all experiments of the repository."""
    reported = load_tables(root)
    draws: dict[tuple[tuple[str, str], str | None], list[Draw]] = defaultdict(list)
    for draw, reruns in read_draws(list_experiments(root), reported, root):
        draws[_setting_key(draw.experiment), reruns].append(draw)
    settings = [_gather(group, reruns, made_by) for ((_, made_by), reruns), group in draws.items()]
    order = list(reported)
    settings.sort(key=lambda setting: order.index(setting.reruns) if setting.reruns else len(order))
    return ScoreTable(reported, tuple(settings))


def read_draws(
    experiments: Sequence[Experiment], reported: Mapping[str, ReportedRow], root: Path
) -> Iterator[tuple[Draw, str | None]]:
    """Yield the figures of each experiment, and the reference of the reported row that it reruns, or is."""
    names = {str(experiment.params.get("competition")) for experiment in experiments}
    competitions = {name: find_competition(name, root) for name in names}
    changed = uncommitted_code(experiments, root)
    for experiment in experiments:
        competition = competitions[str(experiment.params.get("competition"))]
        draw = replace(
            read_draw(experiment, competition.score if competition else None),
            uncommitted=changed.get(experiment.revision),
            public_images=competition.public_images if competition else None,
        )
        yield draw, resolve_reruns(experiment.params, reported) or submitted_as(experiment, reported)


def submitted_as(experiment: Experiment, reported: Mapping[str, ReportedRow]) -> str | None:
    """Return the reference of the reported row that is a submission of the experiment's own file."""
    known = {row.sha256: reference for reference, row in reported.items() if row.sha256}
    return known.get(submission_digest(experiment)) if known else None


def _gather(draws: Sequence[Draw], reruns: str | None, made_by: str) -> Setting:
    """Return the draws as a setting, in which the first run of each seed counts."""
    first: dict[Any, Draw] = {}
    again = [draw for draw in draws if first.setdefault(draw.experiment.params.get("seed"), draw) is not draw]
    return Setting(tuple(first.values()), tuple(again), reruns, made_by)


def read_draw(experiment: Experiment, metric: Score | None) -> Draw:
    """Return an experiment's figures.

    metric: what its competition is scored by; None, where its file is not in this checkout: what metrics.json names.
    """
    metrics = read_evaluation(experiment)
    training = experiment.read_json("models/training.json")
    score = _named_metric(experiment) if metric is None else metric
    return Draw(
        experiment, score, headline(metrics, score) if score else None,
        metrics.get("correct") if score == "accuracy" else None,
        metrics.get("images"), training.get("train_seconds"), training.get("images_per_second"),
        training.get("device", ""), training.get("versions", {}), training.get("gpu_seconds"), training.get("cost"),
    )  # fmt: skip


def read_evaluation(experiment: Experiment) -> dict[str, Any]:
    """Return all figures of an experiment, which rows of the first version keep in metrics.json."""
    return experiment.read_json("models/evaluation.json") or experiment.read_json("models/metrics.json")


def _named_metric(experiment: Experiment) -> Score | None:
    named = experiment.read_json("models/metrics.json")
    return next((name for name in METRICS if name in named), None)


def describe_frame(setting: Setting) -> str:
    """Return on what data and at what scale a row was rerun."""
    return frame_of(setting.params)


def frame_of(params: Mapping[str, Any]) -> str:
    """Return on what data and at what scale the row of these params is."""
    scale = params.get("scale")
    return str(params.get("competition")) + (f", scaled: {scale}" if scale else "")


def _setting_key(experiment: Experiment) -> tuple[str, str]:
    """Sum up all that decides a result but the seed: the params; and data, code, and the versions of the libraries."""
    left_out = {*MACHINE, "seed"} - {*LABELS} | {"reruns"}  # which is read by itself
    params = {name: value for name, value in experiment.params.items() if name not in left_out}
    data = {path: digest for path, digest in experiment.outputs.items() if path.endswith(".zip")}
    versions = experiment.read_json("models/training.json").get("versions")
    made_by = [row_code(experiment) or experiment.sources, data, versions]
    return json.dumps(params, sort_keys=True), json.dumps(made_by, sort_keys=True)


def find_competition(name: str, root: Path) -> Competition | None:
    """Return the competition of a row, None where its file is not in this checkout."""
    try:
        return load_competition(name, root / COMPETITIONS)
    except InputError:
        return None
