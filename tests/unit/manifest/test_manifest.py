"""The tables of an archive and the images that belong to them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.archive.archive import open_archive
from scoretable.competition.description import Competition
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, leaves, make_zip, zip_bytes

BOXES = {"x1": "left", "y1": "top", "x2": "right", "y2": "bottom"}


def read(folder: Path, members: dict[str, bytes], described: Competition | None = None) -> Manifest:
    path = make_zip(folder / "a.zip", members)
    with open_archive(path, folder) as archive:
        return read_manifest(archive, described or competition())


def refusal(folder: Path, members: dict[str, bytes], described: Competition | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, members, described)
    return str(caught.value)


def train_csv(text: str) -> dict[str, bytes]:
    return leaves() | {"train.csv": text.encode()}


def boxed(text: str) -> tuple[dict[str, bytes], Competition]:
    train = {"table": "train.csv", "images": "train_images/{label}/{id}", "box": BOXES}
    return train_csv(text), competition(train=train)


def folders(*names: str) -> tuple[dict[str, bytes], Competition]:
    members = {name: content for name, content in leaves().items() if not name.startswith("train")}
    train = {"label_column": None, "images": "train/{label}/{id}"}
    return members | dict.fromkeys(names, b""), competition(train=train)


def test_rows_come_in_the_order_of_the_tables(tmp_path: Path) -> None:
    manifest = read(tmp_path, leaves() | {"sample_submission.csv": b"image_id,label\n102.jpg,\n100.jpg,\n101.jpg,\n"})
    assert manifest.train["id"].tolist() == [f"{number}.jpg" for number in range(6)]
    assert manifest.train["label"].tolist() == ["blast", "normal"] * 3
    assert manifest.train["member"][1] == "train_images/normal/1.jpg"
    assert manifest.test["id"].tolist() == ["102.jpg", "100.jpg", "101.jpg"]
    assert manifest.test["member"][0] == "test_images/102.jpg"
    assert manifest.classes == ["blast", "normal"]


def test_the_test_table_goes_before_the_sample(tmp_path: Path) -> None:
    described = competition(test={"table": "test.csv", "images": "test_images/{id}"})
    manifest = read(tmp_path, leaves() | {"test.csv": b"image_id\n101.jpg\n102.jpg\n100.jpg\n"}, described)
    assert manifest.test["id"].tolist() == ["101.jpg", "102.jpg", "100.jpg"]


def test_ids_of_the_sample_must_be_in_the_test_table(tmp_path: Path) -> None:
    described = competition(test={"table": "test.csv", "images": "test_images/{id}"})
    message = refusal(tmp_path, leaves() | {"test.csv": b"image_id\n101.jpg\n102.jpg\n"}, described)
    assert "sample_submission.csv, column image_id: 1 id missing from test.csv: 100.jpg" in message


def test_ids_and_labels_stay_text(tmp_path: Path) -> None:
    names = ["007", "1e3", "NA", "null"]
    members = leaves() | {f"train_images/{label}/{name}": b"" for name in names for label in ("01", "NA")}
    members["train.csv"] = b"image_id,label\n007,01\n1e3,01\nNA,NA\nnull,NA\n"
    manifest = read(tmp_path, members)
    assert manifest.train["id"].tolist() == names
    assert manifest.classes == ["01", "NA"]


def test_whole_numbers_are_sorted_as_numbers(tmp_path: Path) -> None:
    members, described = folders(*(f"train/{label}/{label}{part}.jpg" for label in (10, 9, 1) for part in "ab"))
    assert read(tmp_path, members, described).classes == ["1", "9", "10"]


@settings(deadline=None)
@given(labels=st.sets(st.integers(-1000, 1000), min_size=2))
def test_classes_of_numbers_are_in_the_order_of_the_numbers(labels: set[int]) -> None:
    import tempfile

    members, described = folders(*(f"train/{label}/{label}{part}.jpg" for label in labels for part in "ab"))
    with tempfile.TemporaryDirectory() as folder:
        assert read(Path(folder), members, described).classes == [str(label) for label in sorted(labels)]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    members = leaves()
    assert len(read(tmp_path, members | {"train.csv": b"\xef\xbb\xbf" + members["train.csv"]}).train) == 6


@pytest.mark.parametrize("suffix", [".jpg", ".JPG", ".jpeg", ".png"])
def test_an_id_without_suffix_finds_its_only_image(tmp_path: Path, suffix: str) -> None:
    members = leaves() | {f"test_images/x{suffix}": b"", "sample_submission.csv": b"image_id,label\nx,\n"}
    assert read(tmp_path, members).test["member"].tolist() == [f"test_images/x{suffix}"]


def test_an_id_without_suffix_and_two_images_is_refused(tmp_path: Path) -> None:
    images = {"test_images/x.jpg": b"", "test_images/x.png": b""}
    message = refusal(tmp_path, leaves() | images | {"sample_submission.csv": b"image_id,label\nx,\n"})
    assert "sample_submission.csv: no row of 1, such as x, has an image of its own" in message


def test_folders_give_labels_where_there_is_no_table(tmp_path: Path) -> None:
    members, described = folders("train/a/1.jpg", "train/a/2.png", "train/b/3.JPG", "train/b/4.jpeg", "train/b/x.txt")
    train = read(tmp_path, members, described).train
    assert train.to_numpy().tolist() == [
        ["1.jpg", "a", "train/a/1.jpg"],
        ["2.png", "a", "train/a/2.png"],
        ["3.JPG", "b", "train/b/3.JPG"],
        ["4.jpeg", "b", "train/b/4.jpeg"],
    ]


def test_names_that_several_folders_use_get_the_label_in_front(tmp_path: Path) -> None:
    members, described = folders(*(f"train/{label}/{number}.jpg" for label in "ab" for number in (1, 2)))
    assert read(tmp_path, members, described).train["id"].tolist() == ["a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"]


def test_no_image_in_the_folders_is_refused(tmp_path: Path) -> None:
    assert "no image in the archive matches the pattern train.images: train/{label}/{id}" in refusal(
        tmp_path, *folders()
    )


def test_a_table_of_ids_takes_its_labels_from_the_folders(tmp_path: Path) -> None:
    members, described = folders("train/a/1.jpg", "train/a/2.jpg", "train/b/3.jpg", "train/b/4.jpg")
    train = described.train.model_copy(update={"table": "ids.csv"})
    members["ids.csv"] = b"image_id\n4\n3.jpg\n2.jpg\n1.jpg\n"
    found = read(tmp_path, members, described.model_copy(update={"train": train})).train
    assert found["label"].tolist() == ["b", "b", "a", "a"]
    assert found["member"][0] == "train/b/4.jpg"


def test_an_image_in_the_folders_of_two_labels_is_refused(tmp_path: Path) -> None:
    members, described = folders("train/a/1.jpg", "train/b/1.jpg")
    train = described.train.model_copy(update={"table": "ids.csv"})
    members["ids.csv"] = b"image_id\n1.jpg\n"
    message = refusal(tmp_path, members, described.model_copy(update={"train": train}))
    assert "ids.csv, column image_id: 1 id with an image in the folders of several labels: 1.jpg" in message


def test_boxes_are_read_as_numbers(tmp_path: Path) -> None:
    rows = "".join(f"{number}.jpg,{['blast', 'normal'][number % 2]},1,2.5,30,{number + 10}\n" for number in range(6))
    train = read(tmp_path, *boxed("image_id,label,left,top,right,bottom\n" + rows)).train
    assert train[["x1", "y1", "x2", "y2"]].dtypes.tolist() == [np.float64] * 4
    assert train.loc[3, ["x1", "y1", "x2", "y2"]].tolist() == [1, 2.5, 30, 13]


@pytest.mark.parametrize("value", ["", "wide", "nan", "inf"])
def test_a_box_that_is_no_number_is_refused(tmp_path: Path, value: str) -> None:
    message = refusal(tmp_path, *boxed(f"image_id,label,left,top,right,bottom\n0.jpg,blast,1,2,{value},4\n"))
    assert f"train.csv, column right: 1 value that cannot be read as a number: {value or repr('')};" in message


@pytest.mark.parametrize("box", ["5,2,5,4", "1,4,5,2"])
def test_an_empty_or_inverted_box_is_refused(tmp_path: Path, box: str) -> None:
    message = refusal(tmp_path, *boxed(f"image_id,label,left,top,right,bottom\n0.jpg,blast,{box}\n"))
    assert "1 id with an empty or inverted box: 0.jpg" in message


def test_a_missing_table_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    members = leaves()
    del members["train.csv"]
    message = refusal(tmp_path, members)
    assert "no file train.csv (it has sample_submission.csv): correct train.table" in message


def test_a_missing_column_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    message = refusal(tmp_path, train_csv("image,label\n0.jpg,blast\n"))
    assert "train.csv has no column image_id (it has image, label)" in message


@pytest.mark.parametrize("blank", ["", " "])
def test_an_empty_label_is_refused(tmp_path: Path, blank: str) -> None:
    message = refusal(tmp_path, train_csv(f"image_id,label\n0.jpg,{blank}\n1.jpg,normal\n"))
    assert "train.csv, column label: 1 id with an empty label: 0.jpg" in message


def test_a_duplicate_id_in_the_sample_is_refused(tmp_path: Path) -> None:
    members = leaves() | {"sample_submission.csv": b"image_id,label\n100.jpg,\n100.jpg,\n"}
    assert "sample_submission.csv, column image_id: 1 id listed more than once" in refusal(tmp_path, members)


def test_ids_without_an_image_are_counted_and_the_first_named(tmp_path: Path) -> None:
    message = refusal(
        tmp_path, train_csv("image_id,label\n0.jpg,blast\n" + "".join(f"lost{n}.jpg,blast\n" for n in range(5)))
    )
    assert "train.csv, column image_id: 5 ids without an image" in message
    assert "lost0.jpg, lost1.jpg, lost2.jpg, ..." in message
    assert "lost3" not in message


def test_an_id_of_the_sample_without_an_image_is_refused(tmp_path: Path) -> None:
    members = leaves() | {"sample_submission.csv": b"image_id,label\n100.jpg,\nlost.jpg,\n"}
    assert "sample_submission.csv, column image_id: 1 id without an image" in refusal(tmp_path, members)


def test_a_label_of_one_image_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, train_csv("image_id,label\n0.jpg,blast\n2.jpg,blast\n1.jpg,normal\n"))
    assert "train.csv, label: 1 label with fewer than two images" in message
    assert "normal" in message


def test_another_number_of_classes_than_the_competition_has_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, leaves(), competition(classes=10))
    assert "2 classes (blast, normal), but competition leaves needs 10" in message


def test_one_class_is_refused(tmp_path: Path) -> None:
    assert "1 class (blast)" in refusal(tmp_path, train_csv("image_id,label\n0.jpg,blast\n2.jpg,blast\n"))


@pytest.mark.parametrize(
    "content",
    [b"image_id,label\n\xff.jpg,blast\n", b"", b'image_id,label\n"0.jpg,blast\n', b"image_id,label\na,b,c\nd\n"],
)
def test_a_table_that_is_no_csv_in_utf8_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "train.csv in the archive" in refusal(tmp_path, leaves() | {"train.csv": content})


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    assert "has a header but no rows" in refusal(tmp_path, train_csv("image_id,label\n"))


def test_where_images_are_packed_in_a_way_that_is_not_read_the_file_is_named(tmp_path: Path) -> None:
    members = {name: content for name, content in leaves().items() if name.endswith(".csv")}
    assert "(there is train_images.rar): correct train.images" in refusal(tmp_path, members | {"train_images.rar": b""})
    assert "(there is train_images/0.dcm)" in refusal(tmp_path, members | {"train_images/0.dcm": b""})


def test_where_images_are_in_an_archive_that_was_not_opened_it_is_named(tmp_path: Path) -> None:
    tables = {name: content for name, content in leaves().items() if name.endswith(".csv")}
    deep = {"train_images.tar": b"photos"}
    for level in "cba":
        deep = {f"{level}.zip": zip_bytes(deep)}
    message = refusal(tmp_path, tables | deep)
    assert "(a/b/c/train_images.tar is an archive that was not opened): pack the archive again with it" in message


def test_where_some_images_are_in_an_archive_that_was_not_opened_it_is_named(tmp_path: Path) -> None:
    members = leaves()
    deep = {"photos.tar": members.pop("train_images/blast/4.jpg")}
    for level in "cba":
        deep = {f"{level}.zip": zip_bytes(deep)}
    message = refusal(tmp_path, members | deep)
    assert "{label}/{id} (a/b/c/photos.tar is an archive that was not opened): 4.jpg; pack the archive again" in message
    assert len(message) <= 300


def test_test_images_that_are_trained_on_are_refused(tmp_path: Path) -> None:
    members = leaves() | {"sample_submission.csv": b"image_id,label\n0.jpg,\n2.jpg,\n"}
    described = competition(test={"images": "train_images/blast/{id}"})
    assert "2 training images of train.csv are test images too" in refusal(tmp_path, members, described)


def test_a_pattern_that_finds_nothing_is_refused_although_missing_images_are_skipped(tmp_path: Path) -> None:
    described = competition(test={"images": "photos/{id}"}, policies={"missing_images": "skip"})
    assert "set test.images: test_images/{id}" in refusal(tmp_path, leaves(), described)


def test_the_image_that_is_shown_is_one_that_the_suggested_pattern_finds(tmp_path: Path) -> None:
    moved = {name.replace("train_images/", "jpg/"): content for name, content in leaves().items()}
    message = refusal(tmp_path, {"a_test/file_0.jpg": b"", **moved})
    assert "(there is jpg/blast/0.jpg): set train.images: jpg/{label}/{id}" in message
