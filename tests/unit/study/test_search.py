"""Optuna chooses settings of all factors, the same ones again when a study goes on."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest
from scoretable.study.running import Runner
from scoretable.study.search import search
from scoretable.study.trials import Study, Trial
from study.small_study import runner, scored

NAMES = {"optimizer": ["adam", "sgd", "rmsprop"], "schedule": ["cosine", "constant"]}


def searched(study: Study, trials: int, halving: bool = False) -> str:
    search(runner(study), trials, halving)
    found = study.best()
    assert found is not None
    return found[0].label


def of_two_factors(seeds: int) -> Study:
    scores = {}
    for number, chosen in enumerate(itertools.product(*NAMES.values())):
        changes = {name: value for name, value in zip(NAMES, chosen, strict=True) if value not in ("adam", "cosine")}
        label = " ".join(f"{name}={value}" for name, value in changes.items()) or "base"
        scores[label] = [number / 10] * seeds
    return scored(scores, *(f"{name}={','.join(values)}" for name, values in NAMES.items()), seeds=seeds)


def test_a_search_asks_for_the_same_settings_again_and_finds_the_best() -> None:
    first, second = of_two_factors(seeds=2), of_two_factors(seeds=2)
    best = [searched(study, 12) for study in (first, second)]
    assert list(first.trials) == list(second.trials)
    assert best[0] == best[1] == max(first.trials, key=lambda label: first.scores[label][0])


def count_asked(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """Count how often each setting is asked for at each seed."""
    asked, score = Counter[tuple[str, int]](), Runner.score

    def count(self: Runner, trial: Trial, number: int, is_fresh: bool = False, joins: bool = False) -> float:
        asked[trial.label, number] += 1
        return score(self, trial, number, is_fresh, joins)

    monkeypatch.setattr(Runner, "score", count)
    return asked


def test_a_search_with_halving_gives_a_hopeless_setting_one_seed_and_does_not_choose_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    study, asked = of_two_factors(seeds=2), count_asked(monkeypatch)
    hopeless, good = "optimizer=rmsprop schedule=constant", "optimizer=rmsprop"
    study.scores[hopeless] = {0: 0.05, 1: 9.0}
    assert searched(study, 12, halving=True) == good
    assert asked[hopeless, 0] > 0
    assert (hopeless, 1) not in asked
    assert (good, 1) in asked


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_a_search_asks_more_often_for_what_scores_better(
    monkeypatch: pytest.MonkeyPatch, larger_is_better: bool
) -> None:
    values = ["adam", "sgd", "rmsprop", "nadam"]
    scores = {f"optimizer={name}" if name != "adam" else "base": [place / 10] for place, name in enumerate(values)}
    study = replace(scored(scores, f"optimizer={','.join(values)}", seeds=1), larger_is_better=larger_is_better)
    asked = count_asked(monkeypatch)
    best, worst = ("optimizer=nadam", "base") if larger_is_better else ("base", "optimizer=nadam")
    assert searched(study, 40) == best
    assert asked[best, 0] > 2 * asked[worst, 0]
