"""The archive that you brought or Kaggle sent, where DVC cannot delete it.

Before `dvc exp run` runs a stage it removes outputs that it has never saved, so the only copy of an archive
must not be one; and it works in temporary copies of the repository, which all find the archive in the main one.
"""

import os
import shutil
from pathlib import Path

from scoretable.archive.inner import KINDS
from scoretable.workspace.atomic import replacing
from scoretable.workspace.main_repository import main_repository


def kept_archive(competition: str) -> Path:
    """Path of the competition's archive outside DVC's outputs, for all copies of the repository.

    It is a zip unless there is only an archive of another kind.
    """
    folder = main_repository(Path.cwd()) / "data" / "archives"
    places = [folder / f"{competition}{kind}" for kind in KINDS]
    return next((place for place in places if place.exists()), places[0])


def named_archive(path: str | None) -> Path | None:
    """Return the archive that the param `archive` names, if any; a relative path starts in the main repository."""
    return main_repository(Path.cwd()) / Path(path).expanduser() if path else None


def link_archive(source: Path, target: Path) -> None:
    """Make `target` the file `source`: a hard link, which takes no room, or else a copy. An earlier target goes."""
    with replacing(target) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            os.link(source.resolve(), temporary)
        except OSError:  # another disk, or a file system without links
            shutil.copyfile(source, temporary)
