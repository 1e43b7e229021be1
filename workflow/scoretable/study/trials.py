"""A study: one factor at a time around a base row, then the winners combined and confirmed."""

import hashlib
import json
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.metric import Score
from scoretable.competition.task import resolve_head
from scoretable.experiments.experiment import Experiment
from scoretable.rows.naming import slug
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params, parse_params, yaml_value
from scoretable.table.reproduce import Run, finished_runs, start_run
from scoretable.table.table import read_draw
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import parse_yaml

BASE = "base"
COMBINED = "combined"


@dataclass(frozen=True)
class Trial:
    """One setting of a study. changes: what differs from the base; label: names it in the report."""

    label: str
    changes: Mapping[str, Any]


@dataclass
class Study:
    """A study's plan and its results so far.

    metric: what its competition is scored by; trials: those that have begun, by their labels; scores: of each trial,
    by the seed.
    """

    identity: str
    base: Params
    session: SessionParams
    factors: Mapping[str, Sequence[Any]]
    seeds: int
    root: Path
    metric: Score
    larger_is_better: bool
    trials: dict[str, Trial] = field(default_factory=dict)
    scores: dict[str, dict[int, float]] = field(default_factory=dict)
    seconds: float = 0.0

    def run(self, trial: Trial, seed: int) -> Run:
        """Return the experiment of a trial at a seed."""
        settings = {**self.base.model_dump(), **trial.changes, "seed": self.base.seed + seed}
        name = f"study-{self.identity}-{slug(trial.label)}-draw{seed}"
        return Run(name, parse_params(settings, f"study, {trial.label}"), self.session)

    def common(self, trial: Trial, other: Trial) -> tuple[list[float], list[float]]:
        """Return the scores of two trials at the seeds that both have."""
        ours, theirs = self.scores.get(trial.label, {}), self.scores.get(other.label, {})
        seeds = sorted(set(ours) & set(theirs))
        return [ours[seed] for seed in seeds], [theirs[seed] for seed in seeds]

    def value(self, trial: Trial) -> float:
        """Return the mean score with a sign by which more is better, minus infinity where there is none."""
        scores = list(self.scores.get(trial.label, {}).values())
        return (1 if self.larger_is_better else -1) * float(np.mean(scores)) if scores else -math.inf


class BudgetSpent(Exception):
    """The study's hours are over; the same command with more goes on."""


def plan_study(
    base: Params, session: SessionParams, factors: Mapping[str, Sequence[Any]], seeds: int, root: Path
) -> Study:
    """Return a study of `factors` around `base`; raise InputError where a value or a pair does not fit.

    Equal bases, factors and seeds are the same study, which goes on where it stopped.
    """
    competition = load_competition(base.competition, root / COMPETITIONS)
    content = json.dumps([base.model_dump(), {name: list(values) for name, values in factors.items()}], sort_keys=True)
    identity = hashlib.sha256(content.encode()).hexdigest()[:6]
    study = Study(identity, base, session, factors, seeds, root, competition.score, competition.larger_is_better)
    for trial in single_trials(study):
        params = study.run(trial, 0).params
        try:
            resolve_head(competition.task, params.activation, params.loss)
        except InputError as error:
            raise InputError(f"{trial.label}: {error}") from None
    return study


def parse_factors(texts: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of each `--factor name=a,b,c`; a list of names is written [a,b]."""
    factors = {}
    for text in texts:
        name, separator, values = text.partition("=")
        if not separator or name not in Params.model_fields or name == "seed":
            raise InputError(f"--factor {text} is not a factor: give name=value,value with a key of params.yaml.")
        try:
            found = parse_yaml(f"[{values}]", "--factor")
        except InputError:
            found = None
        if not found:
            raise InputError(f"--factor {text} names no values: give name=value,value.")
        factors[name] = found
    return factors


def single_trials(study: Study) -> list[Trial]:
    """Return the base, and each value of each factor that is not the base's."""
    base = study.base.model_dump()
    return [Trial(BASE, {})] + [
        Trial(f"{name}={show_value(value)}", {name: value})
        for name, values in study.factors.items()
        for value in values
        if value != base[name]
    ]


def run_single_factors(study: Study, hours: float | None, halving: bool) -> None:
    """Run all trials seed by seed; with `halving` the worse half of the trials takes no part in the next seed.

    Raises BudgetSpent where the hours are over, and InputError where a run fails.
    """
    base, *others = single_trials(study)
    for seed in range(study.seeds):
        for trial in (base, *others):
            score_trial(study, trial, seed, hours)
        if halving:
            others = sorted(others, key=study.value, reverse=True)[: math.ceil(len(others) / 2)]


def combine_winners(study: Study, hours: float | None) -> Trial:
    """Return the best value of each factor together, run with the seeds of the base."""
    base, *others = single_trials(study)
    changes: dict[str, Any] = {}
    for name in study.factors:
        best = max((base, *(trial for trial in others if name in trial.changes)), key=study.value)
        changes |= best.changes
    combined = next((trial for trial in (base, *others) if dict(trial.changes) == changes), Trial(COMBINED, changes))
    for seed in range(study.seeds):
        for trial in (base, combined):
            score_trial(study, trial, seed, hours)
    return combined


def score_trial(study: Study, trial: Trial, seed: int, hours: float | None) -> float:
    """Return the validation score of a trial at a seed, from its experiment, which is made where it is missing."""
    study.trials[trial.label] = trial
    known = study.scores.setdefault(trial.label, {})
    if seed not in known:
        known[seed] = _score(study, study.run(trial, seed), hours)
    return known[seed]


def _score(study: Study, run: Run, hours: float | None) -> float:
    experiment = _experiment(study, run)
    if experiment is None:
        if hours is not None and study.seconds >= 3600 * hours:
            raise BudgetSpent
        started = time.monotonic()
        print(f"{run.name}:", flush=True)
        start_run(run, study.root, queue=False, submit=False)
        study.seconds += time.monotonic() - started
        experiment = _experiment(study, run)
    if experiment is None:
        raise InputError(f"{run.name} did not finish (see above): run the same command again to continue it.")
    score = read_draw(experiment, study.metric).validation
    if score is None:
        raise InputError(
            f"{run.name} has no metrics here: get them with `dvc exp pull origin {run.name}`, or remove the row."
        )
    return score


def _experiment(study: Study, run: Run) -> Experiment | None:
    return next((experiment for _, experiment in finished_runs([run], study.root)), None)


def show_value(value: Any) -> str:
    """Return a param's value as YAML writes it, a list without its spaces.

    >>> show_value(None), show_value(["flip", "crop"])
    ('null', '[flip,crop]')
    """
    return f"[{','.join(map(str, value))}]" if isinstance(value, list) else yaml_value(value)
