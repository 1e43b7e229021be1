"""Several folds are trained within the limits of one session, and stop between two of them."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.session.live import LiveLog
from scoretable.session.stopping import StopRequest, deferred_signals
from scoretable.steps.train import measure_of, shorten, train_folds
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped
from unit.small_training import small_cache

ROW = Params(model="SmallCNN", weights=None, fold="all", validation=0.5, epochs=1, steps_per_epoch=1, batch_size=8)
pytestmark = pytest.mark.usefixtures("one_block")


def finished(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("fold-*.json")}


def test_the_hours_of_a_session_are_those_of_all_its_folds() -> None:
    left = shorten(Session(max_hours=11.0, max_total_hours=30.0), seconds=3600.0, earlier_seconds=7200.0)
    assert (left.max_hours, left.max_total_hours) == (10.0, 28.0)
    assert shorten(Session(), 3600.0, 7200.0) == Session()


def test_the_hours_of_finished_folds_count_for_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "fold-0.json").write_text(json.dumps({"history": [], "training": {"train_seconds": 7200.0}}))
    row, session = ROW.model_copy(update={"epochs": 2}), SessionParams(max_total_hours=1.0)
    with pytest.raises(TrainingStopped, match="max_total_hours"):
        train_folds(row, session, small_cache(), tmp_path, tmp_path / "live", StopRequest())
    assert finished(tmp_path) == {"fold-0.json"}


def test_a_signal_in_the_last_step_of_a_fold_stops_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, deferred_signals() as request:
        patch.setattr(LiveLog, "update", lambda log, history: signal.raise_signal(signal.SIGTERM))
        with pytest.raises(TrainingStopped, match="SIGTERM: stopped before fold 1"):
            train_folds(ROW, SessionParams(), small_cache(), tmp_path, tmp_path / "live", request)
    assert finished(tmp_path) == {"fold-0.json"}
    train_folds(ROW, SessionParams(), small_cache(), tmp_path, tmp_path / "live", StopRequest())
    assert finished(tmp_path) == {"fold-0.json", "fold-1.json"}


def test_an_epoch_is_scored_with_a_label_for_each_image_where_that_is_handed_in() -> None:
    row = ROW.model_copy(update={"competition": "plant-pathology-2021-fgvc8"})
    cache = replace(small_cache(), task="multilabel")
    assert measure_of(row, replace(cache, form="labels")).at_least_one
    assert not measure_of(row, replace(cache, form="columns")).at_least_one
