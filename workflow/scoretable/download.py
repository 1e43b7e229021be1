"""The competition's archive: drawn here, brought by the user, or downloaded from Kaggle; checked in any case."""

import shutil
from pathlib import Path

from scoretable.archive import check_archive
from scoretable.atomic import replacing
from scoretable.competition import Competition
from scoretable.errors import InputError
from scoretable.kaggle_download import download_from_kaggle
from scoretable.kept_archive import link_archive
from scoretable.lock import hold_lock
from scoretable.sandbox import draw_competition


def obtain_archive(
    competition: Competition,
    target: Path,
    brought: Path | None,
    kept: Path,
    answers: Path,
    sandbox_images: int,
    sandbox_seed: int,
    kaggle_timeout: float = 60.0,
) -> str:
    """Make `target` the whole, checked archive of the competition, and return where it came from.

    An archive that is there is never fetched again. `brought` is the one that the user names, if any; `kept` is where
    one lies that the user has put there or Kaggle has sent, out of DVC's reach. The sandbox's true test labels go to
    `answers`. Raises InputError when there is no archive or it is damaged.
    """
    if brought is not None:
        return _copy_archive(brought, target)
    if competition.source == "sandbox":
        draw_competition(target, answers, sandbox_images, sandbox_seed)
        check_archive(target)
        return "drawn by this program"
    if target.exists():
        check_archive(target)
        if not kept.exists():
            link_archive(target, kept)
        return "found there"
    if kept.exists():
        check_archive(kept)
        origin = f"taken from {kept}"
    elif competition.source == "archive":
        raise InputError(
            f"competition: {competition.name} needs an archive that you have: put it at {kept}, or name it with "
            "`archive: <path>` in params.yaml."
        )
    else:
        _download(competition.name, kept, kaggle_timeout)
        origin = "downloaded from Kaggle"
    link_archive(kept, target)
    return origin


def _copy_archive(brought: Path, target: Path) -> str:
    if not brought.is_file():
        raise InputError(f"archive: {brought} is not a file: correct the path in params.yaml, or set it to null.")
    check_archive(brought)
    with replacing(target) as temporary:
        shutil.copyfile(brought, temporary)
    return f"copied from {brought}"


def _download(competition: str, kept: Path, kaggle_timeout: float) -> None:
    """Download the archive and check it, unless another copy of the repository has just done so."""
    folder = kept.with_suffix(".download")
    with hold_lock(f"{competition}.download-lock", kept.parent, wait=True):
        if not kept.exists():
            download_from_kaggle(competition, folder, kaggle_timeout).replace(kept)
            shutil.rmtree(folder)
