"""A study has a base and a setting for each other value of a factor, all of which are planned before anything runs."""

from dataclasses import replace

import pytest
from scoretable.rows.params import Params
from scoretable.study.trials import MOST_SEEDS, Trial, parse_factors, single_trials
from scoretable.workspace.errors import InputError
from study.small_study import planned, scored


def test_each_value_but_the_bases_own_is_a_trial() -> None:
    assert [trial.label for trial in single_trials(planned())] == ["base", "optimizer=sgd", "augment=[flip,crop]"]


def test_a_trials_run_has_the_bases_params_but_for_its_change_and_its_seed() -> None:
    study = planned()
    run = study.run(single_trials(study)[1], 1)
    assert run.params == Params(optimizer="sgd", seed=1)
    assert run.name == f"study-{study.identity}-optimizer-sgd-draw1"


def test_a_fresh_seed_is_none_that_chooses_in_this_study_or_is_fresh_in_another() -> None:
    one, other = planned(), planned("optimizer=adam,rmsprop")
    fresh = [study.run(Trial("base", {}), 0, is_fresh=True) for study in (one, other)]
    assert fresh[0].name == f"study-{one.identity}-base-fresh0"
    assert fresh[0].params.seed != fresh[1].params.seed
    assert min(run.params.seed for run in fresh) >= MOST_SEEDS


@pytest.mark.parametrize("seed", [0, 2**31 - MOST_SEEDS])
def test_fresh_seeds_are_seeds_whatever_the_bases_is(seed: int) -> None:
    study = replace(planned(), base=Params(seed=seed))
    assert 0 <= study.seed(MOST_SEEDS - 1, is_fresh=True) < 2**31
    assert study.seed(0, is_fresh=True) not in range(seed, seed + MOST_SEEDS)


def test_settings_with_long_labels_have_names_that_a_file_can_have_and_that_differ() -> None:
    trials = [Trial(f"{'augment=flip ' * 30}{name}", {}) for name in ("one", "other")]
    names = [planned().run(trial, 0).name for trial in trials]
    assert names[0] != names[1]
    assert max(map(len, names)) < 200


def test_an_equal_command_is_the_same_study_and_another_factor_another_one() -> None:
    assert planned().identity == planned().identity
    assert planned().identity != planned("optimizer=adam,rmsprop").identity


def test_the_best_is_that_of_the_seeds_which_all_candidates_have() -> None:
    study = scored({"base": [0.5, 0.9], "optimizer=sgd": [0.6]})
    study.candidates = single_trials(study)
    found = study.best()
    assert found is not None
    assert (found[0].label, found[1]) == ("optimizer=sgd", 0.6)


def test_a_pair_that_does_not_fit_the_task_is_refused_before_anything_runs() -> None:
    with pytest.raises(InputError, match=r"^activation=linear: .*activation"):
        planned("activation=softmax,linear")


@pytest.mark.parametrize("text", ["optimiser=adam", "optimizer", "seed=1,2", "kaggle_timeout=1", "optimizer="])
def test_what_is_no_factor_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^--factor "):
        parse_factors([text])
