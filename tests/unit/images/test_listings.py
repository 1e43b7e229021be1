"""Pixels in the columns of a table are images like any others."""

from pathlib import Path

import numpy as np
import pytest
from scoretable.archive.archive import open_archive
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.manifest import read_manifest
from scoretable.images.preprocessing import build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_zip

PIXELS = {"columns": "p*", "height": 2, "width": 3}
TEST = {"table": "test.csv", "id_column": None, "pixels": PIXELS}
HEADER, TRAIN = (
    "p0,p1,p2,p3,p4,p5",
    "label,p0,p1,p2,p3,p4,p5\na,0,1,2,3,4,5\nb,9,9,9,9,9,9\na,0,0,0,0,0,0\nb,1,1,1,1,1,1\n",
)


def archive(folder: Path, train: str = TRAIN) -> Path:
    files = {
        "train.csv": train,
        "test.csv": f"{HEADER}\n255,0,0,0,0,7\n",
        "sample_submission.csv": "image_id,label\n1,\n",
    }
    return make_zip(folder / "a.zip", {name: content.encode() for name, content in files.items()})


def cache(folder: Path) -> ImageCache:
    described = competition(train=TEST | {"table": "train.csv"}, test=TEST)
    build_cache(archive(folder), described, folder / "cache", 2, 3, "stretch", "ignore", 0.0, "refuse")
    return open_cache(folder / "cache")


def refusal(folder: Path, train: str, **pixels: object) -> str:
    described = competition(train=TEST | {"table": "train.csv", "pixels": PIXELS | pixels}, test=TEST)
    with open_archive(archive(folder, train), folder) as opened, pytest.raises(InputError) as caught:
        read_manifest(opened, described)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def test_pixels_of_a_table_are_the_images_and_rows_count_from_1(tmp_path: Path) -> None:
    opened = cache(tmp_path)
    assert np.array_equal(opened.train_images[0, :, :, 0], [[0, 1, 2], [3, 4, 5]])
    assert np.array_equal(opened.test_images[0, :, :, 2], [[255, 0, 0], [0, 0, 7]])
    assert opened.train["id"].tolist() == ["1", "2", "3", "4"]
    assert opened.train["label"].tolist() == ["a", "b", "a", "b"]


def test_another_number_of_columns_than_the_picture_has_pixels_is_refused(tmp_path: Path) -> None:
    assert "train.csv has 6 columns p*, but 3 x 3 pixels need 9" in refusal(tmp_path, TRAIN, height=3)


@pytest.mark.parametrize("value", ["256", "-1", "nan", ""])
def test_a_pixel_outside_0_to_255_is_refused(tmp_path: Path, value: str) -> None:
    message = refusal(tmp_path, f"label,{HEADER}\na,0,0,0,{value},0,0\n")
    assert "train.csv in the archive has pixels that are not numbers from 0 to 255" in message


def test_a_pixel_that_is_no_number_is_refused(tmp_path: Path) -> None:
    assert "train.csv in the archive is no table of pixels" in refusal(tmp_path, f"label,{HEADER}\na,0,0,0,x,0,0\n")


def test_a_table_of_pixels_without_labels_is_refused(tmp_path: Path) -> None:
    assert "train.csv has no column label (it has none but pixels)" in refusal(tmp_path, f"{HEADER}\n0,0,0,0,0,0\n")
