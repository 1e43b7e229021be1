"""An interrupt reaches the command that runs, which may end in its own time."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Runs a command, from a thread where told so, that saves its work for a second when it is interrupted.
PARENT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from scoretable.experiments.child_processes import Commands
command = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
try:
    with Commands() as commands, ThreadPoolExecutor(1) as pool:
        (pool.submit(commands.run, command).result if sys.argv[3] == "thread" else lambda: commands.run(command))()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
CHILD = """
import sys, time
from pathlib import Path
try:
    print("running", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    Path(sys.argv[1]).write_text("saved")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("place", ["here", "thread"])
def test_an_interrupt_waits_until_the_command_has_saved_its_work(
    tmp_path: Path, number: signal.Signals, place: str
) -> None:
    saved = tmp_path / "saved"
    command = [sys.executable, "-c", PARENT, CHILD, str(saved), place]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "running\n"
        parent.send_signal(number)
        printed = parent.stdout.read()
    assert saved.read_text() == "saved"
    assert "interrupted; waiting until what is running has saved its work" in printed
    assert printed.endswith("interrupted\n")
