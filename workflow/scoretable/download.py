"""The competition's archive: drawn here, brought by the user, or downloaded from Kaggle; checked in any case."""

import contextlib
import io
import shutil
from pathlib import Path
from typing import Any

from scoretable.archive import check_archive
from scoretable.atomic import replacing
from scoretable.competition import Competition
from scoretable.errors import InputError
from scoretable.sandbox import draw_competition

TOKEN_HELP = (
    "make a token at https://www.kaggle.com/settings (API, Create New Token), put the kaggle.json that you get into "
    "~/.kaggle/ and run the same command again"
)


def obtain_archive(
    competition: Competition, target: Path, brought: Path | None, answers: Path, sandbox_images: int, sandbox_seed: int
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
    with replacing(target) as temporary:
        download_from_kaggle(competition.name, temporary)
        check_archive(temporary)
    return "downloaded from Kaggle"


def _copy_archive(brought: Path, target: Path) -> str:
    if not brought.is_file():
        raise InputError(f"archive: {brought} is not a file: correct the path in params.yaml, or set it to null.")
    check_archive(brought)
    with replacing(target) as temporary:
        shutil.copyfile(brought, temporary)
    return f"copied from {brought}"


def download_from_kaggle(competition: str, target: Path) -> None:
    """Download all files of a competition as one zip with the kaggle client."""
    api = _authenticate()
    import requests

    folder = target.with_name(f"{target.stem}.download")
    try:
        api.competition_download_files(competition, path=str(folder), quiet=False)
        (folder / f"{competition}.zip").replace(target)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise InputError(_explain(status, competition)) from None
    except requests.RequestException as error:
        raise InputError(
            f"the download of {competition} broke off ({type(error).__name__}): check the connection and run the "
            "same command again."
        ) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _authenticate() -> Any:
    """Return the client; it is imported here, since importing it already reads credentials and may go online."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from kaggle.api.kaggle_api_extended import KaggleApi

            api = KaggleApi()
            api.authenticate()
    except SystemExit:
        raise InputError(f"there is no Kaggle token on this machine: {TOKEN_HELP}.") from None
    return api


def _explain(status: int, competition: str) -> str:
    rules = f"https://www.kaggle.com/competitions/{competition}/rules"
    reasons = {
        401: f"Kaggle does not know the token: {TOKEN_HELP}.",
        403: f"Kaggle refuses the download until you accept the competition's rules: open {rules} and accept them.",
        404: f"Kaggle has no competition named {competition}: check the file name in workflow/competitions/.",
        429: "Kaggle asks to slow down (429): wait some minutes and run the same command again.",
    }
    return reasons.get(status, f"Kaggle answered with status {status}: try again later.")
