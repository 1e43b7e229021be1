"""A study's settings around a base row, and what those that have run have scored."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.metric import Score
from scoretable.competition.task import resolve_head
from scoretable.rows.naming import slug
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.param_text import show_value
from scoretable.rows.params import Params, parse_params
from scoretable.table.reproduce import Run
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import parse_yaml

BASE = "base"
LONGEST_LABEL = 100  # characters in an experiment's name
MOST_SEEDS = 1000  # of either kind, so that no fresh seed is one of those that choose


@dataclass(frozen=True)
class Trial:
    """One setting of a study. changes: what differs from the base; label: names it in the report."""

    label: str
    changes: Mapping[str, Any]

    @classmethod
    def of(cls, changes: Mapping[str, Any]) -> "Trial":
        """Return the setting of these changes, labelled by them."""
        return cls(" ".join(f"{name}={show_value(value)}" for name, value in changes.items()) or BASE, changes)


@dataclass(frozen=True)
class Step:
    """One run in the order of the study. best: label of the best setting after it, and its mean."""

    label: str
    seed: int
    score: float
    is_fresh: bool
    best: str
    mean: float


@dataclass
class Study:
    """A study's plan and its results so far.

    metric: what its competition is scored by; candidates: the settings among which the best one is chosen; trials:
    those that have begun, by their labels; scores: of each trial, by the number of the seed; fresh: the same at the
    seeds that confirm; seconds: the longest training of each trial; planned: the most runs that it takes; winner: what
    was chosen, None before.
    """

    identity: str
    base: Params
    session: SessionParams
    factors: Mapping[str, Sequence[Any]]
    seeds: int
    root: Path
    metric: Score
    larger_is_better: bool
    candidates: list[Trial] = field(default_factory=list)
    trials: dict[str, Trial] = field(default_factory=dict)
    scores: dict[str, dict[int, float]] = field(default_factory=dict)
    fresh: dict[str, dict[int, float]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    planned: int = 0
    winner: Trial | None = None

    def seed(self, number: int, is_fresh: bool) -> int:
        """Return a seed: those that choose follow the base's, and the fresh ones are far off, others in each study."""
        if not is_fresh:
            return self.base.seed + number
        return (self.base.seed + MOST_SEEDS + int(self.identity, 16)) % (2**31 - MOST_SEEDS) + number

    def run(self, trial: Trial, number: int, is_fresh: bool = False) -> Run:
        """Return the experiment of a trial at a seed."""
        settings = {**self.base.model_dump(), **trial.changes, "seed": self.seed(number, is_fresh)}
        name = f"study-{self.identity}-{_short(trial.label)}-{'fresh' if is_fresh else 'draw'}{number}"
        return Run(name, parse_params(settings, f"study, {trial.label}"), self.session)

    def common(self, trial: Trial, other: Trial, is_fresh: bool = False) -> tuple[list[float], list[float]]:
        """Return the scores of two trials at the seeds that both have."""
        known = self.fresh if is_fresh else self.scores
        ours, theirs = known.get(trial.label, {}), known.get(other.label, {})
        seeds = sorted(set(ours) & set(theirs))
        return [ours[seed] for seed in seeds], [theirs[seed] for seed in seeds]

    def gain(self, trial: Trial) -> float:
        """Return by how much a trial is better than the base at the seeds of both, 0 where they have none."""
        base, ours = self.common(BASE_TRIAL, trial)
        return self._sign * float(np.mean(ours) - np.mean(base)) if ours else 0.0

    def best(self) -> tuple[Trial, float] | None:
        """Return the best candidate and its mean at the seeds that all candidates have which have begun."""
        begun = [trial for trial in self.candidates if self.scores.get(trial.label)]
        if not begun:
            return None
        seeds = set.intersection(*(set(self.scores[trial.label]) for trial in begun))
        means = {
            trial.label: float(np.mean([self.scores[trial.label][seed] for seed in sorted(seeds)])) for trial in begun
        }
        found = max(begun, key=lambda trial: self._sign * means[trial.label])
        return found, means[found.label]

    @property
    def _sign(self) -> int:
        return 1 if self.larger_is_better else -1


BASE_TRIAL = Trial(BASE, {})


def plan_study(
    base: Params, session: SessionParams, factors: Mapping[str, Sequence[Any]], seeds: int, root: Path
) -> Study:
    """Return a study of `factors` around `base`; raise InputError where a value or a pair does not fit.

    Equal bases and factors are the same study, which goes on where it stopped.
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
    return [BASE_TRIAL] + [
        Trial.of({name: value}) for name, values in study.factors.items() for value in values if value != base[name]
    ]


def _short(label: str) -> str:
    """Return a label as part of an experiment's name, which is also that of a file: with a digest for its end."""
    name = slug(label)
    if len(name) <= LONGEST_LABEL:
        return name
    return f"{name[:LONGEST_LABEL]}-{hashlib.sha256(label.encode()).hexdigest()[:6]}"
