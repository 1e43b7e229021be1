"""Search over several factors at once by Optuna's sampler, each trial a DVC experiment."""

from typing import Any

from scoretable.study.trials import BASE, Study, Trial, score_trial, show_value, single_trials

SEED = 0  # of the sampler, so that the same trials come again when a study goes on


def search(study: Study, trials: int, hours: float | None) -> Trial:
    """Make `trials` settings of the factors' values at the first seed, and return the best one, run at all seeds.

    The sampler is TPE (Bergstra et al. 2011) with Optuna's defaults. It sees the same scores in the same order
    whenever the study goes on, so it asks for the same settings.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=SEED)
    asked = optuna.create_study(direction="maximize" if study.larger_is_better else "minimize", sampler=sampler)
    values = {name: list(found) for name, found in study.factors.items()}
    seen: dict[str, Trial] = {}
    for _ in range(trials):
        suggested = asked.ask()
        # Optuna's categories are plain values, while a factor's may be lists: so it chooses their numbers.
        numbers = {name: suggested.suggest_categorical(name, range(len(found))) for name, found in values.items()}
        chosen = {name: values[name][number] for name, number in numbers.items()}
        trial = _trial(study, chosen)
        seen[trial.label] = trial
        asked.tell(suggested, score_trial(study, trial, 0, hours))
    best = max(seen.values(), key=study.value)
    base = single_trials(study)[0]
    for seed in range(study.seeds):
        for trial in (base, best):
            score_trial(study, trial, seed, hours)
    return best


def _trial(study: Study, chosen: dict[str, Any]) -> Trial:
    base = study.base.model_dump()
    changes = {name: value for name, value in chosen.items() if value != base[name]}
    label = " ".join(f"{name}={show_value(value)}" for name, value in changes.items())
    return Trial(label or BASE, changes)
