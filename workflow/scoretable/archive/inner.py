"""Which members of an archive are archives themselves, and the folders that they count as."""

import posixpath
import re
from collections.abc import Iterable

LEVELS = 3  # of archives inside archives that are opened
KINDS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".7z")
_PART = re.compile(r"(?P<whole>.+\.(?:zip|7z))\.(?P<number>[0-9]{3,4})", re.IGNORECASE)


def inner_archive(name: str) -> str:
    """Return the name of the inner archive that a member is, or is a part of, or ''."""
    if posixpath.basename(name).startswith("._"):  # what macOS packs beside each file: its attributes
        return ""
    if name.lower().endswith(KINDS):
        return name
    part = _PART.fullmatch(name) if name[-1:].isdigit() else None
    return part["whole"] if part else ""


def folder_of(archive: str) -> str:
    """Return the folder that an inner archive counts as: its name without the suffix."""
    return next(archive[: -len(kind)] for kind in KINDS if archive.lower().endswith(kind))


def left_packed(archives: dict[str, str]) -> set[str]:
    """Return the inner archives that stay as they are: a 7z or tar of what is there as a zip or unpacked too.

    `archives`: the `inner_archive` of each member by its name. Some competitions of Kaggle hand out `train.zip` beside
    `train.7z`.
    """
    others = [archive for archive in dict.fromkeys(archives.values()) if archive and not is_zip(archive)]
    if not others:
        return set()
    folders = {folder_of(archive) for archive in archives.values() if is_zip(archive)}
    plain = [name for name, archive in archives.items() if not archive]
    left = set()
    for archive in sorted(others, key=lambda archive: (archive.lower().endswith(".7z"), archive)):
        folder = folder_of(archive)
        if folder in folders or any(name == folder or name.startswith(f"{folder}/") for name in plain):
            left.add(archive)
        folders.add(folder)
    return left


def not_opened(names: Iterable[str]) -> list[str]:
    """Return the archives among the resolved `names`, but those that hold only what is there in another form too."""
    archives = {name: inner_archive(name) for name in names}
    left = left_packed(archives)
    return [archive for archive in dict.fromkeys(archives.values()) if archive and archive not in left]


def is_zip(archive: str) -> bool:
    """Whether an archive is a zip by its name."""
    return archive.lower().endswith(".zip")
