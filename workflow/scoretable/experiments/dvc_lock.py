"""DVC's file of locks: one that was cut off, as when its writer was killed, stops every later `dvc`."""

import json
import sys
from pathlib import Path

RWLOCK = Path(".dvc/tmp/rwlock")


def mend_broken_rwlock(root: Path = Path()) -> None:
    """Remove DVC's file of locks where it is cut off, and say so; a lock in it is void, since its process is dead."""
    path = root / RWLOCK
    if not _is_broken(path):
        return
    from dvc.lock import LockError, make_lock

    try:
        with make_lock(str(path.with_suffix(".lock")), tmp_dir=str(path.parent)):  # else DVC is writing it now
            if _is_broken(path):
                path.unlink()
                told = f"scoretable: {path} was cut off, as by a killed `dvc`, and would have stopped it: removed."
                print(told, file=sys.stderr, flush=True)
    except LockError:
        return


def _is_broken(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return False
    except ValueError:
        return True
    return False
