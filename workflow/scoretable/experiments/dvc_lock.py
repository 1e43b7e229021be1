"""What a killed `dvc` leaves behind that would stop every later one: half a file of locks, or a lock in git."""

import contextlib
import json
import os
import sys
from pathlib import Path

RWLOCK = Path(".dvc/tmp/rwlock")
REFS = Path(".git/refs/exps")  # where only DVC writes


def mend_locks_of_dvc(root: Path = Path()) -> None:
    """Remove what a killed `dvc` left behind and would stop the next one, and say so."""
    _mend_broken_rwlock(root / RWLOCK)
    for folder, _, names in os.walk(root / REFS):  # which does not mind that a folder is gone when its turn comes
        for lock in (Path(folder, name) for name in names if name.endswith(".lock")):
            _remove_if_left(lock)


def _remove_if_left(lock: Path) -> None:
    with contextlib.suppress(OSError):  # the disk is read-only, or the lock gone by now
        if not _is_open(lock):
            lock.unlink()
            _tell(f"{lock} was left behind, as by a killed `dvc`, and would have stopped the next one: removed.")


def _is_open(lock: Path) -> bool:
    """Whether a process has a lock of git open, as it does for the milliseconds for which it holds it."""
    import psutil

    for process in psutil.process_iter():
        try:
            if any(Path(file.path) == lock.resolve() for file in process.open_files()):
                return True
        except (psutil.Error, OSError):  # another user's, or gone
            continue
    return False


def _mend_broken_rwlock(path: Path) -> None:
    """Remove DVC's file of locks where it is cut off; a lock in it is void, since its process is dead."""
    if not _is_broken(path):
        return
    from dvc.lock import LockError, make_lock

    try:
        with make_lock(str(path.with_suffix(".lock")), tmp_dir=str(path.parent)):  # else DVC is writing it now
            if _is_broken(path):
                path.unlink()
                _tell(f"{path} was cut off, as by a killed `dvc`, and would have stopped it: removed.")
    except LockError:
        return


def _tell(sentence: str) -> None:
    print(f"scoretable: {sentence}", file=sys.stderr, flush=True)


def _is_broken(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return False
    except ValueError:
        return True
    return False
