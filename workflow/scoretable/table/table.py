"""The score table: what was reported beside the results of reruns."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.competition.metric import METRICS, Score
from scoretable.competition.task import headline
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.experiments.row_records import row_code
from scoretable.kaggle.submission import count_correct
from scoretable.table.reported_rows import TABLE, ReportedRow, load_reported_rows
from scoretable.table.reproduce import LABELS, MACHINE
from scoretable.uncertainty.runs import Pool, Summary, summarise
from scoretable.uncertainty.scales import Scale, scale_of
from scoretable.workspace.errors import InputError

PUBLIC_IMAGES = 2601  # behind the reported scores


@dataclass(frozen=True)
class Draw:
    """One experiment's figures; None where it has none.

    metric: what the competition is scored by, None where nothing says so; validation: by it; correct, images: behind
    that, correct of the accuracy only; versions: of the libraries that trained it; gpu_seconds: of all GPUs together;
    cost: of the training, in the currency of its session's price_per_hour.
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

    again: further runs of a draw's seed, as by another person, which say nothing new about the setting.
    made_by: sums up the sources, data and versions.
    """

    draws: tuple[Draw, ...]
    again: tuple[Draw, ...] = ()
    made_by: str = ""

    @property
    def params(self) -> Mapping[str, Any]:
        """Params of the first draw."""
        return self.draws[0].experiment.params

    @property
    def reruns(self) -> int | None:
        """Number of the reported row."""
        return self.params.get("reruns")

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
    """reported: by number; settings: in the order of the reported rows, then by time."""

    reported: Mapping[int, ReportedRow]
    settings: tuple[Setting, ...]

    def of_row(self, number: int) -> list[Setting]:
        """Return the settings that rerun a reported row."""
        return [setting for setting in self.settings if setting.reruns == number]

    def repeated(self) -> list[list[int]]:
        """Return the numbers of scored rows that were reported for equal settings, one list per setting."""
        scored = [row for row in self.reported.values() if row.score is not None]
        groups = [[other.number for other in scored if other.params == row.params] for row in scored]
        return [group for place, group in enumerate(groups) if len(group) > 1 and group not in groups[:place]]


def read_score_table(root: Path) -> ScoreTable:
    """Read the reported rows and all experiments of the repository."""
    experiments = list_experiments(root)
    names = {str(experiment.params.get("competition")) for experiment in experiments}
    scores = {name: found.score if (found := find_competition(name, root)) else None for name in names}
    draws: dict[tuple[str, str], list[Draw]] = defaultdict(list)
    for experiment in experiments:
        metric = scores[str(experiment.params.get("competition"))]
        draws[_setting_key(experiment)].append(read_draw(experiment, metric))
    settings = [_gather(group, made_by) for (_, made_by), group in draws.items()]
    settings.sort(key=lambda setting: (setting.reruns is None, setting.reruns or 0))
    return ScoreTable(load_reported_rows(root / TABLE), tuple(settings))


def _gather(draws: Sequence[Draw], made_by: str) -> Setting:
    """Return the draws as a setting, in which the first run of each seed counts."""
    first: dict[Any, Draw] = {}
    again = [draw for draw in draws if first.setdefault(draw.experiment.params.get("seed"), draw) is not draw]
    return Setting(tuple(first.values()), tuple(again), made_by)


def read_draw(experiment: Experiment, metric: Score | None) -> Draw:
    """Return an experiment's figures.

    metric: what its competition is scored by; None, where its file is not in this checkout: what metrics.json names.
    """
    # Rows of the first version keep all figures in metrics.json.
    metrics = experiment.read_json("models/evaluation.json") or experiment.read_json("models/metrics.json")
    training = experiment.read_json("models/training.json")
    score = _named_metric(experiment) if metric is None else metric
    return Draw(
        experiment, score, headline(metrics, score) if score else None,
        metrics.get("correct") if score == "accuracy" else None,
        metrics.get("images"), training.get("train_seconds"), training.get("images_per_second"),
        training.get("device", ""), training.get("versions", {}), training.get("gpu_seconds"), training.get("cost"),
    )  # fmt: skip


def _named_metric(experiment: Experiment) -> Score | None:
    named = experiment.read_json("models/metrics.json")
    return next((name for name in METRICS if name in named), None)


def count_reported(row: ReportedRow) -> str:
    """Return 'k of n' of a reported score, or what is odd about it."""
    if row.score is None:
        return "no score"
    correct = count_correct(f"{row.score:.5f}", PUBLIC_IMAGES)
    return f"{correct} of {PUBLIC_IMAGES}" if correct is not None else f"no k of {PUBLIC_IMAGES} gives it"


def describe_frame(setting: Setting) -> str:
    """Return on what data and at what scale a row was rerun."""
    scale = setting.params.get("scale")
    return str(setting.params.get("competition")) + (f", scaled: {scale}" if scale else "")


def _setting_key(experiment: Experiment) -> tuple[str, str]:
    """Sum up all that decides a result but the seed: the params; and data, code, and the versions of the libraries."""
    left_out = {*MACHINE, "seed"} - {*LABELS}
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
