"""Two processes never do one thing in one folder at the same time."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

HOLD = """
import sys, time
from pathlib import Path
from scoretable.workspace.lock import hold_lock
lock = hold_lock("train", Path(sys.argv[1]))
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def holder(folder: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_lock_that_another_process_holds_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with holder(tmp_path, 60) as process:
        with pytest.raises(InputError, match="another process is running `train` in this folder"):
            hold_lock("train", tmp_path)
        hold_lock("evaluate", tmp_path)
        process.kill()


def test_a_killed_process_leaves_no_stale_lock(tmp_path: Path) -> None:
    with holder(tmp_path, 60) as process:
        process.kill()
    hold_lock("train", tmp_path)


def test_one_may_wait_for_a_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with holder(tmp_path, 0.5):
        started = time.monotonic()
        hold_lock("train", tmp_path, wait=True)
    assert time.monotonic() - started > 0.1
    assert capsys.readouterr().out == "waiting for another process that is running `train`\n"
