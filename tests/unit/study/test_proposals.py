"""The next factors worth a look come from what the table's rows leave open, and from what nobody has varied."""

from pathlib import Path
from typing import Any

import pytest
from made_experiments import add_experiment
from scoretable.rows.params import Params
from scoretable.study.proposals import NOT_FACTORS, WORTH, Proposal, propose
from scoretable.table.table import read_score_table


def proposed(repository: Path, base: Params | None = None) -> dict[str, Proposal]:
    found = propose(read_score_table(repository), base or Params(), lambda name, value: True)
    return {proposal.name: proposal for proposal in found}


def add_draws(repository: Path, name: str, accuracies: tuple[float, ...], **params: Any) -> None:
    for seed, accuracy in enumerate(accuracies):
        add_experiment(repository, f"{name}-{seed}", accuracy, seed=seed, **params)


def test_without_rows_the_three_that_are_usually_worth_most_are_proposed(repository: Path) -> None:
    found = proposed(repository)
    assert list(found) == [name for name, _, _ in WORTH][:3]
    assert all("there is no row yet" in proposal.reason for proposal in found.values())


def test_an_uncertain_difference_is_proposed_with_its_interval_and_a_sure_one_is_not(repository: Path) -> None:
    add_draws(repository, "base", (0.50, 0.52))
    add_draws(repository, "rmsprop", (0.50, 0.60), optimizer="rmsprop")
    add_draws(repository, "none", (0.10, 0.11), augment="none")
    found = proposed(repository)
    assert found["optimizer"].factor == "optimizer=adam,rmsprop"
    assert "rmsprop was better than adam by 0.0400 (2 and 2 draws), and the interval" in found["optimizer"].reason
    assert "augment" not in found


def test_of_uncertain_differences_that_comes_first_which_could_gain_most(repository: Path) -> None:
    add_draws(repository, "base", (0.50, 0.52))
    add_draws(repository, "dropout", (0.50, 0.54), dropout=0.5)
    add_draws(repository, "rmsprop", (0.50, 0.60), optimizer="rmsprop")
    assert next(iter(proposed(repository))) == "optimizer"


def test_two_rows_with_a_draw_each_are_uncertain(repository: Path) -> None:
    add_draws(repository, "base", (0.50,))
    add_draws(repository, "rmsprop", (0.60,), optimizer="rmsprop")
    assert "nothing tells how far that is noise" in proposed(repository)["optimizer"].reason


def test_by_a_loss_the_smaller_score_is_the_better_one(repository: Path) -> None:
    other = {"competition": "sandbox-log-loss", "metric": "log_loss"}
    add_experiment(repository, "base", 0.5, figures={"log_loss": 0.9}, **other)
    add_experiment(repository, "rmsprop", 0.5, figures={"log_loss": 0.7}, optimizer="rmsprop", **other)
    found = proposed(repository, Params(competition="sandbox-log-loss"))
    assert "rmsprop was better than adam by 0.2000" in found["optimizer"].reason


def test_where_the_largest_value_is_better_for_sure_one_beyond_it_is_proposed(repository: Path) -> None:
    add_draws(repository, "base", (0.50, 0.51))
    add_draws(repository, "long", (0.80, 0.81), epochs=10)
    assert proposed(repository)["epochs"].factor == "epochs=10,20"


def test_a_largest_value_that_may_be_no_better_is_uncertain(repository: Path) -> None:
    add_draws(repository, "base", (0.50, 0.52))
    add_draws(repository, "rmsprop", (0.50, 0.60), optimizer="rmsprop")
    add_draws(repository, "long", (0.51, 0.54), epochs=10)
    assert proposed(repository)["epochs"].reason.startswith("uncertain but large: 10 was better than 5")


def test_a_value_between_others_that_is_better_leads_no_further(repository: Path) -> None:
    add_draws(repository, "base", (0.50, 0.51))
    add_draws(repository, "long", (0.80, 0.81), epochs=10)
    add_draws(repository, "longest", (0.30, 0.31), epochs=20)
    assert "epochs" not in proposed(repository)


def test_rows_of_another_competition_count_for_nothing(repository: Path) -> None:
    add_draws(repository, "base", (0.50,), competition="beans")
    add_draws(repository, "rmsprop", (0.60,), optimizer="rmsprop", competition="beans")
    assert "optimizer" not in proposed(repository)


def test_a_value_that_does_not_fit_the_competition_is_not_proposed(repository: Path) -> None:
    found = propose(read_score_table(repository), Params(), lambda name, value: name == "epochs")
    assert [proposal.factor for proposal in found] == ["epochs=5,10"]


@pytest.mark.parametrize("name", [name for name, _, _ in WORTH])
def test_what_is_worth_a_look_is_a_param_that_changes_no_measure(name: str) -> None:
    assert name in Params.model_fields
    assert name not in NOT_FACTORS
