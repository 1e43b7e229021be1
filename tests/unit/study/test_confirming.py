"""The winner and the base run again at seeds that chose nothing, and the hours leave room for that."""

from scoretable.study.budget import HOUR
from scoretable.study.confirming import run_study
from scoretable.study.trials import Study
from study.small_study import runner, scored

SCORES = {"base": [0.5, 0.5], "optimizer=sgd": [0.7, 0.7], "augment=[flip,crop]": [0.4, 0.4]}
FRESH = {"base": {0: 0.5, 1: 0.5}, "optimizer=sgd": {0: 0.55, 1: 0.45}}


def halfway() -> Study:
    """A study whose last setting has not run at the second seed; each run took ten minutes."""
    study = scored(SCORES | {"augment=[flip,crop]": [0.4]})
    study.seconds = dict.fromkeys(SCORES, HOUR / 6)
    return study


def test_base_and_winner_are_confirmed_in_pairs() -> None:
    study = scored(SCORES)
    study.fresh = FRESH
    assert run_study(runner(study, confirming=2), halving=False, settings=None) == ""
    assert study.winner is not None
    assert study.winner.label == "optimizer=sgd"
    assert [step.label for step in study.steps if step.is_fresh] == []  # they were there


def test_what_confirms_chooses_nothing() -> None:
    study = scored(SCORES)
    study.fresh = {"base": {0: 0.9}, "optimizer=sgd": {0: 0.1}}
    run_study(runner(study, confirming=1), halving=False, settings=None)
    assert study.winner is not None
    assert study.winner.label == "optimizer=sgd"


def test_a_base_that_won_runs_at_no_fresh_seed() -> None:
    study = scored(SCORES | {"optimizer=sgd": [0.1, 0.1]})
    assert run_study(runner(study, confirming=2), halving=False, settings=None) == ""
    assert study.fresh == {}


def test_choosing_ends_where_the_hours_would_not_leave_room_for_the_confirmation() -> None:
    study = halfway()
    study.fresh = FRESH
    ended = run_study(runner(study, confirming=2, hours=1.0, spent=HOUR / 3), halving=False, settings=None)
    assert ended.startswith("Choosing ended")
    assert "leaves room for the confirmation" in ended
    assert study.winner is not None


def test_hours_that_are_too_few_for_any_confirmation_are_used_to_choose_and_what_is_missing_is_told() -> None:
    study = halfway()
    ended = run_study(runner(study, confirming=3, hours=0.5, spent=HOUR / 2), halving=False, settings=None)
    assert ended.startswith("The limit of 0.5 h is reached, before a setting was chosen.")
    assert "The confirmation needs about 1 h more." in ended
    assert study.winner is None


def test_a_confirmation_that_the_hours_cut_says_how_far_it_came() -> None:
    study = scored(SCORES)
    study.fresh = {"base": {0: 0.5}, "optimizer=sgd": {0: 0.6}}
    ended = run_study(runner(study, confirming=2), halving=False, settings=None)
    assert "after 1 of 2 fresh seeds" in ended
