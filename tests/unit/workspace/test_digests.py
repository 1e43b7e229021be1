"""A file is read again exactly where it may have changed."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from scoretable.workspace import digests as digest_index
from scoretable.workspace.digests import INDEX, file_digests, file_md5

HOUR = 3_600_000_000_000


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that was written an hour ago, and left alone for longer than a tick of the disk's clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(digest_index, "TICK", 50_000_000)
    written = write(Path("model"), b"whole")
    time.sleep(0.1)
    return written


def write(path: Path, content: bytes, hours_ago: int = 1) -> Path:
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    changed = path.stat().st_mtime_ns - hours_ago * HOUR
    os.utime(path, ns=(changed, changed))
    return path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_that_stays_is_read_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert file_digests([file]) == {file: sha256(b"whole")}
    monkeypatch.setattr(digest_index, "file_digest", lambda path: pytest.fail("it was read again"))
    assert file_digests([file]) == {file: sha256(b"whole")}


@pytest.mark.parametrize(("content", "hours_ago"), [(b"whale", 2), (b"wholes", 1)])
def test_a_changed_file_is_read_again(file: Path, content: bytes, hours_ago: int) -> None:
    file_digests([file])
    write(file, content, hours_ago)
    assert file_digests([file]) == {file: sha256(content)}


def test_another_file_in_its_place_of_the_same_size_and_time_is_read_again(file: Path) -> None:
    file_digests([file])
    other = write(Path("other"), b"whale")
    os.utime(other, ns=(file.stat().st_mtime_ns, file.stat().st_mtime_ns))
    other.replace(file)
    assert file_digests([file]) == {file: sha256(b"whale")}


def test_a_file_that_was_written_to_and_given_its_old_time_is_read_again(file: Path) -> None:
    file_digests([file])
    written = file.stat().st_mtime_ns
    with file.open("r+b") as opened:
        opened.write(b"whale")
    os.utime(file, ns=(written, written))
    assert file_digests([file]) == {file: sha256(b"whale")}


def test_a_file_that_was_just_written_is_not_trusted_to_stay(file: Path) -> None:
    write(file, b"whole", hours_ago=0)
    file_digests([file])
    content, written = b"whale", file.stat().st_mtime_ns
    with file.open("r+b") as opened:
        opened.write(content)
    os.utime(file, ns=(written, written))  # in the same tick
    assert file_digests([file]) == {file: sha256(content)}


@pytest.mark.parametrize("hours", [-1, 1])
def test_nor_is_it_where_the_clock_of_this_machine_is_not_that_of_the_disk(
    file: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    shown = time.time_ns() + hours * HOUR
    monkeypatch.setattr(time, "time_ns", lambda: shown)
    test_a_file_that_was_just_written_is_not_trusted_to_stay(file)


def test_a_file_is_read_once_where_the_clock_of_this_machine_was_set_back(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = time.time_ns() - 2 * HOUR
    monkeypatch.setattr(time, "time_ns", lambda: shown)
    test_a_file_that_stays_is_read_once(file, monkeypatch)


def test_a_missing_file_has_no_digest_and_a_damaged_index_is_made_anew(file: Path) -> None:
    INDEX.parent.mkdir()
    INDEX.write_text("[")
    assert file_digests([file, Path("missing")]) == {file: sha256(b"whole")}
    assert file_digests([file]) == {file: sha256(b"whole")}


@pytest.mark.parametrize("size", [0, 1, 1 << 18, (1 << 18) + 1])
def test_the_md5_of_a_file_is_that_of_all_its_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    (tmp_path / "file").write_bytes(content)
    assert file_md5(tmp_path / "file") == hashlib.md5(content).hexdigest()


def test_what_is_not_there_has_no_md5(tmp_path: Path) -> None:
    assert file_md5(tmp_path / "file") is None
