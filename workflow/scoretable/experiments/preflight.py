"""What would stop Snakemake in the middle of a run, and is told or fixed before it begins."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from scoretable.experiments.dvc_settings import cache_folder
from scoretable.workspace.errors import InputError


def refuse_read_only(files: Iterable[Path]) -> None:
    """Raise InputError where a file that is to be made lies, or would lie, in a folder that cannot be written."""
    for file in files:
        folder = next(parent for parent in file.parents if parent.is_dir())
        if not os.access(folder, os.W_OK | os.X_OK):  # says so of a read-only disk to root as well
            raise InputError(f"{folder}, where {file} belongs, cannot be written: make it writable, and start again.")


def refuse_lost_clock() -> None:
    """Raise InputError where the clock is before 1980, as after a start without battery: no zip holds such a time."""
    today = time.strftime("%Y-%m-%d")
    if today < "1980":
        raise InputError(
            f"the clock of this machine says {today}, and a model cannot be saved before 1980: set it, and start again."
        )


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


def refuse_uncopied_settings(root: Path) -> None:
    """Raise InputError where DVC could not set up its copy of the repository, in which it runs an experiment."""
    for hindrance in settings_dvc_cannot_copy(root):
        raise InputError(hindrance)


def settings_dvc_cannot_copy(root: Path) -> Iterator[str]:
    """Yield what hinders DVC in setting up its copy of the repository, in which it runs an experiment, and the way out.

    It writes the path of its cache, its local settings and those of git there, in ASCII alone (DVC 3.67).
    """
    cache = str(cache_folder(root).parents[1]) if (root / ".dvc").is_dir() else ""
    if not cache.isascii():
        yield (
            f"DVC cannot run experiments in a copy while the path of its cache ({cache}) has letters beyond ASCII: "
            f"type `mv {cache} /an/ascii/path`, and then `dvc cache dir --local /an/ascii/path`."
        )
    for name in (".git/config", ".dvc/config.local"):
        file = root / name
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
        if (odd := next((line.strip() for line in lines if not line.isascii()), None)) is not None:
            yield (
                f"DVC cannot run experiments in a copy while {name} has letters beyond ASCII ({odd}): take that line "
                "out, and type `git config --global user.name ...` where it was your name."
            )


def bring_back_from_the_future(files: Iterable[Path], now: int | None = None) -> None:
    """Give files whose time is still to come, as after a clock that went wrong, the time `now` (ns; None: the clock's).

    Whether something is up to date does not depend on times, but Snakemake counts a job as failed if its output is
    older than its input.
    """
    now = time.time_ns() if now is None else now
    for file in files:
        if file.exists() and file.stat().st_mtime_ns > now:
            with contextlib.suppress(OSError):  # someone else's file; then Snakemake's message stands
                os.utime(file, ns=(now, now))
