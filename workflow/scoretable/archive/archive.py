"""A competition's archive, read in place and from several threads; archives inside it count as folders."""

import io
import posixpath
import struct
import tempfile
import threading
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from scoretable.archive.conversion import convert_to_zip
from scoretable.archive.inner import LEVELS, folder_of, inner_archive, left_packed
from scoretable.archive.limits import (
    MOST_INNER,
    MOST_READ,
    ArchiveFile,
    Tally,
    full_disk_refused,
    most_members,
    refuse_gap,
    refuse_members,
    refuse_size,
)
from scoretable.archive.member_names import raw_name, read_name
from scoretable.workspace.errors import InputError

_CHUNK = 1 << 20  # bytes held in memory while a member is checked or unpacked
# What zipfile and its decompressor raise on damaged bytes.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, struct.error)


@dataclass(frozen=True)
class _Volume:
    """One zip file, whose members are below `folder`; `title` is what messages call it."""

    path: Path
    folder: str
    title: str


class _Entry(NamedTuple):
    volume: _Volume
    info: zipfile.ZipInfo
    name: str


class Archive:
    """Members of a zip archive by name; made by `open_archive`.

    An inner archive `a/train.zip` counts as the folder `a/train`, whether or not its own members begin with
    `train/`; `train.csv.zip`, which holds `train.csv`, counts as that file; `train.zip.001` and the parts after it
    count as `train.zip`; 7z and tar archives count as zips. Inner archives are unpacked when they are first needed:
    by `names`, or by `read` of a name that the outer archive does not have. So are archives inside of inner archives,
    down to `LEVELS`; those below are plain members.
    """

    def __init__(self, path: Path, scratch: Path) -> None:
        self._scratch, self._path = scratch, path
        self._encoding: str | None = None
        self._open()

    def _open(self) -> None:
        self._unmarked: dict[str, tuple[bytes, str]] = {}
        # Shared by the threads: only their reading of raw bytes takes turns, and the directory is in memory once.
        self._handles: dict[_Volume, zipfile.ZipFile] = {}
        self._opened: list[ArchiveFile] = []
        self._opening = threading.Lock()
        self._lock = threading.Lock()
        self._resolved: dict[str, _Entry] | None = None
        zipped = self._as_zip(self._path, self._scratch / "whole.zip", str(self._path))
        self._tally, self._most = Tally(self._path), most_members(zipped)
        self._outer = _Volume(zipped, "", str(self._path))
        self._members = _by_name(self._list(self._outer), self._path)

    @property
    def names(self) -> list[str]:
        """Names of all members, inner archives resolved, in the archive's order."""
        return list(self._resolve())

    @property
    def unmarked(self) -> dict[str, tuple[bytes, str]]:
        """Names of members that do not say their encoding: their bytes, and the encoding that they were read in."""
        names = self._resolve()
        return {name: found for name, found in self._unmarked.items() if name in names}

    def read_names_in(self, encoding: str | None) -> None:
        """Read names that do not say their encoding and are not UTF-8 in `encoding`; None: in cp437."""
        if encoding == self._encoding:
            return
        self._encoding = encoding
        if self._unmarked:
            self.close()
            self._open()

    def read(self, name: str, most: int = MOST_READ) -> bytes:
        """Return the content of a member; safe to call from several threads.

        Raises KeyError for a name that is not in `names`, InputError for a damaged member and for one of more than
        `most` bytes.
        """
        entry = self._members.get(name)
        if entry is None or inner_archive(name):
            entry = self._resolve()[name]
        refuse_size(entry.info, entry.volume.title, most)
        content = io.BytesIO()  # which hands out its bytes without a copy
        for chunk in self._chunks(entry):
            content.write(chunk)
        return content.getvalue()

    def check(self) -> None:
        """Read all members, so that their CRCs are compared; raise InputError for one that is damaged."""
        inner = [entry for entry in self._resolve().values() if entry.volume != self._outer]
        entries = [*self._members.values(), *inner]
        size = sum(entry.info.file_size for entry in entries)
        with tqdm(total=size, desc="check", unit="B", unit_scale=True, dynamic_ncols=True) as bar:
            for entry in entries:
                for chunk in self._chunks(entry):
                    bar.update(len(chunk))

    def close(self) -> None:
        """Close the handles of all threads."""
        for opened in self._opened:
            opened.close()

    def _resolve(self) -> dict[str, _Entry]:
        with self._lock:
            if self._resolved is None:
                members = self._members
                for _ in range(LEVELS):
                    members = _by_name(list(self._open_inner(members)), self._path)
                self._resolved = members
            return self._resolved

    def _open_inner(self, members: dict[str, _Entry]) -> Iterator[_Entry]:
        """Yield `members` with what is in the archives among them in place of these."""
        archives = {name: inner_archive(name) for name in members}
        left = left_packed(archives)
        inner: defaultdict[str, list[_Entry]] = defaultdict(list)
        for name, archive in archives.items():
            if archive and archive not in left:
                inner[archive].append(members[name])
        count = len(self._opened) - 1 + len(inner)  # those of the levels above are open, and so is the outer one
        if count > MOST_INNER:
            raise InputError(f"{self._path} contains {count} archives, more than {MOST_INNER}: unpack them.")
        for name, entry in members.items():
            if archives[name] not in inner:
                yield entry
            elif entry is inner[archives[name]][0]:
                yield from self._list(self._unpack(archives[name], inner[archives[name]]))

    def _list(self, volume: _Volume) -> list[_Entry]:
        infos = self._handle(volume).infolist()
        self._tally.add(infos)
        refuse_members(infos, volume.title)
        return [_Entry(volume, info, self._member_name(volume, info)) for info in infos if not info.is_dir()]

    def _member_name(self, volume: _Volume, info: zipfile.ZipInfo) -> str:
        raw = raw_name(info)
        filename, encoding = read_name(raw, self._encoding) if raw else (info.filename, "")
        name = posixpath.normpath(filename.replace("\\", "/"))
        if volume.folder:
            base = posixpath.basename(volume.folder)
            name = volume.folder if name == base else f"{volume.folder}/{name.removeprefix(base + '/')}"
        if raw:
            self._unmarked[name] = raw, encoding
        return name

    def _unpack(self, name: str, parts: list[_Entry]) -> _Volume:
        title = f"{self._outer.title}: {name}"
        parts = sorted(parts, key=lambda part: (len(part.name), part.name))
        refuse_gap([part.name.removeprefix(f"{name}.") for part in parts if part.name != name], len(parts), title)
        target = self._scratch / f"{len(self._opened)}.zip"
        size = sum(part.info.file_size for part in parts)
        what = f"{name} of {self._outer.title}, which takes {size / 1e9:.3f} GB"
        with full_disk_refused(self._scratch.parent, what), target.open("wb") as file:
            for chunk in chain.from_iterable(map(self._chunks, parts)):
                file.write(chunk)
        return _Volume(self._as_zip(target, target.with_suffix(".converted.zip"), title), folder_of(name), title)

    def _as_zip(self, path: Path, target: Path, title: str) -> Path:
        """Return `path` itself, or the zip that it was converted to; an inner archive is then gone."""
        with full_disk_refused(self._scratch.parent, f"what is in {title}"):
            converted = convert_to_zip(path, target, title, Tally(self._path))
        if converted and path != self._path:
            path.unlink()
        return target if converted else path

    def _chunks(self, entry: _Entry) -> Iterator[bytes]:
        handle = self._handle(entry.volume)
        try:
            with handle.open(entry.info) as member:
                yield from iter(partial(member.read, _CHUNK), b"")
        except _DAMAGE as error:
            raise InputError(
                f"{entry.volume.title}: member {entry.info.filename} is damaged ({_reason(error)}): "
                "get the archive again."
            ) from None

    def _handle(self, volume: _Volume) -> zipfile.ZipFile:
        with self._opening:
            if volume not in self._handles:
                file = ArchiveFile(volume.path, volume.title, self._most)
                self._opened.append(file)
                self._handles[volume] = _open_zip(file, volume)
            return self._handles[volume]


