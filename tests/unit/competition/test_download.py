"""Where an archive comes from, with the real Kaggle client for the one that is downloaded."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import py7zr
import pytest
from scoretable.archive.archive import open_archive
from scoretable.competition.description import load_competition
from scoretable.competition.download import obtain_archive
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "workflow/competitions"


def kept(target: Path) -> Path:
    return target.parent / "archives" / target.name


def not_fetched(competition: str, folder: Path) -> Path:
    raise AssertionError(f"{competition} is fetched into {folder}")


def obtain(name: str, target: Path, brought: Path | None = None) -> str:
    competition = load_competition(name, FOLDER)
    answers = target.with_name("answers.csv")
    return obtain_archive(competition, target, brought, kept(target), answers, 40, 0, not_fetched)


def make_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("train.csv", "image_id,label\n")
    return path


def test_an_archive_that_is_there_is_checked_and_taken(tmp_path: Path) -> None:
    target = make_zip(tmp_path / "beans.zip")
    before = target.stat()
    assert obtain("beans", target) == "already there"
    assert target.stat().st_mtime_ns == before.st_mtime_ns


def test_an_archive_that_is_there_is_kept_where_dvc_does_not_delete_it(tmp_path: Path) -> None:
    target = make_zip(tmp_path / "beans.zip")
    content = target.read_bytes()
    obtain("beans", target)
    target.unlink()
    assert obtain("beans", target) == f"taken from {kept(target)}"
    assert target.read_bytes() == content
    assert target.samefile(kept(target)), "it takes its room twice"


def test_a_kept_archive_that_is_a_link_to_another_disk_is_followed(tmp_path: Path) -> None:
    target = tmp_path / "beans.zip"
    kept(target).parent.mkdir()
    kept(target).symlink_to(make_zip(tmp_path / "elsewhere.zip"))
    obtain("beans", target)
    assert not target.is_symlink()
    assert target.read_bytes() == (tmp_path / "elsewhere.zip").read_bytes()


def test_a_kept_archive_of_another_kind_is_taken_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "beans.zip"
    kept(target).parent.mkdir()
    with py7zr.SevenZipFile(kept(target), "w") as archive:
        archive.writestr("image_id,label\n", "train.csv")
    obtain("beans", target)
    with open_archive(target, tmp_path / "scratch") as archive:
        assert archive.names == ["train.csv"]


def test_a_damaged_kept_archive_is_refused_and_stays(tmp_path: Path) -> None:
    target = tmp_path / "beans.zip"
    kept(target).parent.mkdir()
    kept(target).write_bytes(b"PK no zip")
    with pytest.raises(InputError, match=r"archives/beans.zip"):
        obtain("beans", target)
    assert kept(target).read_bytes() == b"PK no zip"
    assert not target.exists()


def test_a_damaged_archive_that_is_there_is_refused_and_stays(tmp_path: Path) -> None:
    target = tmp_path / "beans.zip"
    target.write_bytes(b"PK no zip")
    with pytest.raises(InputError, match=r"beans.zip"):
        obtain("beans", target)
    assert target.read_bytes() == b"PK no zip"


def test_without_an_archive_the_message_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"put it at .*beans.zip, or give its path as `archive: <path>`"):
        obtain("beans", tmp_path / "beans.zip")


def test_a_brought_archive_is_copied(tmp_path: Path) -> None:
    brought = make_zip(tmp_path / "mine.zip")
    assert obtain("beans", tmp_path / "raw/beans.zip", brought).startswith("copied from")
    assert (tmp_path / "raw/beans.zip").read_bytes() == brought.read_bytes()


def test_a_brought_archive_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"archive: .*nowhere.zip is not a file"):
        obtain("beans", tmp_path / "beans.zip", tmp_path / "nowhere.zip")


def test_no_other_copy_of_the_repository_downloads_the_same_archive_meanwhile(tmp_path: Path) -> None:
    target = tmp_path / "raw/paddy-disease-classification.zip"

    def fetch(competition: str, folder: Path) -> Path:
        with pytest.raises(InputError, match="another process is running"):
            hold_lock(f"{competition}.download-lock", kept(target).parent)
        folder.mkdir()
        return make_zip(folder / target.name)

    competition = load_competition("paddy-disease-classification", FOLDER)
    target.parent.mkdir()
    origin = obtain_archive(competition, target, None, kept(target), tmp_path / "answers.csv", 40, 0, fetch)
    assert origin == "downloaded from Kaggle"


def test_without_a_token_the_message_says_where_to_get_one(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from scoretable.kaggle.download import download_from_kaggle\n"
        "download_from_kaggle('paddy-disease-classification', Path('raw'), 10)\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAGGLE")}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=kept | {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "workflow")},
    )  # fmt: skip
    assert result.returncode == 1
    assert "there is no Kaggle token on this machine: make a token at" in result.stderr
    assert not list((tmp_path / "raw").iterdir())
