"""How a study chooses: one factor at a time around the base, then the best values together."""

import math
from typing import Any

from scoretable.study.running import Runner
from scoretable.study.trials import BASE_TRIAL, Study, Trial, single_trials


def choose(runner: Runner, halving: bool) -> None:
    """Run each setting at all seeds, and at last the best values of all factors together.

    Raises BudgetSpent where the hours do not allow all of it, and InputError where a run fails.
    """
    _run_single_factors(runner, halving)
    _run_combination(runner)


def _run_single_factors(runner: Runner, halving: bool) -> None:
    """Run all settings seed by seed; with `halving` only the better half of them goes on after 1, 2, 4, ... seeds.

    Those are the rungs of successive halving (Jamieson & Talwalkar 2016, Non-stochastic Best Arm Identification and
    Hyperparameter Optimization) with a factor of 2 and seeds as the resource. Epochs would be the other one. But a
    training that was cut is no row that anybody would keep, and where the learning rate falls to the end, it is not
    even the beginning of a shorter one.
    """
    study = runner.study
    study.candidates = single_trials(study)
    study.planned = count_runs(len(study.candidates) - 1, study.seeds, halving) + study.seeds + 2 * runner.confirming
    for seed in range(study.seeds):
        for trial in study.candidates:
            runner.score(trial, seed)
        if halving and is_rung(seed + 1):
            others = sorted(study.candidates[1:], key=study.gain, reverse=True)
            study.candidates = [BASE_TRIAL, *others[: math.ceil(len(others) / 2)]]


def _run_combination(runner: Runner) -> None:
    """Run the best value of each factor together; it is a candidate once it has all seeds."""
    study = runner.study
    combined = Trial.of(best_changes(study))
    for seed in range(study.seeds):
        for trial in (BASE_TRIAL, combined):
            runner.score(trial, seed, joins=seed + 1 == study.seeds)


def best_changes(study: Study) -> dict[str, Any]:
    """Return the changes of the best value of each factor, those that beat the base only.

    Of a factor's values, those count that have run at the most seeds; the others had been dropped as worse.
    """
    changes: dict[str, Any] = {}
    for name in study.factors:
        values = [trial for trial in single_trials(study) if name in trial.changes]
        best = max(values, key=lambda trial: (len(study.scores[trial.label]), study.gain(trial)), default=BASE_TRIAL)
        changes |= best.changes if study.gain(best) > 0 else {}
    return changes


def is_rung(seeds: int) -> bool:
    """Whether halving happens after so many seeds: after 1, 2, 4, 8, ...

    >>> [seeds for seeds in range(1, 10) if is_rung(seeds)]
    [1, 2, 4, 8]
    """
    return seeds & (seeds - 1) == 0


def count_runs(others: int, seeds: int, halving: bool) -> int:
    """Return the runs of so many settings and the base.

    >>> count_runs(6, 3, halving=False), count_runs(6, 3, halving=True)
    (21, 14)
    """
    runs = 0
    for seed in range(seeds):
        runs += 1 + others
        if halving and is_rung(seed + 1):
            others = math.ceil(others / 2)
    return runs
