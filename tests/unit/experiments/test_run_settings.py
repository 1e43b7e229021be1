"""A run works from what params.yaml and session.yaml said at its start, and an edit is the next row's."""

from pathlib import Path

import psutil
import pytest
from scoretable.experiments import run_settings
from scoretable.experiments.run_settings import EDITED, begin_settings, put_settings_back, settings_in_place

PARAMS = Path("params.yaml")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run works from that began with seed 1."""
    monkeypatch.chdir(tmp_path)
    PARAMS.write_text("seed: 1\n")
    Path("session.yaml").write_text("train_on: here\n")
    return begin_settings(dvc_stage=False)


def test_an_edit_does_not_reach_the_copy_that_a_run_works_from(copy: Path) -> None:
    PARAMS.write_text("seed: 2\n")
    assert copy.read_text() == "seed: 1\n"
    assert copy.with_name("session.yaml").read_text() == "train_on: here\n"


def test_the_next_run_works_from_the_edit(copy: Path) -> None:
    PARAMS.write_text("seed: 2\n")
    assert begin_settings(dvc_stage=False).read_text() == "seed: 2\n"


def test_a_row_is_saved_with_the_settings_of_its_run_and_the_edit_is_there_afterwards(copy: Path) -> None:
    PARAMS.write_text("seed: 2\n")
    with settings_in_place():
        assert PARAMS.read_text() == "seed: 1\n"
    assert PARAMS.read_text() == "seed: 2\n"
    assert not (EDITED / PARAMS).exists()


def test_an_edit_comes_back_where_saving_the_row_fails(copy: Path) -> None:
    PARAMS.write_text("seed: 2\n")
    with pytest.raises(OSError), settings_in_place():
        raise OSError
    assert PARAMS.read_text() == "seed: 2\n"


def test_an_edit_that_is_made_while_the_row_is_saved_stays(copy: Path) -> None:
    PARAMS.write_text("seed: 2\n")
    with settings_in_place():
        PARAMS.write_text("seed: 3\n")
    assert PARAMS.read_text() == "seed: 3\n"


def test_an_edit_during_a_stage_of_dvcs_is_kept_by_and_the_command_that_is_told_brings_it_back(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    PARAMS.write_text("seed: 2\n")
    put_settings_back()
    assert PARAMS.read_text() == "seed: 1\n"
    told = capsys.readouterr().out.split("`")[1]
    source, target = told.removeprefix("mv ").split()
    Path(source).rename(target)
    assert PARAMS.read_text() == "seed: 2\n"


def test_without_an_edit_nothing_is_told(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_settings_back()
    assert capsys.readouterr().out == ""


def test_an_edit_that_was_never_fetched_is_pointed_to(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    PARAMS.write_text("seed: 2\n")
    put_settings_back()
    begin_settings(dvc_stage=False)
    assert f"an edit of params.yaml from an earlier run is still in {EDITED / PARAMS}" in capsys.readouterr().out


def test_the_stages_of_one_dvc_work_from_the_same_settings_and_another_dvc_from_its_own(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_settings, "_find_dvc", lambda: {"pid": 1, "identity": 1})
    begin_settings(dvc_stage=True)
    PARAMS.write_text("seed: 2\n")
    assert begin_settings(dvc_stage=True).read_text() == "seed: 1\n"
    assert PARAMS.read_text() == "seed: 1\n"
    PARAMS.write_text("seed: 2\n")
    monkeypatch.setattr(run_settings, "_find_dvc", lambda: {"pid": 1, "identity": 2})
    assert begin_settings(dvc_stage=True).read_text() == "seed: 2\n"


def test_a_dvc_is_still_the_same_one_after_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_settings._find_dvc()
    monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)
    monkeypatch.setattr(psutil._psplatform, "boot_time", lambda: 0.0)  # what the start of a process is counted from
    assert before is not None
    assert run_settings._find_dvc() == before
