"""Annotations in COCO's form are rows like those of a table."""

import json
from pathlib import Path
from typing import Any

import pytest
from scoretable.archive.archive import open_archive
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_zip

COCO: dict[str, Any] = {
    "images": [{"id": number, "file_name": f"x{number}.jpg", "location": number % 2} for number in range(4)],
    "annotations": [{"image_id": number, "category_id": number // 2, "bbox": [1, 2, 3, 4]} for number in range(4)],
    "categories": [{"id": 0, "name": "hare"}, {"id": 1, "name": "lynx"}],
}
TRAIN = {"coco": "train.json", "id_column": "id", "label_column": "category", "images": "train/{file_name}"}
TEST = {"coco": "test.json", "id_column": "id", "images": "test/{file_name}"}


def read(folder: Path, content: bytes | dict[str, Any], train: dict[str, Any] = TRAIN, **changes: object) -> Manifest:
    files = {"train.json": content if isinstance(content, bytes) else json.dumps(content).encode()}
    files |= {f"train/x{number}.jpg": b"" for number in range(4)} | {"test/y.jpg": b""}
    files |= {
        "test.json": b'{"images": [{"id": "t", "file_name": "y.jpg"}]}',
        "sample_submission.csv": b"image_id\nt\n",
    }
    with open_archive(make_zip(folder / "a.zip", files), folder) as archive:
        return read_manifest(archive, competition(train=train, test=TEST, **changes))


def refusal(folder: Path, content: bytes | dict[str, Any], **train: object) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, content, TRAIN | train)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def test_images_and_their_categories_are_found(tmp_path: Path) -> None:
    manifest = read(tmp_path, COCO)
    assert manifest.train["label"].tolist() == ["hare", "hare", "lynx", "lynx"]
    assert manifest.train["member"][3] == "train/x3.jpg"
    assert manifest.test.to_numpy().tolist() == [["t", "test/y.jpg"]]


def test_ids_of_categories_and_places_are_columns_too(tmp_path: Path) -> None:
    train = read(tmp_path, COCO, TRAIN | {"label_column": "category_id", "group_column": "location"}).train
    assert train["label"].tolist() == ["0", "0", "1", "1"]
    assert train["group"].tolist() == ["0", "1", "0", "1"]


def test_boxes_are_corners(tmp_path: Path) -> None:
    box = {side: f"bbox_{side}" for side in ("x1", "y1", "x2", "y2")}
    assert read(tmp_path, COCO, TRAIN | {"box": box}).train.loc[0, ["x1", "y1", "x2", "y2"]].tolist() == [1, 2, 4, 6]


def test_several_annotations_of_an_image_are_repeated_rows(tmp_path: Path) -> None:
    content = COCO | {"annotations": [*COCO["annotations"], {"image_id": 0, "category_id": 1}]}
    assert "policies: {repeated_rows: first}" in refusal(tmp_path, content)
    assert len(read(tmp_path, content, policies={"repeated_rows": "first"}).train) == 4


def test_an_image_without_annotations_has_an_empty_label(tmp_path: Path) -> None:
    content = COCO | {"images": [*COCO["images"], {"id": 9, "file_name": "x0.jpg"}]}
    assert "1 id with an empty label: 9" in refusal(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"image_id,label\n", "train.json in the archive is not JSON"),
        (b"[" * 100_000, "train.json in the archive is not JSON"),
        (b"1", "JSON but not COCO"),
        (b"[1]", "its key images must be a list of mappings"),
        (b'{"images": {}}', "its key images must be a list of mappings"),
        (b'{"images": [{"name": "x"}]}', "not all of its images have the key id"),
    ],
)
def test_what_is_not_coco_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert sentence in refusal(tmp_path, content)


def test_a_column_that_coco_lacks_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    assert "train.json has no column label (it has id, file_name, location, category_id, category" in refusal(
        tmp_path, COCO, label_column="label"
    )


def test_a_missing_coco_file_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    assert "no file gone.json (it has train.json, test.json): correct train.coco" in refusal(
        tmp_path, COCO, coco="gone.json"
    )


def test_images_and_categories_may_have_ids_of_the_longer_name(tmp_path: Path) -> None:
    content = {
        "images": [{"image_id": f"00000__{n}", "file_name": f"x{n}.jpg"} for n in range(4)],
        "annotations": [{"image_id": f"00000__{n}", "category_id": n // 2, "genus_id": 1} for n in range(4)],
        "categories": [{"category_id": n, "scientificName": f"Acer {n}"} for n in range(2)],
    }
    train = read(tmp_path, content, TRAIN | {"label_column": "category_id"}).train
    assert train["id"][3] == "00000__3" and train["label"].tolist() == ["0", "0", "1", "1"]


def test_a_list_of_images_is_a_file_of_images_alone(tmp_path: Path) -> None:
    files = {"train.json": json.dumps(COCO), "test.json": '[{"image_id": "7", "file_name": "y.jpg"}]'}
    files |= {f"train/x{number}.jpg": "" for number in range(4)} | {"test/y.jpg": ""}
    archive = make_zip(tmp_path / "a.zip", {**files, "sample_submission.csv": "Id,Predicted\n7,0\n"})
    described = competition(train=TRAIN, test=TEST, submission={"id_column": "Id"})
    with open_archive(archive, tmp_path) as opened:
        assert read_manifest(opened, described).test.to_numpy().tolist() == [["7", "test/y.jpg"]]
