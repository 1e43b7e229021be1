"""A report leads with what is confirmed, keeps what chose apart from it, and shows how the best so far rose."""

from dataclasses import replace

import pytest
from scoretable.study.confirming import run_study
from scoretable.study.proposals import Proposal
from scoretable.study.report import write_report
from scoretable.study.trials import Step, Study
from study.small_study import planned, runner, scored

SCORES = {"base": [0.5, 0.52], "optimizer=sgd": [0.61, 0.62], "augment=[flip,crop]": [0.4, 0.5]}


def reported(study: Study, confirming: int = 0) -> str:
    run_study(runner(study, confirming), halving=False, settings=None)
    return write_report(study, "")


@pytest.fixture
def confirmed() -> Study:
    study = scored(SCORES)
    study.fresh = {"base": {0: 0.5, 1: 0.52}, "optimizer=sgd": {0: 0.53, 1: 0.552}}
    return study


def test_a_report_leads_with_the_confirmed_difference_and_tells_the_chosen_one_after_it(confirmed: Study) -> None:
    lead = reported(confirmed, confirming=2).split("\n\n")[1]
    assert lead.startswith("**Confirmed at 2 fresh seeds: optimizer=sgd, +0.0310 against the base (")
    assert "As chosen, it was +0.1050 against the base (+0.0439 to +0.1657; larger)" in lead


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_a_difference_whose_interval_is_on_the_better_side_is_confirmed(larger_is_better: bool) -> None:
    worse, better = ([0.50, 0.52], [0.61, 0.62])[:: 1 if larger_is_better else -1]
    study = replace(
        scored({"base": worse, "optimizer=sgd": better}, "optimizer=sgd"), larger_is_better=larger_is_better
    )
    study.fresh = {label: dict(enumerate(study.scores[label].values())) for label in study.scores}
    assert "**Confirmed at 2 fresh seeds: optimizer=sgd, " in reported(study, confirming=2)


def test_no_difference_has_no_minus(confirmed: Study) -> None:
    confirmed.fresh = {"base": {0: 0.3, 1: 0.1 + 0.2}, "optimizer=sgd": {0: 0.1 + 0.2, 1: 0.3 - 1e-9}}
    assert "optimizer=sgd, +0.0000 against the base" in reported(confirmed, confirming=2)


def test_what_confirmed_and_what_chose_have_a_table_each(confirmed: Study) -> None:
    _, of_confirmed, of_chosen = reported(confirmed, confirming=2).split("\n## ")[:3]
    assert of_confirmed.startswith("As confirmed")
    assert "0.54100 ± 0.01556" in of_confirmed
    assert of_chosen.startswith("As chosen")
    assert "0.61500 ± 0.00707" in of_chosen


def test_the_winners_row_is_named_for_dvc_to_apply(confirmed: Study) -> None:
    assert f"`dvc exp apply study-{confirmed.identity}-optimizer-sgd-draw0`" in reported(confirmed, confirming=2)


def test_without_fresh_seeds_the_report_says_that_the_winner_was_not_tried_at_any() -> None:
    report = reported(scored(SCORES))
    assert "**Not tried at fresh seeds: optimizer=sgd.**" in report
    assert "## As confirmed" not in report


def test_a_study_by_a_loss_takes_the_smallest_and_says_that_smaller_is_better() -> None:
    scores = {"base": [0.5, 0.52], "optimizer=sgd": [0.41, 0.42], "augment=[flip,crop]": [0.6, 0.7]}
    report = reported(replace(scored(scores), metric="log_loss", larger_is_better=False))
    assert "Not tried at fresh seeds: optimizer=sgd" in report
    assert "; smaller (better))" in report
    assert "scored by log_loss (smaller is better)" in report


def test_a_report_before_the_end_says_how_to_go_on() -> None:
    report = write_report(planned(), "The 6 hours are spent: the same command goes on.")
    assert "Nothing has run yet." in report
    assert "the same command goes on" in report
    assert "onfirmed at" not in report


def test_the_course_lists_the_runs_at_which_the_best_changed() -> None:
    study = scored(SCORES)
    labels = [
        ("base", 0.5, "base"),
        ("optimizer=sgd", 0.61, "optimizer=sgd"),
        ("augment=[flip,crop]", 0.4, "optimizer=sgd"),
    ]
    study.steps = [Step(label, 0, score, False, best, SCORES[best][0]) for label, score, best in labels]
    course = write_report(study, "").split("## How it went")[1]
    assert [line.split("|")[1].strip() for line in course.splitlines() if line.startswith("| ")][1:] == ["1", "2"]


def test_a_report_ends_with_the_next_factors() -> None:
    report = write_report(planned(), "", [Proposal("dropout", "dropout=0.2,0.5", "never varied: it may help.")])
    assert report.endswith("1. `--factor dropout=0.2,0.5`: never varied: it may help.\n")
