"""Where the sample submission has a header only, the test images are those that a pattern or a listing finds."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from scoretable.archive.archive import open_archive
from scoretable.manifest.manifest import read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, leaves, make_zip


def read(folder: Path, test: dict[str, object], extra: dict[str, bytes] | None = None) -> pd.DataFrame:
    files = leaves(test=0) | {f"test_images/{number}.jpg": b"" for number in (10, 9, 100)} | (extra or {})
    with open_archive(make_zip(folder / "a.zip", files), folder) as archive:
        return read_manifest(archive, competition(test=test)).test


def refusal(folder: Path, test: dict[str, object]) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, test)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [("test_images/{id}", ["9.jpg", "10.jpg", "100.jpg"]), ("test_images/{id}.jpg", ["9", "10", "100"])],
)
def test_ids_are_those_of_the_images_by_their_numbers_with_a_suffix_where_the_pattern_has_none(
    tmp_path: Path, pattern: str, ids: list[str]
) -> None:
    test = read(tmp_path, {"images": pattern})
    assert test["id"].tolist() == ids
    assert test["member"].tolist() == ["test_images/9.jpg", "test_images/10.jpg", "test_images/100.jpg"]


def test_a_table_of_test_images_gives_its_own_ids_in_its_order(tmp_path: Path) -> None:
    layout = {"table": "test.csv", "id_column": "image_id", "images": "test_images/{id}"}
    test = read(tmp_path, layout, {"test.csv": b"image_id\n10.jpg\n9.jpg\n"})
    assert test["id"].tolist() == ["10.jpg", "9.jpg"]


def test_training_images_in_the_same_folder_are_no_test_images(tmp_path: Path) -> None:
    files = {f"train_images/blast/{number}.jpg": b"" for number in ("x", "y")}
    test = read(tmp_path, {"images": "train_images/blast/{id}"}, files)
    assert test["id"].tolist() == ["x.jpg", "y.jpg"]


def test_several_files_an_image_have_one_id(tmp_path: Path) -> None:
    files = {f"rgb/{name}_{colour}.png": b"" for name in ("b", "a") for colour in ("red", "green")}
    test = read(tmp_path, {"channels": ["rgb/{id}_red.png", "rgb/{id}_green.png"]}, files)
    assert test["id"].tolist() == ["a", "b"]
    assert test["member"][0] == "rgb/a_red.png + rgb/a_green.png"


def test_a_pattern_without_an_image_is_refused_with_an_image_that_is_there(tmp_path: Path) -> None:
    said = refusal(tmp_path, {"images": "test/{id}"})
    assert "sample_submission.csv has a header but no rows" in said
    assert (
        "there is train_images/blast/0.jpg" in said and "set test.images: test_images/{id}, or set test.table" in said
    )


def test_ids_of_a_sample_without_rows_are_spelt_as_the_files_are_named(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "é")
    assert read(tmp_path, {"images": "other/{id}.jpg"}, {f"other/{apart}.jpg": b""})["id"].tolist() == [apart]


def test_boxes_of_test_images_need_a_table(tmp_path: Path) -> None:
    box = {side: f"bbox_{side}" for side in ("x1", "y1", "x2", "y2")}
    layout = {"images": "test_images/{id}", "box": box}
    said = refusal(tmp_path, layout)
    assert "test.box" in said


def test_several_images_with_one_id_are_refused_with_the_policy_that_allows_them(tmp_path: Path) -> None:
    table = {"test.csv": b"breast,image_id\nleft,9.jpg\nleft,10.jpg\nright,100.jpg\n"}
    layout = {"table": "test.csv", "id_column": "breast", "images": "test_images/{image_id}"}
    with pytest.raises(InputError, match=r"1 id listed more than once: left; .*policies: \{repeated_test_rows: mean\}"):
        read(tmp_path, layout, table)
    files = leaves(test=0) | {f"test_images/{number}.jpg": b"" for number in (10, 9, 100)} | table
    described = competition(test=layout, policies={"repeated_test_rows": "mean"})
    with open_archive(make_zip(tmp_path / "b.zip", files), tmp_path) as archive:
        assert read_manifest(archive, described).test["id"].tolist() == ["left", "left", "right"]


def test_a_stem_is_the_id_without_its_suffix(tmp_path: Path) -> None:
    table = {"test.csv": b"image_id\n10.png\n9.png\n"}
    layout = {"table": "test.csv", "id_column": "image_id", "images": "test_images/{stem}"}
    test = read(tmp_path, layout, table)
    assert test.to_numpy().tolist() == [["10.png", "test_images/10.jpg"], ["9.png", "test_images/9.jpg"]]


@pytest.mark.parametrize("folder", ["/kaggle/input/comp/", "C:\\data\\"])
def test_a_basename_is_the_id_without_its_folders(tmp_path: Path, folder: str) -> None:
    table = {"test.csv": f"image_id\n{folder}10.jpg\n".encode(), "sample_submission.csv": b"image_id,label\n"}
    layout = {"table": "test.csv", "id_column": "image_id", "images": "test_images/{basename}"}
    assert read(tmp_path, layout, table).to_numpy().tolist() == [[f"{folder}10.jpg", "test_images/10.jpg"]]
