"""What an archive may hold: beyond it lies an attack, or a mistake that would take hours and gigabytes to show."""

import errno
import io
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

from scoretable.workspace.errors import InputError

# Bytes of memory that the members of an archive may take, and that each took of 600,000 until all labels were read.
MOST_MEMORY, MEMBER_MEMORY = 5_000_000_000, 1_500
# Members that any archive may have, and bytes that each has on average beyond that: photos have thousands, while a
# small file of empty members is only made to fill the memory.
FREE_MEMBERS, MEMBER_BYTES = 500_000, 512
# Bytes of a zip's directory: 46 per member (APPNOTE.TXT 4.3.12), and room for its name and extra fields.
DIRECTORY_BYTES = 256
# Each is unpacked, and an open file in each thread, of which Linux lets a process have 1,024.
MOST_INNER = 100
# Photos shrink by a few percent and tables to a twentieth; deflate can at most shrink to 1/1032, which bombs do.
MOST_INFLATION = 100
# Bytes that any archive may inflate to, which is 3 s of work; so a small one of plain drawings is not refused.
FREE_INFLATION = 1_000_000_000
# Bytes of a member that is read into memory: 4 for each of the 100 million pixels that `decoding` takes.
MOST_READ = 400_000_000
FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DIRECTORY_ENTRY, _LOCAL_HEADER = b"PK\x01\x02", 30  # APPNOTE.TXT 4.3.12; bytes of 4.3.7 without its name
_DRIVE = re.compile("[A-Za-z]:")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile bounds what it unpacks at once for these only


def most_members(path: Path) -> int:
    """Return how many members the archive at `path`, with those inside it, may have: what fits its size and memory."""
    return min(MOST_MEMORY // MEMBER_MEMORY, max(FREE_MEMBERS, path.stat().st_size // MEMBER_BYTES))


class ArchiveFile(io.BufferedReader):
    """A zip file that is refused before zipfile makes objects of more than `most` members.

    zipfile reads the directory in one call, and goes by its size and not by the number of members that it announces.
    """

    def __init__(self, path: Path, title: str, most: int) -> None:
        super().__init__(io.FileIO(path))
        self._title, self._most = title, most

    def read(self, size: int | None = -1, /) -> bytes:
        """Read as any file does; raise InputError for a directory that is too large."""
        longest = DIRECTORY_BYTES * self._most
        data = super().read(size) if size is None or size <= longest else b""
        count = data.count(_DIRECTORY_ENTRY) if len(data) > self._most * len(_DIRECTORY_ENTRY) else 0
        if count > self._most or (size is not None and size > longest):
            raise _too_many(self._title, self._most)
        return data


class Tally:
    """Counts members and bytes over an archive and those inside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._allowed = max(FREE_INFLATION, MOST_INFLATION * path.stat().st_size)
        self._most = most_members(path)
        self._members = self._bytes = 0

    def add(self, infos: Sequence[zipfile.ZipInfo]) -> None:
        """Raise InputError where all members so far are too many, or too large for the file that holds them."""
        self._members += len(infos)
        self._bytes += sum(info.file_size for info in infos)
        if self._members > self._most:
            raise _too_many(str(self._path), self._most)
        if self._bytes > self._allowed:
            raise InputError(
                f"{self._path} would unpack to {self._bytes / 1e9:.1f} GB, more than {MOST_INFLATION} times its "
                "size, which only an archive made to fill a disk does: get it again from a source you trust."
            )


def refuse_members(infos: Sequence[zipfile.ZipInfo], title: str) -> None:
    """Raise InputError where a member is not a plain file of the archive's own bytes inside its folder."""
    for info in infos:
        problem, how = _problem(info), "without it"
        if not problem and info.compress_type not in _METHODS:
            problem, how = "is packed with a method other than deflate", "with deflate"
        if problem:
            name = info.filename or "''"
            raise InputError(f"{title}: member {name} {problem}: pack the archive again {how}.")
    for one, two in pairwise(sorted(infos, key=lambda info: info.header_offset)):
        if one.header_offset + _LOCAL_HEADER + one.compress_size > two.header_offset:
            raise InputError(
                f"{title}: members {one.filename} and {two.filename} overlap, which no packing program does: "
                "get the archive again from a source you trust."
            )


def refuse_gap(numbers: Sequence[str], parts: int, title: str) -> None:
    """Raise InputError where a split archive lacks one of its parts, or is there as a whole too."""
    if numbers and [int(number) for number in numbers] != list(range(1, parts + 1)):
        there = ", ".join(numbers[:5])
        raise InputError(f"{title} is split, but its parts are {there} and not 001 and on: get the archive again.")


def refuse_size(info: zipfile.ZipInfo, title: str, most: int) -> None:
    """Raise InputError for a member of more than `most` bytes, which is to be read into memory."""
    if info.file_size > most:
        raise InputError(
            f"{title}: member {info.filename} takes {info.file_size / 1e6:,.0f} MB unpacked, but at most "
            f"{most / 1e6:,.0f} MB are read: pack the archive again with a smaller one."
        )


@contextmanager
def full_disk_refused(folder: Path, what: str) -> Iterator[None]:
    """Raise InputError where the block, which unpacks `what` into `folder`, finds the disk full."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL_DISK:
            raise
        raise InputError(f"the disk of {folder} has no room for {what}: free some space on it.") from None


def _problem(info: zipfile.ZipInfo) -> str:
    name = info.filename.replace("\\", "/")
    if not name:
        return "has no name"
    if name.startswith("/") or _DRIVE.match(name) or (".." in name and ".." in name.split("/")):
        return "points outside the archive's folder"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link"
    if info.flag_bits & 1:
        return "is encrypted"
    return ""


def _too_many(title: str, most: int) -> InputError:
    return InputError(
        f"{title} has more than {most:,} members, the most that a file of its size may have: pack it again without "
        "those you do not need."
    )
