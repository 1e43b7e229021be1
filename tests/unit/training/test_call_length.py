"""How many steps a call makes is measured, on a clock that the test moves."""

import time
from collections.abc import Callable

import pytest
from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas
from scoretable.training.call_length import LENGTHS, SECONDS, CallLength, longest_call

GPU, CPU = Device("GPU", is_gpu=True), Device("CPU", is_gpu=False)


class Epoch:
    """An epoch of `left` steps, of which each takes `step` seconds and each call `call` seconds more.

    The device is done with all that was asked for when somebody waits for it.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, step: float, call: float, left: int = 10_000) -> None:
        self.step, self.called, self.left = step, call, left
        self.now, self.due = 0.0, 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def call(self, steps: int) -> None:
        assert steps <= self.left
        self.left -= steps
        self.due += self.called + steps * self.step

    def wait(self) -> None:
        self.now += self.due
        self.due = 0.0

    def measure(self, length: CallLength) -> bool:
        return length.measure(self.call, self.wait, lambda: self.left)


Begin = Callable[..., Epoch]


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    return lambda *seconds, **left: Epoch(monkeypatch, *seconds, **left)


@pytest.mark.parametrize(
    ("step", "call", "chosen"),
    [
        (0.02, 0.0, 1),  # the host costs nothing
        (0.02, 0.001, 4),  # 1.3% of a step in calls of 4, and 0.3% in calls of 16
        (0.001, 0.002, LENGTHS[-1]),
    ],
)
def test_the_shortest_call_is_chosen_that_is_nearly_as_fast_as_any(
    begin: Begin, step: float, call: float, chosen: int
) -> None:
    length = CallLength(LENGTHS[-1], None, 10_000)
    assert begin(step, call).measure(length)
    assert length.steps == chosen
    assert list(length.seconds) == [1, 4, 16]
    assert length.seconds[4] == pytest.approx(step + call / 4)


@pytest.mark.parametrize("step", [0.0005, 0.02, 0.3, 1.5])
def test_the_measurement_takes_seconds_whatever_a_step_takes(begin: Begin, step: float) -> None:
    length, epoch = CallLength(LENGTHS[-1], None, 10_000), begin(step, 0.001)
    assert epoch.measure(length)
    assert epoch.now <= SECONDS
    assert f"steps a call: {length.steps} (a step takes" in str(length)


def test_a_measurement_goes_on_in_the_next_epoch_where_one_is_too_short(begin: Begin) -> None:
    length, epochs = CallLength(LENGTHS[-1], None, 14), 0
    done = False
    while not done:
        epoch, epochs = begin(0.01, 0.001, left=14), epochs + 1
        done = epoch.measure(length)
    assert epochs > 1
    assert list(length.seconds) == [1, 4]  # three calls of 16 steps are more than an epoch
    assert length.longest == 14


def test_nothing_is_measured_on_a_cpu_or_where_a_length_is_asked_for_or_an_epoch_is_short() -> None:
    on_cpu = CallLength(longest_call(CPU, Replicas(), None, 0), None, 1000)
    asked = CallLength(longest_call(GPU, Replicas(), 5, 0), 5, 1000)
    short = CallLength(longest_call(GPU, Replicas(), None, 0), None, 4)
    assert [length.untried for length in (on_cpu, asked, short)] == [[], [], []]
    assert [length.steps for length in (on_cpu, asked, short)] == [1, 5, 4]


def test_a_gpu_compiles_one_step_for_whatever_is_chosen_or_asked_for() -> None:
    assert [longest_call(GPU, Replicas(), asked, 0) for asked in (None, 1, 8, 40)] == [16, 16, 16, 40]
    assert [longest_call(CPU, Replicas(), asked, 0) for asked in (None, 1, 8)] == [1, 1, 8]


def test_calls_with_large_streamed_batches_are_short() -> None:
    batch = 128 * 448 * 448 * 3
    assert longest_call(GPU, Replicas(), None, batch) == 3
    assert longest_call(GPU, Replicas(), None, 100 * batch) == 1


def test_replicas_of_tensorflow_make_one_step_a_call() -> None:
    assert longest_call(GPU, Replicas(2, strategy=object()), 8, 0) == 1
