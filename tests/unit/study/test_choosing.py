"""A study varies one factor at a time, drops what is hopeless, and puts the best values together."""

from dataclasses import replace

import pytest
from scoretable.study.budget import BudgetSpent
from scoretable.study.choosing import best_changes, choose
from scoretable.study.trials import Study
from study.small_study import planned, runner, scored


def chosen(study: Study, halving: bool = False) -> str:
    choose(runner(study), halving)
    found = study.best()
    assert found is not None
    return found[0].label


def test_the_best_value_of_each_factor_go_together() -> None:
    study = scored(
        {
            "base": [0.5, 0.6], "optimizer=sgd": [0.6, 0.7], "optimizer=rmsprop": [0.1, 0.1],
            "augment=[flip,crop]": [0.7, 0.7], "optimizer=sgd augment=[flip,crop]": [0.8, 0.9],
        },
        "optimizer=adam,sgd,rmsprop", "augment=flip,[flip,crop]",
    )  # fmt: skip
    assert chosen(study) == "optimizer=sgd augment=[flip,crop]"


def test_values_that_are_worse_together_than_alone_are_not_chosen_together() -> None:
    scores = {"base": [0.5, 0.6], "optimizer=sgd": [0.6, 0.7], "augment=[flip,crop]": [0.7, 0.7]}
    assert chosen(scored(scores | {"optimizer=sgd augment=[flip,crop]": [0.6, 0.7]})) == "augment=[flip,crop]"


def test_a_single_winner_needs_no_further_run() -> None:
    study = scored({"base": [0.5, 0.6], "optimizer=sgd": [0.6, 0.7], "augment=[flip,crop]": [0.1, 0.1]})
    assert chosen(study) == "optimizer=sgd"


def test_a_base_that_nothing_beats_is_chosen() -> None:
    assert (
        chosen(scored({"base": [0.5, 0.6], "optimizer=sgd": [0.4, 0.5], "augment=[flip,crop]": [0.1, 0.1]})) == "base"
    )


def test_halving_drops_the_worse_half_after_a_seed() -> None:
    scores = {
        "base": [0.5, 0.5],
        "optimizer=sgd": [0.6, 0.6],
        "optimizer=rmsprop": [0.4, 0.4],
        "optimizer=nadam": [0.3],
    }
    study = scored(scores, "optimizer=sgd,rmsprop,nadam,adam")
    chosen(study, halving=True)  # would end with BudgetSpent at nadam's second seed
    assert [trial.label for trial in study.candidates] == ["base", "optimizer=sgd"]


def test_halving_by_a_loss_drops_the_larger_half() -> None:
    study = scored({"base": [0.5, 0.5], "optimizer=sgd": [0.6], "optimizer=nadam": [0.4, 0.4]}, "optimizer=sgd,nadam")
    study = replace(study, metric="log_loss", larger_is_better=False)
    assert chosen(study, halving=True) == "optimizer=nadam"


def test_what_halving_dropped_does_not_replace_a_value_of_the_same_factor_that_went_on() -> None:
    study = scored({"base": [0.5, 0.5], "optimizer=sgd": [0.7], "optimizer=nadam": [0.8, 0.5]}, "optimizer=sgd,nadam")
    study.scores["optimizer=nadam"][1] = 0.51
    assert best_changes(study) == {"optimizer": "nadam"}


def test_no_run_begins_when_the_hours_are_over() -> None:
    with pytest.raises(BudgetSpent):
        choose(runner(planned()), halving=False)
