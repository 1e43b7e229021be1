"""Long commands of other tools, which an interrupt of this process reaches and lets end by themselves.

`subprocess.run` kills its command a quarter of a second after Ctrl-C, so that a training could save nothing.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Commands:
    """Runs commands, from any thread, in the block that the main thread enters.

    Each runs in a process group of its own, so it gets an interrupt once, from here, and as the one of the terminal,
    which DVC and Snakemake know how to end on.
    """

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[Any]] = set()
        self._interrupted = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Commands":
        self._before = {number: signal.signal(number, self._pass_on) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, command: Sequence[str], **options: Any) -> int:
        """Run a command to its end and return its status; raise KeyboardInterrupt where this process was interrupted.

        options: as `subprocess.Popen` takes them.
        """
        if self._interrupted:
            raise KeyboardInterrupt
        with subprocess.Popen(command, process_group=0, **options) as running:
            self._running.add(running)
            if self._interrupted:
                _interrupt(running)
            status = running.wait()
            self._running.discard(running)
        if self._interrupted:
            raise KeyboardInterrupt
        return status

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        if not self._interrupted:
            print("scoretable: interrupted; waiting until what is running has saved its work", flush=True)
        self._interrupted = True
        for running in tuple(self._running):
            _interrupt(running)


def _interrupt(running: subprocess.Popen[Any]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGINT)