@contextmanager
def open_archive(path: Path, scratch: Path) -> Iterator[Archive]:
    """Yield the zip, 7z or tar archive at `path` for reading.

    Inner archives, and one that is no zip, are unpacked into a folder below `scratch` for the time of the block; all
    else is read in place. Raises InputError for a file that is no such archive, is cut short, or has a member that is
    encrypted, a link, outside the archive's folder, listed twice, or made of another's bytes; and for one that has too
    many members or inflates to many times its size (`limits`).
    """
    if not path.is_file():
        raise InputError(f"{path} is missing: give the path of the competition's archive, or download it.")
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        archive = Archive(path, Path(folder))
        try:
            yield archive
        finally:
            archive.close()


def check_archive(path: Path) -> None:
    """Compare the CRC of every member, those of inner archives included, in flat memory with one bar on stderr.

    Raises InputError for a damaged member and for all that `open_archive` refuses.
    """
    with open_archive(path, Path(tempfile.gettempdir())) as archive:
        archive.check()


def _open_zip(file: ArchiveFile, volume: _Volume) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _DAMAGE as error:
        file.seek(0)
        begins_like_zip = file.read(4) == b"PK\x03\x04"
        problem = "is cut short or damaged" if begins_like_zip else "is not a zip, 7z or tar archive"
        raise InputError(f"{volume.title} {problem} ({_reason(error)}): get it again.") from None


def _by_name(entries: list[_Entry], path: Path) -> dict[str, _Entry]:
    """Return entries by name; the same file in two archives, as of a folder that lies beside its zip, counts once."""
    found: dict[str, _Entry] = {}
    for entry in entries:
        first = found.setdefault(entry.name, entry)
        if first is not entry and (first.volume == entry.volume or _content(first) != _content(entry)):
            count = sum(other.name == entry.name for other in entries)
            raise InputError(f"{path} has {count} members named {entry.name}: pack the archive again with only one.")
    return found


def _content(entry: _Entry) -> tuple[int, int]:
    return entry.info.CRC, entry.info.file_size


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
