"""A competition's archive from Kaggle, by the real client: resumed, checked, never half."""

import contextlib
import io
import shutil
from pathlib import Path

from scoretable.archive.archive import check_archive
from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.workspace.errors import InputError


def download_from_kaggle(competition: str, folder: Path, seconds: float) -> Path:
    """Download all files of a competition as one zip into `folder`, and return its path.

    It continues from what an earlier call left in the folder. `seconds`: the longest wait for a byte. Raises InputError
    where there is no token, no room, no competition, or the connection stays down; the part that is there stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{competition}.zip"
    with kaggle_client(competition, seconds) as client:
        _check_room(client, target)
        for last in (False, True):
            _fetch(client, target)
            try:
                check_archive(target)
            except InputError as error:
                # The client goes by size and date, so it would take a damaged file for a whole one for ever.
                target.unlink()
                if last:
                    raise InputError(f"Kaggle sent a damaged archive twice ({error}): try again later.") from None
            else:
                break
    return target


def _fetch(client: KaggleClient, target: Path) -> None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # keeps the bar, which goes to stderr
            client.call(client.api.competition_download_files, client.competition, path=str(target.parent), quiet=False)
    except ValueError:  # the client's word for a file of another length than announced
        target.unlink(missing_ok=True)
        raise InputError(
            f"Kaggle sent {client.competition} with a different length than it announced: run the same command again."
        ) from None
    if not target.exists():
        raise InputError(f"Kaggle did not send {client.competition} as a zip: download it by hand to {target.name}.")


def _check_room(client: KaggleClient, target: Path) -> None:
    from kagglesdk.competitions.types.competition_api_service import ApiListDataFilesRequest

    needed = sum(file.total_bytes for file in client.listed("list_data_files", ApiListDataFilesRequest, "files"))
    there = target.stat().st_size if target.exists() else 0
    free = shutil.disk_usage(target.parent).free
    if needed - there > free:
        raise InputError(
            f"{client.competition} needs {needed / 1e9:.2f} GB, but {target.parent} has {free / 1e9:.2f} GB free: "
            "free some space and run the same command again."
        )
