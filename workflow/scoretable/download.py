"""The competition's archive: drawn here, brought by the user, or downloaded from Kaggle; checked in any case."""

import shutil
from pathlib import Path

from scoretable.archive import check_archive
from scoretable.atomic import replacing
from scoretable.competition import Competition
from scoretable.errors import InputError
from scoretable.kaggle_download import download_from_kaggle
from scoretable.lock import hold_lock
from scoretable.main_repository import main_repository
from scoretable.sandbox import draw_competition


def obtain_archive(
    competition: Competition,
    target: Path,
    brought: Path | None,
    answers: Path,
    sandbox_images: int,
    sandbox_seed: int,
    kaggle_timeout: float = 60.0,
) -> str:
    """Make `target` the whole, checked archive of the competition, and return where it came from.

    An archive that is there is taken, never fetched again; `brought` names one elsewhere, which is copied. The
    sandbox's true test labels go to `answers`. Raises InputError when there is no archive or it is damaged.
    """
    if brought is not None:
        return _copy_archive(brought, target)
    if competition.source == "sandbox":
        draw_competition(target, answers, sandbox_images, sandbox_seed)
        check_archive(target)
        return "drawn by this program"
    if target.exists():
        check_archive(target)
        return "found there"
    if competition.source == "archive":
        raise InputError(
            f"competition: {competition.name} needs an archive that you have: put it at {target}, or name it with "
            "`archive: <path>` in params.yaml."
        )
    _download(competition.name, target, kaggle_timeout)
    return "downloaded from Kaggle"


def _copy_archive(brought: Path, target: Path) -> str:
    if not brought.is_file():
        raise InputError(f"archive: {brought} is not a file: correct the path in params.yaml, or set it to null.")
    check_archive(brought)
    with replacing(target) as temporary:
        shutil.copyfile(brought, temporary)
    return f"copied from {brought}"


def _download(competition: str, target: Path, kaggle_timeout: float) -> None:
    # In the main repository, so that a download that broke off in DVC's temporary copy goes on in the next one.
    folder = main_repository(Path.cwd()) / "data" / "raw" / f"{competition}.download"
    with hold_lock("lock", folder):
        whole = download_from_kaggle(competition, folder, kaggle_timeout)
        with replacing(target) as temporary:
            shutil.move(whole, temporary)
    shutil.rmtree(folder)
