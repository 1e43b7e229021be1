"""When a training has to stop before its end: a time limit, or a signal."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass
class StopRequest:
    """Names the signal that asked to stop, or is empty."""

    name: str = ""


@contextmanager
def deferred_signals() -> Iterator[StopRequest]:
    """Within the block SIGTERM and SIGINT (Slurm, Kaggle, Ctrl-C) only leave a note, so that a step can end.

    Both usually come twice: from the terminal to all of its processes, and from Snakemake.
    """
    request = StopRequest()

    def note(number: int, frame: FrameType | None) -> None:
        request.name = signal.Signals(number).name

    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield request
        return
    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class TimeLimits:
    """Tells when to stop, so that a checkpoint can be written before a limit.

    session_hours: of this session, since this object was made. total_hours: of all sessions; `earlier_seconds` is
    what the earlier ones took. None means no limit.
    """

    session_hours: float | None = None
    total_hours: float | None = None
    earlier_seconds: float = 0.0
    longest_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.started = self.checked = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of this session."""
        return time.monotonic() - self.started

    def reached(self, saving_seconds: float) -> str:
        """Return the key of the limit that another call and a checkpoint would pass, or ''.

        saving_seconds: of the last checkpoint, from its beginning until it is whole; the next may take thrice as long.
        """
        now = time.monotonic()
        self.longest_seconds, self.checked = max(self.longest_seconds, now - self.checked), now
        needed = self.seconds + self.longest_seconds + 3 * saving_seconds
        if self.session_hours is not None and needed > 3600 * self.session_hours:
            return "max_hours"
        if self.total_hours is not None and self.earlier_seconds + needed > 3600 * self.total_hours:
            return "max_total_hours"
        return ""
