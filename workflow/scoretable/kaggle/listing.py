"""What Kaggle tells of a competition without its archive: the list of its files, and its small tables."""

import contextlib
import io
import tempfile
import zipfile
from pathlib import Path

from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.manifest.members import IMAGE_SUFFIXES
from scoretable.workspace.errors import InputError

MOST_BYTES = 20_000_000  # of a table that is fetched
_TABLES = (".csv", ".tsv", ".json", ".csv.zip", ".tsv.zip")


def fetch_listing(competition: str, target: Path, seconds: float) -> None:
    """Write a zip archive to `target` that has all names of a competition's files, and the content of small tables.

    All other members are empty. Raises InputError where Kaggle cannot be asked, and where its list has no image,
    since the images lie in archives or tables that would have to be fetched whole.
    """
    from kagglesdk.competitions.types.competition_api_service import ApiListDataFilesRequest

    with kaggle_client(competition, seconds) as client:
        files = list(client.listed("list_data_files", ApiListDataFilesRequest, "files"))
        if not any(file.name.lower().endswith(IMAGE_SUFFIXES) for file in files):
            shown = ", ".join(file.name for file in files[:3])
            raise InputError(
                f"Kaggle's list of {competition} has no image ({shown}, for some): download its archive, which has."
            )
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                small = file.name.lower().endswith(_TABLES) and file.total_bytes <= MOST_BYTES
                if small or ".zip" not in file.name.lower():  # what is no table is there by its name only
                    archive.writestr(file.name, _fetch(client, file.name) if small else b"")


def _fetch(client: KaggleClient, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        download = client.api.competition_download_file
        with contextlib.suppress(ValueError):  # the client's word for a file of another length than announced
            client.call(download, client.competition, name, path=folder, force=True, quiet=True, unzip=True)
            files = [path for path in Path(folder).rglob("*") if path.is_file()]
            if len(files) == 1:
                return files[0].read_bytes()
    raise InputError(f"Kaggle did not send {name} of {client.competition} whole: run the same command again.")
