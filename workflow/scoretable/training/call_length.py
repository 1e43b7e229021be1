"""How many steps a call of the device makes: measured at the start, with calls of the training itself.

A GPU waits for the host between two calls, so it is faster with long ones. How long is enough depends on the network,
the card and the host. The step is compiled once, for the longest call, and told how many steps a call makes, so no
weight depends on what is chosen. On a CPU, host and device are the same cores: a call makes one step.
"""

import math
import time
from collections.abc import Callable

from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas

LENGTHS = (1, 4, 16)  # steps of a call
BLOCK_BYTES = 2**28  # of images that are streamed to the device for a call, at most
SECONDS = 5.0  # that the measurement takes, at most
SAMPLE_SECONDS = 0.1  # of calls of one length, of which there are at least two
GAIN = 0.02  # by which longer calls have to be faster


class CallLength:
    """Chooses one of LENGTHS, where nobody has asked for another.

    Args:
        longest: call that the step is compiled for, at most an epoch.
        asked: what session.yaml says.

    steps: what a call makes from now on. seconds: of a step, by the length of its call, as far as they are measured.
    untried: lengths that are not; none on a CPU, and where an epoch is too short for it. ahead: batches that are made
    and put on the device before their call.
    """

    def __init__(self, longest: int, asked: int | None, steps_per_epoch: int) -> None:
        self.longest = min(longest, steps_per_epoch)
        most = min(longest, steps_per_epoch // 3)  # since one takes three calls of an epoch, or more
        lengths = [length for length in LENGTHS if length <= most]
        self.untried = lengths if len(lengths) > 1 and not asked else []
        self.steps = 1 if self.untried else min(asked or self.longest, self.longest)
        self.seconds: dict[int, float] = {}
        self.spent, self.ahead = 0.0, 2

    def measure(self, call: Callable[[int], None], wait: Callable[[], object], left: Callable[[], int]) -> bool:
        """Measure with the steps of an epoch, as far as they go, and return whether the choice is made.

        call: makes a call of so many steps, which may go on when it returns; wait: until it is done; left: steps that
        the epoch has left.
        """
        wait()
        while self.untried and left() >= 3 * self.steps:
            took = self._time(1, call, wait)  # tells how many calls make up a sample
            calls = max(2, min(math.ceil(SAMPLE_SECONDS / took), left() // self.steps))
            self.seconds[self.steps] = self._time(calls, call, wait) / (calls * self.steps)
            self._go_on()
        return not self.untried

    def _time(self, calls: int, call: Callable[[int], None], wait: Callable[[], object]) -> float:
        started = time.monotonic()
        for _ in range(calls):
            call(self.steps)
        wait()
        took = max(time.monotonic() - started, 1e-6)
        self.spent += took
        return took

    def _go_on(self) -> None:
        tried = self.untried.pop(0)
        if self.untried and self.spent + 3 * self.untried[0] * self.seconds[tried] <= SECONDS:
            self.steps = self.untried[0]
            return
        self.untried = []
        enough = (1 + GAIN) * min(self.seconds.values())
        self.steps = next(steps for steps, seconds in self.seconds.items() if seconds <= enough)

    def __str__(self) -> str:
        measured = ", ".join(f"{1000 * seconds:.3g} ms in calls of {steps}" for steps, seconds in self.seconds.items())
        return f"steps a call: {self.steps} (a step takes {measured}), {self.ahead} batches ahead"


def longest_call(device: Device, replicas: Replicas, asked: int | None, streamed_bytes: int) -> int:
    """Return for how many steps a call is compiled. streamed_bytes: of images that a step brings along.

    TensorFlow's replicas make one step a call, and so does a CPU where nobody has `asked` for more.
    """
    if replicas.strategy is not None:
        return 1
    most = LENGTHS[-1] if device.is_gpu else 1
    if streamed_bytes:
        most = min(most, BLOCK_BYTES // streamed_bytes)
    return max(most, asked or 1)
