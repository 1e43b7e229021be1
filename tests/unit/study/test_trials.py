"""A study varies one factor at a time, combines the winners, and says what is more than noise."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.study import search as searching
from scoretable.study.report import write_report
from scoretable.study.search import search
from scoretable.study.trials import (
    BudgetSpent,
    Study,
    Trial,
    combine_winners,
    parse_factors,
    plan_study,
    run_single_factors,
    single_trials,
)
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
FACTORS = ("optimizer=adam,sgd", "augment=flip,[flip,crop]")


def planned(*factors: str, seeds: int = 2) -> Study:
    return plan_study(Params(), SessionParams(), parse_factors(factors or FACTORS), seeds, ROOT)


def scored(scores: dict[str, list[float]], *factors: str, seeds: int = 2) -> Study:
    """A study whose runs are all there, so that nothing has to run."""
    study = planned(*factors, seeds=seeds)
    study.scores = {label: dict(enumerate(values)) for label, values in scores.items()}
    return study


def test_each_value_but_the_bases_own_is_a_trial() -> None:
    assert [trial.label for trial in single_trials(planned())] == ["base", "optimizer=sgd", "augment=[flip,crop]"]


def test_a_trials_run_has_the_bases_params_but_for_its_change_and_its_seed() -> None:
    study = planned()
    run = study.run(single_trials(study)[1], seed=1)
    assert run.params == Params(optimizer="sgd", seed=1)
    assert run.name == f"study-{study.identity}-optimizer-sgd-draw1"


def test_an_equal_command_is_the_same_study_and_another_factor_another_one() -> None:
    assert planned().identity == planned().identity
    assert planned().identity != planned("optimizer=adam,rmsprop").identity


def test_the_best_value_of_each_factor_go_together() -> None:
    study = scored(
        {
            "base": [0.5, 0.6], "optimizer=sgd": [0.6, 0.7], "optimizer=rmsprop": [0.1, 0.1],
            "augment=[flip,crop]": [0.7, 0.7], "combined": [0.8, 0.9],
        },
        "optimizer=adam,sgd,rmsprop", "augment=flip,[flip,crop]",
    )  # fmt: skip
    run_single_factors(study, hours=None, halving=False)
    winner = combine_winners(study, hours=None)
    assert winner.changes == {"optimizer": "sgd", "augment": ["flip", "crop"]}


def test_a_single_winner_needs_no_further_run() -> None:
    study = scored({"base": [0.5, 0.6], "optimizer=sgd": [0.6, 0.7], "augment=[flip,crop]": [0.1, 0.1]})
    run_single_factors(study, hours=None, halving=False)
    assert combine_winners(study, hours=None).label == "optimizer=sgd"


def test_halving_drops_the_worse_half_after_each_seed() -> None:
    values = {"base": [0.5, 0.5], "optimizer=sgd": [0.6, 0.6]}
    study = scored(values | {"optimizer=rmsprop": [0.4], "optimizer=nadam": [0.3]}, "optimizer=sgd,rmsprop,nadam,adam")
    study.scores["optimizer=rmsprop"][1] = 0.4
    run_single_factors(study, hours=0.0, halving=True)  # would end with BudgetSpent at nadam's second seed
    assert sorted(study.scores["optimizer=nadam"]) == [0]


def test_halving_by_a_loss_drops_the_larger_half() -> None:
    study = scored({"base": [0.5, 0.5], "optimizer=sgd": [0.6], "optimizer=nadam": [0.4, 0.4]}, "optimizer=sgd,nadam")
    study = replace(study, metric="log_loss", larger_is_better=False)
    run_single_factors(study, hours=0.0, halving=True)  # would end with BudgetSpent at sgd's second seed
    assert sorted(study.scores["optimizer=sgd"]) == [0]


def test_no_run_begins_when_the_hours_are_over() -> None:
    with pytest.raises(BudgetSpent):
        run_single_factors(planned(), hours=0.0, halving=False)


def test_a_pair_that_does_not_fit_the_task_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match=r"^activation=linear: .*activation"):
        planned("activation=softmax,linear")


@pytest.mark.parametrize("text", ["optimiser=adam", "optimizer", "seed=1,2", "kaggle_timeout=1", "optimizer="])
def test_what_is_no_factor_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^--factor "):
        parse_factors([text])


def test_the_report_names_the_winner_with_its_interval() -> None:
    scores = {"base": [0.5, 0.52], "optimizer=sgd": [0.61, 0.62], "augment=[flip,crop]": [0.4, 0.5]}
    study = scored(scores)
    run_single_factors(study, hours=None, halving=False)
    report = write_report(study, combine_winners(study, hours=None), "")
    assert "Winner: optimizer=sgd: 0.61500 ± 0.00707" in report
    assert "+0.1050 against the base (+0.0439 to +0.1657; larger)" in report
    assert 'dvc exp run -S "optimizer=sgd"' in report


def test_a_study_by_a_loss_takes_the_smallest_and_says_that_smaller_is_better() -> None:
    scores = {"base": [0.5, 0.52], "optimizer=sgd": [0.41, 0.42], "augment=[flip,crop]": [0.6, 0.7]}
    study = replace(scored(scores), metric="log_loss", larger_is_better=False)
    run_single_factors(study, hours=None, halving=False)
    report = write_report(study, combine_winners(study, hours=None), "")
    assert "Winner: optimizer=sgd: 0.41500 ± 0.00707" in report
    assert "; smaller (better))" in report
    assert "scored by log_loss (smaller is better)" in report


def test_a_report_before_the_end_says_how_to_go_on() -> None:
    report = write_report(planned(), None, "The 6 hours are spent: the same command goes on.")
    assert "Nothing has run yet." in report
    assert "the same command goes on" in report
    assert "Winner" not in report


def test_a_search_asks_for_the_same_settings_again_and_returns_the_best() -> None:
    names = {"optimizer": ["adam", "sgd", "rmsprop"], "schedule": ["cosine", "constant"]}
    scores = {}
    for number, chosen in enumerate(itertools.product(*names.values())):
        changes = {name: value for name, value in zip(names, chosen, strict=True) if value not in ("adam", "cosine")}
        scores[" ".join(f"{name}={value}" for name, value in changes.items()) or "base"] = [number / 10, number / 10]
    factors = [f"{name}={','.join(values)}" for name, values in names.items()]
    first, second = (scored(scores, *factors) for _ in range(2))
    best = [search(study, 12, hours=None).label for study in (first, second)]
    assert list(first.trials) == list(second.trials)
    assert best[0] == best[1] == max(first.trials, key=lambda label: scores[label][0])


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_a_search_asks_more_often_for_what_scores_better(
    monkeypatch: pytest.MonkeyPatch, larger_is_better: bool
) -> None:
    values = ["adam", "sgd", "rmsprop", "nadam"]
    scores = {f"optimizer={name}" if name != "adam" else "base": [place / 10] for place, name in enumerate(values)}
    study = replace(scored(scores, f"optimizer={','.join(values)}", seeds=1), larger_is_better=larger_is_better)
    asked, score_trial = [], searching.score_trial

    def count(study: Study, trial: Trial, seed: int, hours: float | None) -> float:
        asked.append(trial.label)
        return score_trial(study, trial, seed, hours)

    monkeypatch.setattr(searching, "score_trial", count)
    best, worst = ("optimizer=nadam", "base") if larger_is_better else ("base", "optimizer=nadam")
    assert search(study, 40, hours=None).label == best
    assert asked.count(best) > 2 * asked.count(worst)
