"""What would stop a run in its middle is told or mended before."""

import os
import time
from pathlib import Path

import pytest
from scoretable.experiments.preflight import (
    bring_back_from_the_future,
    refuse_links_out_of,
    refuse_lost_clock,
    refuse_read_only,
    settings_dvc_cannot_copy,
)
from scoretable.workspace.errors import InputError


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_read_only([tmp_path / "models/plots/a.png"])
    monkeypatch.setattr(os, "access", lambda *arguments: False)  # root may write everywhere
    with pytest.raises(InputError, match=r"where .*a\.png belongs, cannot be written"):
        refuse_read_only([tmp_path / "models/plots/a.png"])


def test_a_clock_before_1980_is_refused_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_lost_clock()
    monkeypatch.setattr(time, "strftime", lambda form: "1970-01-01")
    with pytest.raises(InputError, match=r"says 1970-01-01.*set it"):
        refuse_lost_clock()


def test_a_time_that_is_still_to_come_becomes_the_time_of_now_and_others_stay(tmp_path: Path) -> None:
    times = {"1980": 315532800, "2100": 4102444800}
    for name, seconds in times.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (seconds, seconds))
    bring_back_from_the_future([*(tmp_path / name for name in times), tmp_path / "missing"])
    assert (tmp_path / "1980").stat().st_mtime == times["1980"]
    assert (tmp_path / "2100").stat().st_mtime <= time.time()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a clone of a repository of DVC's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".git").mkdir()
    return tmp_path


def test_a_folder_that_is_a_link_is_refused_with_the_way_to_another_disk(clone: Path) -> None:
    (clone / "disk").mkdir()
    (clone / "data").symlink_to("disk")
    with pytest.raises(InputError, match=r"data is a link.*dvc cache dir --local") as refused:
        refuse_links_out_of(Path(), [Path("models/model.keras"), Path("data/raw/sandbox.zip")])
    assert len(str(refused.value)) <= 300


def test_a_file_that_is_a_link_into_the_cache_is_none_of_a_folder(clone: Path) -> None:
    (clone / "models").mkdir()
    (clone / "models/model.keras").symlink_to("/cache/ab/cdef")
    refuse_links_out_of(Path(), [Path("models/model.keras")])


def test_without_dvc_a_folder_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").symlink_to(tmp_path)
    refuse_links_out_of(Path(), [Path("data/raw/sandbox.zip")])


def test_a_path_in_korean_hinders_dvcs_copies_until_the_cache_has_one_in_ascii(clone: Path) -> None:
    korean = clone / "대회"
    (korean / ".dvc").mkdir(parents=True)
    (told,) = settings_dvc_cannot_copy(korean)
    assert "(" + str(korean / ".dvc/cache") + ") has letters beyond ASCII" in told
    other = clone / "elsewhere"
    (other / ".dvc").mkdir(parents=True)
    (other / ".dvc/config.local").write_text("[cache]\ndir = /an/ascii/path\n")
    assert list(settings_dvc_cannot_copy(other)) == []


def test_a_name_in_korean_in_gits_own_settings_hinders_dvcs_copies(clone: Path) -> None:
    (clone / ".git/config").write_text("[user]\n\tname = 김철수\n", encoding="utf-8")
    (told,) = settings_dvc_cannot_copy(clone)
    assert ".git/config has letters beyond ASCII (name = 김철수)" in told
