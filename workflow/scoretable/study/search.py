"""Search over several factors at once by Optuna's sampler, each trial a DVC experiment."""

from typing import Any

from scoretable.study.running import Runner
from scoretable.study.trials import BASE_TRIAL, Study, Trial

SEED = 0  # of the sampler, so that the same trials come again when a study goes on


def search(runner: Runner, trials: int, halving: bool) -> None:
    """Run the base and `trials` settings of the factors' values, each at all seeds.

    The sampler is TPE (Bergstra et al. 2011) with Optuna's defaults. It sees the same scores in the same order
    whenever the study goes on, so it asks for the same settings. With `halving`, Optuna's SuccessiveHalvingPruner (Li
    et al. 2020) ends a setting that is not in the better half after 1, 2, 4, ... seeds. Raises BudgetSpent where the
    hours do not allow all of it, and InputError where a run fails.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = runner.study
    study.candidates, study.planned = [BASE_TRIAL], (1 + trials) * study.seeds + 2 * runner.confirming
    for seed in range(study.seeds):
        runner.score(BASE_TRIAL, seed)
    halved = optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=2)
    asked = optuna.create_study(
        direction="maximize" if study.larger_is_better else "minimize",
        sampler=optuna.samplers.TPESampler(seed=SEED),
        pruner=halved if halving else optuna.pruners.NopPruner(),
    )
    values = {name: list(found) for name, found in study.factors.items()}

    def try_setting(suggested: optuna.Trial) -> float:
        # Optuna's categories are plain values, while a factor's may be lists: so it chooses their numbers.
        numbers = {name: suggested.suggest_categorical(name, range(len(found))) for name, found in values.items()}
        trial = _trial(study, {name: values[name][number] for name, number in numbers.items()})
        scores: list[float] = []
        for seed in range(study.seeds):
            scores.append(runner.score(trial, seed, joins=seed + 1 == study.seeds))
            suggested.report(sum(scores) / len(scores), step=seed + 1)
            if seed + 1 < study.seeds and suggested.should_prune():
                raise optuna.TrialPruned
        return sum(scores) / len(scores)

    asked.optimize(try_setting, n_trials=trials)


def _trial(study: Study, chosen: dict[str, Any]) -> Trial:
    base = study.base.model_dump()
    return Trial.of({name: value for name, value in chosen.items() if value != base[name]})
