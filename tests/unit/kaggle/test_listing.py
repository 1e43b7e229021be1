"""The real kaggle client lists a competition's files and fetches its small tables from a loopback server."""

from pathlib import Path

import pytest
from kaggle_competition import NAME
from kaggle_server import Fault, Kaggle
from scoretable.archive.archive import open_archive
from scoretable.kaggle import listing
from scoretable.kaggle.listing import fetch_listing
from scoretable.workspace.errors import InputError
from unit.archives import make_zip

TRAIN = "id,label\n0,cat\n1,dog\n"


@pytest.fixture
def listed(kaggle: Kaggle, tmp_path: Path) -> Kaggle:
    """A competition of two images, a table in a folder, and one that Kaggle sends zipped."""
    (tmp_path / "train.csv").write_text(TRAIN)
    sample = make_zip(tmp_path / "sample_submission.csv.zip", {"sample_submission.csv": b"id,label\n2,cat\n"})
    kaggle.members = {"tables/train.csv": tmp_path / "train.csv", "sample_submission.csv": sample}
    kaggle.files = {name: path.stat().st_size for name, path in kaggle.members.items()}
    kaggle.files |= {"train/0.jpg": 3000, "train/1.jpg": 3000, "test.zip": 9_000_000}
    return kaggle


def fetch(tmp_path: Path) -> dict[str, bytes]:
    fetch_listing(NAME, tmp_path / "listing.zip", 20)
    with open_archive(tmp_path / "listing.zip", tmp_path) as archive:
        return {name: archive.read(name) for name in archive.names}


def test_tables_are_fetched_and_of_images_only_the_names(listed: Kaggle, tmp_path: Path) -> None:
    found = fetch(tmp_path)
    assert found == {
        "tables/train.csv": TRAIN.encode(),
        "sample_submission.csv": b"id,label\n2,cat\n",
        "train/0.jpg": b"",
        "train/1.jpg": b"",
    }
    assert listed.requests["DownloadDataFile"] == 2


def test_a_large_table_is_not_fetched(listed: Kaggle, tmp_path: Path) -> None:
    listed.files["tables/train.csv"] = listing.MOST_BYTES + 1
    assert fetch(tmp_path)["tables/train.csv"] == b""


def test_a_list_without_images_asks_for_the_archive(listed: Kaggle, tmp_path: Path) -> None:
    listed.files = {"train.zip": 9, "test.zip": 9, "train.csv": 9}
    with pytest.raises(InputError, match=r"no image \(train.zip, test.zip, train.csv, .*: download its archive"):
        fetch(tmp_path)


def test_a_table_that_breaks_off_is_fetched_again(listed: Kaggle, tmp_path: Path) -> None:
    listed.faults["file"] = [Fault(status=503)]
    assert fetch(tmp_path)["tables/train.csv"] == TRAIN.encode()


def test_a_competition_that_kaggle_does_not_know_is_one_sentence(listed: Kaggle, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no competition named nothing"):
        fetch_listing("nothing", tmp_path / "listing.zip", 20)
