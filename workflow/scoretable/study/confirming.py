"""A study from its first run to the confirmation of its winner."""

from scoretable.study.budget import HOUR, BudgetSpent, ChoosingEnded
from scoretable.study.choosing import choose
from scoretable.study.running import Runner
from scoretable.study.search import search
from scoretable.study.trials import BASE_TRIAL, Trial
from scoretable.workspace.errors import how_many


def run_study(runner: Runner, halving: bool, settings: int | None) -> str:
    """Choose a setting, or let Optuna search among so many `settings`, and confirm it at fresh seeds.

    Returns why the study is not finished, '' where it is. Where the hours end before all has run, the confirmation is
    of the best setting so far. Raises InputError where a run fails, and KeyboardInterrupt where it was interrupted.
    """
    ended = ""
    try:
        if settings is None:
            choose(runner, halving)
        else:
            search(runner, settings, halving)
    except ChoosingEnded:
        ended = (
            f"Choosing ended after {how_many(len(runner.study.steps), 'run')}, so that the limit of "
            f"{runner.budget.hours:g} h leaves room for the confirmation: run the same command again to continue."
        )
    except BudgetSpent:
        return _spent(runner, "before a setting was chosen")
    best = runner.study.best()
    runner.study.winner = best[0] if best else BASE_TRIAL
    return _confirm(runner, runner.study.winner) or ended


def _confirm(runner: Runner, winner: Trial) -> str:
    """Run the base and the winner at the fresh seeds, pair by pair; a base that won needs no confirmation."""
    seeds = range(runner.confirming if winner.changes else 0)
    runner.study.planned = len(runner.study.steps) + 2 * len(seeds)
    try:
        for seed in seeds:
            for trial in (BASE_TRIAL, winner):
                runner.score(trial, seed, is_fresh=True)
    except BudgetSpent:
        pairs = len(runner.study.common(BASE_TRIAL, winner, is_fresh=True)[0])
        return _spent(runner, f"after {pairs} of {how_many(len(seeds), 'fresh seed')}")
    return ""


def _spent(runner: Runner, where: str) -> str:
    """Say that the hours are over, and what the rest of the confirmation would take."""
    best, hours = runner.study.best(), runner.budget.hours
    needed = runner.missing(best[0]) if best and best[0].changes else 0.0
    told = f" The confirmation needs about {needed / HOUR:.2g} h more." if needed else ""
    return f"The limit of {hours:g} h is reached, {where}.{told} Run the same command again to continue."
