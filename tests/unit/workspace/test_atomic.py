"""Files are whole or not there."""

import os
import subprocess
from pathlib import Path

import pytest
from scoretable.workspace.atomic import replacing, replacing_folder


def test_a_finished_block_replaces_the_file(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


def test_the_content_is_on_the_disk_before_it_takes_the_place_of_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, flushed = tmp_path / "a.csv", []
    target.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append((os.fstat(file).st_ino, target.read_text())))
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert flushed == [(target.stat().st_ino, "old")]


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError), replacing(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_hard_link_to_the_old_content_keeps_it(tmp_path: Path) -> None:
    target, cached = tmp_path / "a.csv", tmp_path / "cached"
    target.write_text("old")
    cached.hardlink_to(target)
    with replacing(target) as temporary:
        temporary.write_text("new")
    assert cached.read_text() == "old"


def test_a_failed_block_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "plots"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(RuntimeError), replacing_folder(target) as temporary:
        (temporary / "half").touch()
        raise RuntimeError
    assert [path.name for path in tmp_path.rglob("*")] == ["plots", "old"]


def test_a_finished_block_replaces_the_whole_folder(tmp_path: Path) -> None:
    target = tmp_path / "plots"
    target.mkdir()
    (target / "old").touch()
    with replacing_folder(target) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in target.iterdir()] == ["new"]


def test_what_a_killed_process_left_half_written_goes_away(tmp_path: Path) -> None:
    killed = subprocess.Popen(["true"])
    killed.wait()
    (tmp_path / f".a.{killed.pid}.partial.csv").write_text("half")
    (tmp_path / f".plots.{killed.pid}.partial").mkdir()
    other = tmp_path / f".plots.lineage.{killed.pid}.partial"  # of another target
    other.mkdir()
    with replacing(tmp_path / "a.csv") as temporary:
        temporary.write_text("new")
    with replacing_folder(tmp_path / "plots"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [other.name, "a.csv", "plots"]


def test_what_a_living_process_writes_beside_this_one_stays(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    theirs = tmp_path / f".a.{os.getppid()}.partial.csv"
    theirs.touch()
    with replacing(target) as temporary:
        temporary.touch()
    assert theirs.exists()
