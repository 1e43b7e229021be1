"""A file of locks that a killed `dvc` left cut off stops nobody."""

from pathlib import Path

import pytest
from dvc.lock import make_lock
from scoretable.experiments.dvc_lock import RWLOCK, mend_broken_rwlock


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    RWLOCK.parent.mkdir(parents=True)


@pytest.mark.parametrize("text", ["", '{"/x": {"wr'])
def test_a_file_that_is_cut_off_is_removed_and_that_is_said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    RWLOCK.write_text(text)
    mend_broken_rwlock()
    assert not RWLOCK.exists()
    assert f"{RWLOCK} was cut off" in capsys.readouterr().err


def test_a_whole_file_stays(capsys: pytest.CaptureFixture[str]) -> None:
    RWLOCK.write_text("{}")
    mend_broken_rwlock()
    assert (RWLOCK.read_text(), capsys.readouterr().err) == ("{}", "")


def test_a_file_that_dvc_is_writing_now_stays() -> None:
    RWLOCK.write_text("")
    with make_lock(str(RWLOCK.with_suffix(".lock")), tmp_dir=str(RWLOCK.parent)):
        mend_broken_rwlock()
    assert RWLOCK.exists()


def test_a_folder_without_dvc_needs_nothing(tmp_path: Path) -> None:
    mend_broken_rwlock(tmp_path / "elsewhere")
