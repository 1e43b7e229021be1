"""Locks that the kernel releases when their holder dies, so that none is ever stale."""

import fcntl
from pathlib import Path
from typing import IO

from scoretable.workspace.errors import InputError

LOCKS = Path(".snakemake/scoretable-locks")


def hold_lock(name: str, folder: Path = LOCKS, wait: bool = False) -> IO[bytes]:
    """Lock `name` in this folder, by a file in `folder`, until the returned file is closed or the process ends.

    Raises InputError where another process holds it, unless `wait` says to wait for it, and where the file system
    has no locks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / name).open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file
    except BlockingIOError:
        if wait:
            print(f"waiting for another process that is running `{name}`", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
            return file
        reason = f"another process is running `{name}` in this folder: wait until it has finished, or stop it."
    except OSError as error:
        reason = f"{folder} cannot be locked ({error.strerror}): move the project to a file system that has locks."
    file.close()
    raise InputError(reason)
