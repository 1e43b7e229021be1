"""A training saves and stops in time, on a clock that the test moves."""

import time
from collections.abc import Callable

import pytest
from scoretable.session.stopping import StopRequest
from scoretable.training.checkpoint import Progress
from scoretable.training.pauses import SAVING_SHARE, Pauses
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped

SAVING = 30.0  # seconds


class Clock:
    """A training whose first checkpoint takes `SAVING` seconds, and each one thrice as long. saved: when they began."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.saved = 0.0, list[float]()
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def save(self) -> None:
        self.saved.append(self.now)
        self.now += SAVING * 3 ** (len(self.saved) - 1)


Begin = Callable[..., tuple[Clock, Pauses]]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    def begin(earlier_seconds: float = 0.0, **limits: float) -> tuple[Clock, Pauses]:
        clock = Clock(monkeypatch)
        progress = Progress(seconds=earlier_seconds)
        return clock, Pauses(Session(**limits), progress, epochs=10, steps_per_epoch=100, save=clock.save)

    return begin


def run_to(clock: Clock, pauses: Pauses, end: float) -> None:
    """Train until `end` by steps of a second."""
    while clock.now < end:
        clock.now += 1
        pauses.progress.step += 1
        pauses.save_and_stop_as_needed(StopRequest())


@pytest.mark.parametrize("limit", ["max_hours", "max_total_hours"])
def test_a_training_stops_so_early_that_its_last_checkpoint_is_written_within_the_limit(
    begin: Begin, limit: str
) -> None:
    clock, pauses = begin(checkpoint_minutes=1, **{limit: 300 / 3600})
    with pytest.raises(TrainingStopped, match=limit):
        run_to(clock, pauses, 1000)
    assert 300 - 3 * SAVING <= clock.now <= 300


def test_the_seconds_that_a_training_took_are_those_of_all_sessions_and_of_saving(begin: Begin) -> None:
    clock, pauses = begin(earlier_seconds=500, checkpoint_minutes=1)
    run_to(clock, pauses, 70)
    pauses.note_time()
    assert pauses.progress.seconds == 500 + 60 + SAVING


def test_checkpoints_that_take_long_are_written_seldom(begin: Begin) -> None:
    clock, pauses = begin(checkpoint_minutes=1)
    run_to(clock, pauses, 900)
    assert clock.saved == [60]
    pauses.progress.step = 0
    run_to(clock, pauses, 1700)
    assert clock.saved == [60, 60 + SAVING + SAVING / SAVING_SHARE]


def test_after_the_last_step_nothing_is_saved_and_no_limit_counts(begin: Begin) -> None:
    clock, pauses = begin(checkpoint_minutes=0, max_hours=1e-9)
    pauses.progress.step, clock.now = 1000, 10
    pauses.save_and_stop_as_needed(StopRequest("SIGTERM"))
    pauses.save_and_stop_together(StopRequest("SIGTERM"), any_worker=lambda stops: True)
    assert clock.saved == []


def test_several_workers_save_together_and_stop_where_one_of_them_has_to(begin: Begin) -> None:
    clock, pauses = begin()
    pauses.save_and_stop_together(StopRequest(), any_worker=lambda stops: stops)
    assert clock.saved == [0]
    with pytest.raises(TrainingStopped, match="another worker has to stop: stopped after"):
        pauses.save_and_stop_together(StopRequest(), any_worker=lambda stops: True)
