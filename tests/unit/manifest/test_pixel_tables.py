"""Pixels in the columns of a table, CSV or JSON, are images like any others."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scoretable.archive.archive import open_archive
from scoretable.competition.description import Competition
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.manifest.manifest import read_manifest
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


def test_a_table_of_pixels_is_read_in_the_encoding_of_the_competition(tmp_path: Path) -> None:
    files = {name: TRAIN.replace("a,", "배,").encode("cp949") for name in ("train.csv", "test.csv")}
    path = make_zip(tmp_path / "a.zip", files | {"sample_submission.csv": b"image_id,label\n1,\n"})
    described = competition(train=TEST | {"table": "train.csv"}, test=TEST, encoding="cp949")
    with open_archive(path, tmp_path) as opened:
        assert read_manifest(opened, described).classes == ["b", "배"]


BANDS = {"table": "train.json", "id_column": "id", "pixels": {"columns": ["hh", "hv"], "height": 2, "width": 2}}
RECORDS = [
    {"id": f"p{n}", "hh": [-n, -1.5, 0, 1], "hv": [[2, 3], [4, 5.5]], "angle": "na", "ice": n % 2} for n in range(4)
]


def radar(folder: Path, train: object = RECORDS) -> Path:
    files = {
        "train.json": json.dumps(train),
        "test.json": json.dumps([{"id": "q", "hh": [9, 9, 9, 9], "hv": [-3, 0, 0, 5.5]}]),
        "sample_submission.csv": "id,ice\nq,0.5\n",
    }
    return make_zip(folder / "a.zip", {name: content.encode() for name, content in files.items()})


def described(**pixels: Any) -> Competition:
    images = BANDS | {"pixels": BANDS["pixels"] | pixels}
    submission = {"id_column": "id", "form": "probability"}
    train = images | {"label_column": "ice"}
    return competition(
        train=train, test=images | {"table": "test.json"}, submission=submission, task="binary", metric="auc"
    )


def radar_cache(folder: Path, train: object = RECORDS) -> ImageCache:
    build_cache(radar(folder, train), described(), folder / "cache", 2, 2, "stretch", "ignore", 0.0, "refuse")
    return open_cache(folder / "cache")


def radar_refusal(folder: Path, train: object = RECORDS, **pixels: object) -> str:
    with open_archive(radar(folder, train), folder) as opened, pytest.raises(InputError) as caught:
        read_manifest(opened, described(**pixels))
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def test_arrays_of_json_are_channels_scaled_by_the_range_of_the_training_images(tmp_path: Path) -> None:
    cache = radar_cache(tmp_path)  # from -3 to 5.5, so that a step of 1 is one of 30
    assert cache.train_images[3, :, :, 0].tolist() == [[0, 45], [90, 120]]
    assert cache.train_images[3, :, :, 1].tolist() == [[150, 180], [210, 255]]
    assert cache.test_images[0, :, :, 0].tolist() == [[255, 255], [255, 255]]
    assert cache.test_images[0, :, :, 1].tolist() == [[0, 90], [90, 255]]
    assert cache.train["id"].tolist() == ["p0", "p1", "p2", "p3"]
    assert cache.train["label"].tolist() == ["0", "1", "0", "1"]


@pytest.mark.parametrize("form", [list, dict])
def test_json_may_be_a_mapping_of_columns(tmp_path: Path, form: type) -> None:
    columns = {key: [record[key] for record in RECORDS] for key in RECORDS[0]}
    if form is dict:  # as pandas writes it
        columns = {key: dict(enumerate(column)) for key, column in columns.items()}
    assert np.array_equal(radar_cache(tmp_path, columns).train_images[3, :, :, 0], [[0, 45], [90, 120]])


def test_whole_numbers_up_to_255_stay_as_they_are(tmp_path: Path) -> None:
    whole = [record | {"hh": [0, 1, 2, 30], "hv": [4, 5, 6, 7]} for record in RECORDS]
    assert radar_cache(tmp_path, whole).train_images[0, :, :, 0].tolist() == [[0, 1], [2, 30]]


@pytest.mark.parametrize("array", [[1, 2, 3], [1, 2, 3, "x"], [[1, 2], [3]], "1 2 3 4", None])
def test_an_array_that_is_no_picture_is_refused_with_its_record(tmp_path: Path, array: object) -> None:
    message = radar_refusal(tmp_path, [*RECORDS, RECORDS[0] | {"hh": array}])
    assert "train.json, record 5: hh is not 2 x 2 numbers: correct train.pixels" in message


@pytest.mark.parametrize("columns", ["band*", ["hh", "hv", "angle", "ice"]])
def test_another_number_of_arrays_than_channels_is_refused(tmp_path: Path, columns: object) -> None:
    message = radar_refusal(tmp_path, columns=columns)
    assert "but an image has 1 to 3 channels: correct train.pixels.columns" in message


@pytest.mark.parametrize("content", [[1, 2], {"hh": 1}, {"hh": [[1, 2, 3, 4]], "id": []}, [], {}])
def test_json_that_is_no_table_is_refused(tmp_path: Path, content: object) -> None:
    assert "train.json in the archive" in radar_refusal(tmp_path, content)


@pytest.mark.parametrize("end", ["", ",", ', {"id"'])
def test_json_that_is_cut_short_is_refused(tmp_path: Path, end: str) -> None:
    whole = json.dumps(RECORDS)
    path = make_zip(
        tmp_path / "a.zip", {"train.json": (whole[:-1] + end).encode(), "sample_submission.csv": b"id\nq\n"}
    )
    with (
        open_archive(path, tmp_path) as opened,
        pytest.raises(InputError, match=r"train.json in the archive is no JSON"),
    ):
        read_manifest(opened, described())


def test_pixels_of_another_shape_than_those_of_the_test_table_are_refused(tmp_path: Path) -> None:
    assert "train.pixels make images of 3 x 2, but test.pixels of 2 x 3" in refusal(tmp_path, TRAIN, height=3, width=2)
