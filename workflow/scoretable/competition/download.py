"""The competition's archive: drawn here, brought by you, or downloaded from Kaggle; checked in any case."""

import shutil
from collections.abc import Callable
from pathlib import Path

from scoretable.archive.archive import check_archive
from scoretable.archive.kept import link_archive
from scoretable.competition.description import Competition
from scoretable.sandbox.drawn_archive import draw_competition
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

# Downloads a competition, by its name, into a folder, and returns the path of the whole archive.
Fetch = Callable[[str, Path], Path]


def obtain_archive(
    competition: Competition,
    target: Path,
    brought: Path | None,
    kept: Path,
    answers: Path,
    sandbox_images: int,
    sandbox_seed: int,
    fetch: Fetch,
) -> str:
    """Make `target` the whole, checked archive of the competition, and return where it came from.

    An archive that is there is never fetched again. `brought` is the one that you name, if any; `kept` is where
    one lies that you have put there or Kaggle has sent, out of DVC's reach. The sandbox's true test labels go to
    `answers`; `fetch` downloads from Kaggle. Raises InputError when there is no archive or it is damaged.
    """
    if brought is not None:
        return _copy_archive(brought, target)
    if competition.source == "sandbox":
        with_columns = competition.submission.form == "columns"
        draw_competition(target, answers, sandbox_images, sandbox_seed, probabilities=with_columns)
        check_archive(target)
        return "drawn by this program"
    if target.exists():
        check_archive(target)
        if not kept.exists():
            link_archive(target, kept)
        return "already there"
    if kept.exists():
        check_archive(kept)
        origin = f"taken from {kept}"
    elif competition.source == "archive":
        raise InputError(
            f"competition: {competition.name} needs an archive from you: put it at {kept}, or give its path as "
            "`archive: <path>` in session.yaml."
        )
    else:
        _download(competition.name, kept, fetch)
        origin = "downloaded from Kaggle"
    link_archive(kept, target)
    return origin


def _copy_archive(brought: Path, target: Path) -> str:
    if not brought.is_file():
        raise InputError(f"archive: {brought} is not a file: correct the path in session.yaml, or set it to null.")
    check_archive(brought)
    with replacing(target) as temporary:
        shutil.copyfile(brought, temporary)
    return f"copied from {brought}"


def _download(competition: str, kept: Path, fetch: Fetch) -> None:
    """Download the archive and check it, unless another copy of the repository has just done so."""
    folder = kept.with_suffix(".download")
    with hold_lock(f"{competition}.download-lock", kept.parent, wait=True):
        if not kept.exists():
            fetch(competition, folder).replace(kept)
            shutil.rmtree(folder)
