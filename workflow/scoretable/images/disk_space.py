"""Room on the disk for the image cache, asked for before anything is decoded."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoretable.archive.limits import FULL_DISK
from scoretable.workspace.errors import InputError


def reserve(path: Path, size: int) -> None:
    """Make a file of `size` bytes, so that a full disk shows before an hour of decoding and not after."""
    with path.open("wb") as file:
        if not hasattr(os, "posix_fallocate"):
            return
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            # Some file systems cannot reserve: there the writing itself will tell.
            if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL):
                raise


@contextmanager
def full_disk_refused(folder: Path, size: int) -> Iterator[None]:
    """Raise InputError where the disk of `folder` is full while `size` bytes are written into it."""
    free = shutil.disk_usage(folder.parent).free
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise InputError(
            f"the disk of {folder} has no room for the image cache ({error.strerror}), which needs {size / 1e9:.3f} GB "
            f"where {free / 1e9:.3f} GB were free: free some space, or choose a smaller image_size."
        ) from None
