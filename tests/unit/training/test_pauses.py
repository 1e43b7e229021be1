"""A training saves and stops in time, on a clock that the test moves."""

import time
from collections.abc import Callable
from typing import cast

import pytest
from scoretable.session.stopping import StopRequest
from scoretable.training.checkpoint import CheckpointFile, Progress
from scoretable.training.pauses import SAVING_SHARE, Pauses
from scoretable.training.recipe import Session
from scoretable.workspace.errors import TrainingStopped

SAVING = 30.0  # seconds


class Clock:
    """A training whose first checkpoint is whole after `SAVING` seconds, and each one thrice as late.

    beside: whether a thread writes it, while training goes on. saved: when they began.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, beside: bool) -> None:
        self.now, self.saved, self.beside, self.whole_at = 0.0, list[float](), beside, 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def save(self) -> None:
        self.saved.append(self.now)
        self.whole_at = self.now + SAVING * 3 ** (len(self.saved) - 1)
        if not self.beside:
            self.join()

    def check(self) -> None:
        """Nothing."""

    def join(self) -> None:
        self.now = max(self.now, self.whole_at)

    @property
    def seconds(self) -> float:
        return min(self.now, self.whole_at) - self.saved[-1] if self.saved else 0.0


Begin = Callable[..., tuple[Clock, Pauses]]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    def begin(earlier_seconds: float = 0.0, beside: bool = False, **limits: float) -> tuple[Clock, Pauses]:
        clock = Clock(monkeypatch, beside)
        progress, file = Progress(seconds=earlier_seconds), cast(CheckpointFile, clock)
        return clock, Pauses(Session(**limits), progress, 10, 100, file, clock.save)

    return begin


def run_to(clock: Clock, pauses: Pauses, end: float) -> None:
    """Train until `end` by steps of a second."""
    while clock.now < end:
        clock.now += 1
        pauses.progress.step += 1
        pauses.save_and_stop_as_needed(StopRequest())


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("limit", ["max_hours", "max_total_hours"])
def test_a_training_stops_so_early_that_its_last_checkpoint_is_written_within_the_limit(
    begin: Begin, limit: str, beside: bool
) -> None:
    clock, pauses = begin(beside=beside, checkpoint_minutes=1, **{limit: 300 / 3600})
    with pytest.raises(TrainingStopped, match=limit):
        run_to(clock, pauses, 1000)
    assert 300 - 3 * SAVING <= clock.now <= 300
    assert clock.now >= clock.whole_at


def test_the_seconds_that_a_training_took_are_those_of_all_sessions_and_of_saving(begin: Begin) -> None:
    clock, pauses = begin(earlier_seconds=500, checkpoint_minutes=1)
    run_to(clock, pauses, 70)
    pauses.note_time()
    assert pauses.progress.seconds == 500 + 60 + SAVING


@pytest.mark.parametrize(
    ("beside", "between"), [(False, SAVING + SAVING / SAVING_SHARE), (True, SAVING / SAVING_SHARE)]
)
def test_checkpoints_that_take_long_are_written_seldom(begin: Begin, beside: bool, between: float) -> None:
    clock, pauses = begin(beside=beside, checkpoint_minutes=1)
    run_to(clock, pauses, 900)
    assert clock.saved == [60]
    pauses.progress.step = 0
    run_to(clock, pauses, 1700)
    assert clock.saved == [60, 60 + (0 if beside else SAVING) + SAVING / SAVING_SHARE]


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
