"""Locks that the kernel takes back when their holder dies, so that none is ever stale."""

import fcntl
from pathlib import Path
from typing import IO

from scoretable.errors import InputError

LOCKS = Path(".snakemake/scoretable-locks")


def hold_lock(name: str, folder: Path = LOCKS) -> IO[bytes]:
    """Lock `name` in this folder, by a file in `folder`, until the returned file is closed or the process ends.

    Raises InputError where another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / name).open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise InputError(
            f"another process is running `{name}` in this folder: wait until it has finished, or stop it."
        ) from None
    return file
