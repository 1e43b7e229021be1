"""What a killed `dvc` left behind stops nobody."""

from pathlib import Path

import pytest
from dvc.lock import make_lock
from scoretable.experiments.dvc_lock import REFS, RWLOCK, mend_locks_of_dvc


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    RWLOCK.parent.mkdir(parents=True)


@pytest.mark.parametrize("text", ["", '{"/x": {"wr'])
def test_a_file_that_is_cut_off_is_removed_and_that_is_said(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    RWLOCK.write_text(text)
    mend_locks_of_dvc()
    assert not RWLOCK.exists()
    assert f"{RWLOCK} was cut off" in capsys.readouterr().err


def test_a_whole_file_stays(capsys: pytest.CaptureFixture[str]) -> None:
    RWLOCK.write_text("{}")
    mend_locks_of_dvc()
    assert (RWLOCK.read_text(), capsys.readouterr().err) == ("{}", "")


def test_a_file_that_dvc_is_writing_now_stays() -> None:
    RWLOCK.write_text("")
    with make_lock(str(RWLOCK.with_suffix(".lock")), tmp_dir=str(RWLOCK.parent)):
        mend_locks_of_dvc()
    assert RWLOCK.exists()


def test_a_folder_without_dvc_needs_nothing(tmp_path: Path) -> None:
    mend_locks_of_dvc(tmp_path / "elsewhere")


@pytest.mark.parametrize("name", ["stash.lock", "0f/5a6ad50df739af361d2a3054fb5b4fb4d61d9a/row.lock"])
def test_a_lock_in_git_that_no_process_holds_is_removed_and_that_is_said(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (REFS / name).parent.mkdir(parents=True)
    (REFS / name).touch()
    mend_locks_of_dvc()
    assert not (REFS / name).exists()
    assert f"{REFS / name} was left behind" in capsys.readouterr().err


def test_a_lock_in_git_that_a_process_holds_stays_and_so_does_a_ref() -> None:
    REFS.mkdir(parents=True)
    (REFS / "stash").touch()
    with (REFS / "stash.lock").open("w"):
        mend_locks_of_dvc()
    assert sorted(path.name for path in REFS.iterdir()) == ["stash", "stash.lock"]
