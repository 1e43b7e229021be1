"""A run of a study is the row of that name, if it is what would be made today."""

from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.study import running
from scoretable.study.budget import HOUR, Budget
from scoretable.study.running import Runner, progress
from scoretable.study.trials import BASE_TRIAL, Study, Trial, plan_study, single_trials
from scoretable.table.reproduce import Run

SGD = Trial.of({"optimizer": "sgd"})


@pytest.fixture
def study(repository: Path) -> Study:
    study = plan_study(Params(), SessionParams(), {"optimizer": ["sgd"]}, 1, repository)
    study.candidates = single_trials(study)
    return study


def make(study: Study, trial: Trial, accuracy: float, is_fresh: bool = False) -> None:
    run = study.run(trial, 0, is_fresh)
    add_experiment(study.root, run.name, accuracy, **(dict(trial.changes) | {"seed": run.params.seed}))


def test_a_row_that_is_there_is_not_made_again(study: Study) -> None:
    make(study, SGD, 0.7)
    assert Runner(study, Budget(0.0)).score(SGD, 0) == 0.7


def test_a_row_of_that_name_with_other_params_counts_for_nothing(study: Study) -> None:
    run = study.run(SGD, 0)
    add_experiment(study.root, run.name, 0.7, optimizer="sgd", dropout=0.5)
    with pytest.raises(AssertionError, match="was started"):
        Runner(study).score(SGD, 0)


def test_a_new_run_is_told_to_who_watches_and_one_that_was_there_is_not(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(run: Run, root: Path, queue: bool, submit: bool) -> bool:
        make(study, SGD, 0.7)
        return True

    monkeypatch.setattr(running, "start_run", start)
    make(study, BASE_TRIAL, 0.6)
    study.planned = 2
    told: list[str] = []
    runner = Runner(study, changed=lambda: told.append(progress(study)))
    for trial in (BASE_TRIAL, SGD):
        runner.score(trial, 0)
    assert told == ["2 of at most 2 runs: optimizer=sgd at seed 0: 0.70000; best so far: optimizer=sgd, 0.70000"]


def test_with_its_last_score_a_setting_is_the_best_if_it_is_better(study: Study) -> None:
    both = Trial.of({"optimizer": "sgd", "dropout": 0.5})
    for trial, accuracy in ((BASE_TRIAL, 0.5), (SGD, 0.6), (both, 0.7)):
        make(study, trial, accuracy)
        Runner(study).score(trial, 0, joins=trial is both)
    assert [step.best for step in study.steps] == ["base", "optimizer=sgd", both.label]


def test_what_the_confirmation_lacks_is_reckoned_without_the_rows_that_are_there(study: Study) -> None:
    runner = Runner(study, Budget(24.0), confirming=1)
    study.seconds = {"base": HOUR, "optimizer=sgd": 2 * HOUR}
    assert runner.missing(SGD) == 3 * HOUR
    make(study, BASE_TRIAL, 0.6, is_fresh=True)
    assert runner.missing(SGD) == 2 * HOUR
