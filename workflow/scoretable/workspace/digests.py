"""Checksums of files: MD5 as DVC names them, and SHA-256, computed once for as long as nothing can have changed.

As git's index does: a file with the same inode, size and times as before counts as unchanged. The time of the last
write can be set back (`touch -r`), that of the last change to the inode cannot. The times must lie in the past by more
than a clock's tick, or a later write in the same tick would go unseen. Past is what the file system calls so, which
dates the files: a clock of this machine may have jumped, or be another one.
"""

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scoretable.workspace.atomic import read_json, write_json

INDEX = Path(".snakemake/scoretable-sha256.json")
TICK = 2_000_000_000  # nanoseconds; FAT's, the longest of a file system in use


def file_digests(paths: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each file that exists, 64 hexadecimal digits."""
    known, found = read_json(INDEX) or {}, {}
    marks = {path: _mark(path) for path in paths if path.is_file()}
    fresh = [path for path, mark in marks.items() if known.get(str(path), [None])[:-1] != mark]
    now = _time_of_the_disk() if fresh else 0
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(fresh, pool.map(file_digest, fresh), strict=True))
    if found:
        settled = {path for path in fresh if now - max(marks[path][-2:]) > TICK}
        known = {path: entry for path, entry in known.items() if Path(path) not in found}
        _write_index(known | {str(path): [*marks[path], found[path]] for path in settled})
    return {path: found.get(path) or known[str(path)][-1] for path in marks}


def _mark(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _time_of_the_disk() -> int:
    """Nanoseconds by the clock of the file system; 0 where it cannot be written, so that nothing counts as settled."""
    try:
        INDEX.parent.mkdir(parents=True, exist_ok=True)
        INDEX.touch()
        return INDEX.stat().st_mtime_ns
    except OSError:
        return 0


def _write_index(content: dict[str, list]) -> None:
    try:
        write_json(INDEX, content)
    except OSError:  # on a read-only disk the next run computes them again
        return


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_md5(path: Path) -> str | None:
    """Return the MD5 of a file as DVC writes it, None where there is no file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
