"""How a fault is brought about: killing at a moment, damaging a file, a small disk, a read-only folder, a clock."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from projects import Project

Running = subprocess.Popen[bytes]
POLL = 0.02  # seconds between two looks
# Python's own sleep is by a clock that is not faked, and fails in libfaketime 0.9.10.
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
SAVING = r"^Validation accuracy|^submission:$[^>]*^Updating lock file"


def wait_for_step(printed: Path, running: Running, step: str) -> None:
    """Wait until a run says that it begins with `step`, or has ended.

    The step `start` is there at once, and `save` begins after the last one, which Snakemake and DVC say in other words.
    """
    sign = {"start": "", "save": SAVING}.get(step, rf"^{step}:$")
    while running.poll() is None and not re.search(sign, printed.read_text(errors="replace"), re.MULTILINE):
        time.sleep(POLL)


def processes_of(project: Project) -> list[psutil.Process]:
    """Processes that work in the project's folder, or in DVC's copies of it."""
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(project.folder):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def is_step(process: psutil.Process) -> bool:
    """Whether a process computes a step."""
    try:
        return "scoretable" in process.cmdline()
    except psutil.Error:
        return False


def kill_all(project: Project, running: Running) -> None:
    """Kill all processes of a run at once."""
    with suppress(ProcessLookupError):  # it had come to its end
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def kill_main(project: Project, running: Running) -> None:
    """Kill the process that was started, and leave those that it started."""
    running.kill()
    running.wait()


def kill_step(project: Project, running: Running) -> None:
    """Kill the process that computes, and let those that wait for it find out."""
    for process in filter(is_step, processes_of(project)):
        with suppress(psutil.Error):  # it had come to its end
            process.kill()
    running.wait()


KILLS: tuple[Callable[[Project, Running], None], ...] = (kill_all, kill_main, kill_step)


def end_orphans(project: Project) -> None:
    """Let processes that outlived a killed run come to their end."""
    psutil.wait_procs(processes_of(project), timeout=600)


def damage(path: Path, chance: random.Random) -> None:
    """Flip a bit of a file where it lies, or take its last byte away, and leave its time as it was."""
    status = path.stat()
    content = bytearray(path.read_bytes())
    if chance.random() < 0.25:
        del content[-1]
    else:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.chmod(0o644)
    with path.open("r+b") as file:  # the same inode, so that links to it are damaged too
        file.write(content)
        file.truncate()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@contextmanager
def small_disk(folder: Path, room: int) -> Iterator[None]:
    """Put a disk with `room` free bytes where a folder is, with all that it holds."""
    moved = folder.with_name(f"{folder.name}.moved")
    folder.rename(moved)
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder))
    try:
        subprocess.run(["cp", "-a", f"{moved}/.", str(folder)], check=True)
        filler = folder / "filler"
        status = os.statvfs(folder)
        filler.write_bytes(bytes(max(0, status.f_bavail * status.f_frsize - room)))
        yield
        filler.unlink()
        shutil.rmtree(moved)
        subprocess.run(["cp", "-a", str(folder), str(moved)], check=True)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
        moved.rename(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Mount a folder onto itself, read-only, since nothing else keeps root from writing."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("--bind", str(folder), str(folder))
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@contextmanager
def clock_of(project: Project, file: Path) -> Iterator[dict[str, str]]:
    """Yield the environment of a process that goes by the clock in `file`, such as `-1h`, as its children do."""
    if not shutil.which("faketime"):
        pytest.skip("only libfaketime, Debian's package faketime, gives a run a clock of its own")
    python_path = project.path("workflow")  # as the Snakefile sets it
    (python_path / "sitecustomize.py").write_text(SLEEP)
    yield {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",  # $LIB is for the loader
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",  # else processes would hear of a jump at different times, unlike one of a clock
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # which does not jump when a clock is set
        "PYTHONPATH": str(python_path),
    }
    (python_path / "sitecustomize.py").unlink()


def set_files_forward(project: Project, seconds: int) -> None:
    """Add seconds to the times of what a project holds, as they look to a clock that was set back."""
    for folder, _, names in os.walk(project.folder) if seconds else ():  # a folder may be gone when its turn comes
        for path in (Path(folder, name) for name in names if ".git/" not in f"{folder}/"):
            with suppress(FileNotFoundError):
                status = path.stat()
                os.utime(path, (status.st_atime + seconds, status.st_mtime + seconds))


def _mount(*arguments: str) -> None:
    if os.getuid() != 0 or subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode != 0:
        pytest.skip("only root, where mounting is allowed, can make a full disk or a read-only one")
