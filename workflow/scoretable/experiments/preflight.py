"""What would stop Snakemake in the middle of a run, and is told or fixed before it begins."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

from scoretable.workspace.errors import InputError


def refuse_read_only(files: Iterable[Path]) -> None:
    """Raise InputError where a file that is to be made lies, or would lie, in a folder that cannot be written."""
    for file in files:
        folder = next(parent for parent in file.parents if parent.is_dir())
        if not os.access(folder, os.W_OK | os.X_OK):  # says so of a read-only disk to root as well
            raise InputError(f"{folder}, where {file} belongs, cannot be written: make it writable, and start again.")


def refuse_links_out_of(root: Path, files: Iterable[Path]) -> None:
    """Raise InputError where a folder of these files is a link to one outside of `root`, a repository of DVC's.

    Neither git nor DVC looks behind such a link, so a row made there could not be saved.
    """
    if not (root / ".dvc").is_dir() or not (root / ".git").exists():
        return
    links = (folder for file in files for folder in file.parents if folder.is_symlink())
    if (link := next(links, None)) is not None:
        raise InputError(
            f"{link} is a link, and DVC saves no row from behind one: make it a folder again, and to save "
            "space, move the cache: `mv .dvc/cache /other/disk/cache`, then `dvc cache dir --local /other/disk/cache`."
        )


def bring_back_from_the_future(files: Iterable[Path]) -> None:
    """Give files whose time is still to come, as after a clock that went wrong, the current time.

    Whether something is up to date does not depend on times, but Snakemake counts a job as failed if its output is
    older than its input.
    """
    for file in files:
        if file.exists() and file.stat().st_mtime > time.time():
            with contextlib.suppress(OSError):  # someone else's file; then Snakemake's message stands
                os.utime(file)
