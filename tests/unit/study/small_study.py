"""A study whose runs are all there, so that nothing has to run."""

from pathlib import Path

from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.study.budget import Budget
from scoretable.study.running import Runner
from scoretable.study.trials import Study, parse_factors, plan_study

ROOT = Path(__file__).parents[3]
FACTORS = ("optimizer=adam,sgd", "augment=flip,[flip,crop]")


def planned(*factors: str, seeds: int = 2) -> Study:
    return plan_study(Params(), SessionParams(), parse_factors(factors or FACTORS), seeds, ROOT)


def scored(scores: dict[str, list[float]], *factors: str, seeds: int = 2) -> Study:
    """A study with these scores of each setting, one for each seed."""
    study = planned(*factors, seeds=seeds)
    study.scores = {label: dict(enumerate(values)) for label, values in scores.items()}
    return study


def runner(study: Study, confirming: int = 0, hours: float | None = 0.0, spent: float = 0.0) -> Runner:
    """A runner that raises BudgetSpent in place of a run, unless it has hours."""
    return Runner(study, Budget(hours, spent), confirming)
