"""Where an archive is found, in the repository and in a temporary copy of it."""

from pathlib import Path

import pytest
from scoretable.archive.kept import kept_archive, named_archive


@pytest.mark.parametrize("copy", [".", ".dvc/tmp/exps/tmpx"])
def test_a_temporary_copy_finds_the_archives_of_its_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copy: str
) -> None:
    (tmp_path / copy).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path / copy)
    assert kept_archive("beans") == tmp_path / "data/archives/beans.zip"
    assert named_archive("mine/beans.zip") == tmp_path / "mine/beans.zip"
    assert named_archive("/elsewhere/beans.zip") == Path("/elsewhere/beans.zip")
    assert named_archive(None) is None


def test_an_archive_of_another_kind_is_taken_where_there_is_no_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archives = tmp_path / "data/archives"
    archives.mkdir(parents=True)
    (archives / "beans.tar.gz").touch()
    assert kept_archive("beans") == archives / "beans.tar.gz"
    (archives / "beans.zip").touch()
    assert kept_archive("beans") == archives / "beans.zip"
