"""7z and tar archives as zips, which can be read in any order and from several threads."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from scoretable.archive.limits import Tally, refuse_members
from scoretable.workspace.errors import InputError

_CHUNK = 1 << 20  # bytes held in memory while a member is unpacked
_MOST_HEADER = 1 << 20  # bytes before a member of a tar: its long name, and what else pax says of it
_SEVEN_ZIP, _GZIP, _BZIP2, _XZ = b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"
_TAR_PLACE, _TAR = 257, b"ustar"  # POSIX.1-1988; GNU's and pax archives have it too


def convert_to_zip(path: Path, target: Path, title: str, tally: Tally) -> bool:
    """Write the 7z or tar archive at `path` as a zip of stored members, and return whether it is one of the two.

    Members keep their names and lose their dates. `title`: what messages call the archive. Raises InputError for
    an archive that is damaged or encrypted, for a member that is no plain file or that `refuse_members` refuses,
    and for more members or bytes than `tally` takes. A full disk raises OSError.
    """
    with path.open("rb") as file:
        start = file.read(_TAR_PLACE + len(_TAR))
    if not _is_known(start):
        return False
    unpack = _unpack_7z if start.startswith(_SEVEN_ZIP) else partial(_unpack_tar, _opener(start))
    with zipfile.ZipFile(target, "w") as zipped:
        unpack(path, zipped, title, tally)
    return True


def _is_known(start: bytes) -> bool:
    return start.startswith((_SEVEN_ZIP, _GZIP, _BZIP2, _XZ)) or start[_TAR_PLACE:] == _TAR


def _opener(start: bytes) -> Any:
    openers = {_GZIP: gzip.open, _BZIP2: bz2.open, _XZ: lzma.open}
    return next((opener for magic, opener in openers.items() if start.startswith(magic)), open)


def _unpack_tar(opener: Any, path: Path, zipped: zipfile.ZipFile, title: str, tally: Tally) -> None:
    with _damage_refused(title), opener(path, "rb") as stream:
        headers = _Headers(stream)
        with tarfile.open(fileobj=headers, mode="r:") as tar:  # type: ignore[call-overload]
            while True:
                headers.left = _MOST_HEADER
                member = tar.next()
                if member is None:
                    break
                tar.members.clear()  # which tarfile keeps for going back
                if member.isdir():
                    continue
                _refuse_kind(member.isfile() and not member.issparse(), member.name, title)
                info = _describe(member.name, member.size, title, tally)
                headers.left = member.size + tarfile.RECORDSIZE
                content = tar.extractfile(member)
                with zipped.open(info, "w") as file:
                    for chunk in iter(partial(content.read, _CHUNK), b"") if content else ():
                        file.write(chunk)
        rest = stream.read(_MOST_HEADER)  # at its end the checksum of gzip, bzip2 or xz is compared
        if headers.last != bytes(tarfile.BLOCKSIZE) or len(rest) == _MOST_HEADER or rest.strip(b"\0"):
            raise tarfile.ReadError("it does not end like a tar archive")


class _Headers:
    """What tarfile reads of a stream, which may be `left` bytes until the next member; `last` is what it read last.

    tarfile reads a header in one call, however long the header before it says that it is.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.left, self.last = _MOST_HEADER, b""
        self._stream = stream
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        """Read as any file does; raise tarfile.ReadError beyond the limit."""
        self.left -= size
        if size < 0 or self.left < 0:
            raise tarfile.ReadError("a header is too long")
        self.last = self._stream.read(size)
        return self.last


def _unpack_7z(path: Path, zipped: zipfile.ZipFile, title: str, tally: Tally) -> None:
    import py7zr

    infos: dict[str, zipfile.ZipInfo] = {}
    # An open file, and not its path, keeps py7zr to one thread and to the archive's order.
    with _damage_refused(title), path.open("rb") as file, _password_refused(title), py7zr.SevenZipFile(file) as archive:
        for member in archive.files:
            if not member.is_directory:
                _refuse_kind(member.is_file, member.filename, title)
                info = _describe(member.filename, member.uncompressed, title, tally)
                if infos.setdefault(info.filename, info) is not info:
                    raise InputError(f"{title} has 2 members named {info.filename}: pack the archive again.")
        with closing(_Members(zipped, infos)) as members:
            archive.extractall(factory=members)  # type: ignore[arg-type] # py7zr is imported later


class _Members:
    """Where py7zr writes what it unpacks, one member after the other: its `WriterFactory`."""

    def __init__(self, zipped: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> None:
        self._zipped, self._infos = zipped, infos
        self._last: IO[bytes] | None = None

    def create(self, filename: str) -> Any:
        """Return the file of a member, which py7zr writes to and closes."""
        self._last = self._zipped.open(self._infos[filename], "w")
        return self._last

    def close(self) -> None:
        """Close the last file, which py7zr leaves open where a member is damaged."""
        if self._last:
            self._last.close()


def _describe(name: str, size: int, title: str, tally: Tally) -> zipfile.ZipInfo:
    """Return the member as the zip has it, if it may be unpacked."""
    info = zipfile.ZipInfo(Path(name).as_posix())
    info.file_size, info.header_offset = size, 0
    refuse_members([info], title)
    tally.add([info])
    return info


def _refuse_kind(plain: bool, name: str, title: str) -> None:
    if not plain:
        raise InputError(
            f"{title}: member {name} is a link, a device or another special file: pack the archive again without it."
        )


@contextmanager
def _password_refused(title: str) -> Iterator[None]:
    from py7zr.exceptions import PasswordRequired

    try:
        yield
    except PasswordRequired:
        raise InputError(f"{title} is encrypted: pack the archive again without a password.") from None


@contextmanager
def _damage_refused(title: str) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # tarfile, py7zr and their decompressors raise whatever damaged bytes lead to
        if isinstance(error, OSError) and error.errno is not None:  # of the disk, and not of the archive
            raise
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise InputError(f"{title} is cut short or damaged ({reason}): get it again.") from None
