"""Labels from columns, folders and names of files, each in a little archive of its layout."""

import unicodedata
from pathlib import Path

import pytest
from pydantic import ValidationError
from scoretable.archive.archive import open_archive
from scoretable.competition.description import Competition
from scoretable.competition.sample import read_sample
from scoretable.competition.submission_layout import SubmissionLayout
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_zip

SAMPLE = {"sample_submission.csv": b"image_id,label\n90,\n", "test/90.jpg": b""}


def read(folder: Path, files: dict[str, bytes], train: dict[str, object], **changes: object) -> Manifest:
    described = competition(train=train, **{"test": {"images": "test/{id}"}, **changes})
    with open_archive(make_zip(folder / "a.zip", SAMPLE | files), folder) as archive:
        return read_manifest(archive, described)


def refusal(folder: Path, files: dict[str, bytes], train: dict[str, object], **changes: object) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, files, train, **changes)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def images(*names: str) -> dict[str, bytes]:
    return dict.fromkeys(names, b"")


def columns(text: str, **train: object) -> tuple[dict[str, bytes], dict[str, object]]:
    rows = text.splitlines()[1:]
    files = {"train.csv": text.encode()} | images(*(f"train/{row.split(',')[0]}.jpg" for row in rows))
    return files, {"table": "train.csv", "images": "train/{id}", **train}


ONE_HOT = columns("image_id,scab,rust\n0,1,0\n1,0,1\n2,0,1\n3,1,0\n", label_columns=["scab", "rust"])


def test_one_hot_columns_are_the_classes_in_their_order(tmp_path: Path) -> None:
    manifest = read(tmp_path, *ONE_HOT)
    assert manifest.train["label"].tolist() == ["scab", "rust", "rust", "scab"]
    assert manifest.classes == ["scab", "rust"]


def test_two_ones_in_a_row_of_one_hot_columns_are_refused(tmp_path: Path) -> None:
    files, train = columns("image_id,scab,rust\n0,1,1\n", label_columns=["scab", "rust"])
    message = refusal(tmp_path, files, train)
    assert "train.csv, column scab..rust: 1 id with a 1 in several columns: 0; " in message
    assert "task: multilabel" in message


def test_a_cell_of_label_columns_that_is_neither_0_nor_1_is_refused(tmp_path: Path) -> None:
    files, train = columns("image_id,scab,rust\n0,1,0.5\n", label_columns=["scab", "rust"])
    assert "train.csv, column rust: 1 value other than 0 and 1: 0.5" in refusal(tmp_path, files, train)


def test_yes_or_no_columns_are_several_labels_with_a_separator_that_no_name_has(tmp_path: Path) -> None:
    names = ["ETT - Abnormal", "ETT - Normal"]
    files, train = columns("image_id,ETT - Abnormal,ETT - Normal\n0,1,1\n1,0,1\n2,0,0\n3,1,0\n", label_columns=names)
    manifest = read(tmp_path, files, train, task="multilabel")
    assert manifest.train["label"].tolist() == ["ETT - Abnormal,ETT - Normal", "ETT - Normal", "", "ETT - Abnormal"]
    assert manifest.classes == names


def test_the_separator_stays_a_space_where_no_name_has_one() -> None:
    assert competition(train=ONE_HOT[1], task="multilabel").label_separator == " "


def test_only_folders_that_are_classes_are_trained_on(tmp_path: Path) -> None:
    files = images(*(f"{label}/{n}.tif" for label in ("Cover", "UERD", "Test") for n in (1, 2)))
    train = {"images": "{label}/{id}", "classes": ["Cover", "UERD"]}
    manifest = read(tmp_path, files, train)
    assert manifest.classes == ["Cover", "UERD"]
    assert manifest.train["id"].tolist() == ["Cover/1.tif", "Cover/2.tif", "UERD/1.tif", "UERD/2.tif"]


def test_images_of_labels_that_are_left_out_are_listed_but_for_test_images(tmp_path: Path) -> None:
    files = images(*(f"{label}/{n}.tif" for label in ("Cover", "UERD", "JUNIWARD") for n in (1, 2)), "test/9.tif")
    manifest = read(tmp_path, files, {"images": "{label}/{id}", "classes": ["Cover", "UERD"]})
    assert [(row["id"], row["reason"]) for row in manifest.skipped] == [
        ("JUNIWARD/1.tif", "train.classes leaves out JUNIWARD"),
        ("JUNIWARD/2.tif", "train.classes leaves out JUNIWARD"),
    ]


def test_a_folder_of_test_images_taken_for_a_class_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, images("Cover/1.jpg", "Cover/2.jpg"), {"images": "{label}/{id}"})
    assert "takes 1 test images, such as test/90.jpg (label test): name the labels to learn in train.classes" in message


def test_a_class_without_a_folder_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    train = {"images": "train/{label}/{id}", "classes": ["a", "c"]}
    message = refusal(tmp_path, images("train/a/1.jpg", "train/b/2.jpg"), train)
    assert "with the label c of train.classes (its labels: a, b)" in message


def test_folders_whose_names_differ_in_what_nobody_sees_are_one_label(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "é")
    files = images("train/a/1.jpg", "train/a /2.jpg", "train/é/3.jpg", f"train/{apart}/4.jpg")
    manifest = read(tmp_path, files, {"images": "train/{label}/{id}", "classes": [f"{apart} ", "a"]})
    assert manifest.classes == ["a", "é"]
    assert manifest.notes == [
        "train/{label}/{id}: 1 label trimmed, such as 'a ' (2 values in place of 3)",
        f"1 name of images in Unicode form NFC, such as train/{apart}/4.jpg",
    ]


def test_columns_of_labels_are_found_whatever_is_not_seen_around_their_names(tmp_path: Path) -> None:
    files, train = columns("image_id, scab,rust\u200b\n0,1,0\n1,0,1\n2,0,1\n3,1,0\n", label_columns=["scab", "rust "])
    assert read(tmp_path, files, train).classes == ["scab", "rust"]


def test_labels_stand_in_the_names_of_files(tmp_path: Path) -> None:
    files = images(*(f"train/{label}.{n}.jpg" for label in ("cat", "dog") for n in (0, 1)))
    manifest = read(tmp_path, files, {"images": "train/{label}.{n}.jpg"})
    assert manifest.train["label"].tolist() == ["cat", "cat", "dog", "dog"]
    assert manifest.train["id"].tolist() == ["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"]


def test_all_tables_are_read_in_the_encoding_of_the_competition(tmp_path: Path) -> None:
    text = {
        "train.csv": "image_id,label\n1,배\n2,감\n3,배\n4,감\n",
        "test.csv": "image_id,note\n90,배\n",
        "sample_submission.csv": "image_id,배\n90,0\n",
    }
    files = images(*(f"train/{n}.jpg" for n in range(1, 5))) | {
        name: table.encode("cp949") for name, table in text.items()
    }
    test = {"table": "test.csv", "images": "test/{id}"}
    train = {"table": "train.csv", "images": "train/{id}"}
    manifest = read(tmp_path, files, train, test=test, encoding="cp949")
    assert manifest.classes == ["감", "배"]
    assert read_sample(tmp_path / "a.zip", SubmissionLayout(), "cp949").columns.tolist() == ["image_id", "배"]


MAPPED = images(*(f"train/{label}/{n}.jpg" for label in ("Cover", "JUNIWARD", "UERD") for n in (1, 2)))


@pytest.mark.parametrize("rest", [{"*": "stego"}, {"JUNIWARD": "stego", "UERD": "stego"}])
def test_labels_are_learned_as_the_map_has_them(tmp_path: Path, rest: dict[str, str]) -> None:
    train = {"images": "train/{label}/{id}", "label_map": {"Cover": "cover"} | rest}
    manifest = read(tmp_path, MAPPED, train)
    assert manifest.train["label"].tolist() == ["cover"] * 2 + ["stego"] * 4
    assert manifest.classes == ["cover", "stego"]


def test_the_map_makes_several_columns_one_class(tmp_path: Path) -> None:
    files, train = columns("image_id,ok,scab,rust\n0,1,0,0\n1,0,1,0\n2,0,0,1\n3,1,0,0\n")
    manifest = read(
        tmp_path, files, train | {"label_columns": ["rust", "scab", "ok"], "label_map": {"ok": "ok", "*": "ill"}}
    )
    assert manifest.train["label"].tolist() == ["ok", "ill", "ill", "ok"]
    assert manifest.classes == ["ill", "ok"]


def test_a_label_that_the_map_lacks_is_refused_by_name(tmp_path: Path) -> None:
    train = {"images": "train/{label}/{id}", "label_map": {"Cover": "cover", "UERD": "stego"}}
    assert "the label JUNIWARD is not in train.label_map" in refusal(tmp_path, MAPPED, train)


def test_keys_of_the_map_may_be_numbers() -> None:
    train = {"images": "{label}/{id}", "label_map": {0: "no", 1: "yes"}}
    assert competition(train=train).train.label_map == {"0": "no", "1": "yes"}


def test_a_path_is_made_from_columns_of_the_table(tmp_path: Path) -> None:
    text = "image,chain,label\n1.jpg,5,a\n2.jpg,6,b\n3.jpg,5,b\n4.jpg,5,a\n"
    files = {"train.csv": text.encode()} | images("t/5/1.jpg", "t/6/2.jpg", "t/5/3.jpg", "t/5/4.jpg")
    train = {"table": "train.csv", "id_column": "image", "images": "t/{chain}/{image}"}
    assert read(tmp_path, files, train).train["member"].tolist() == ["t/5/1.jpg", "t/6/2.jpg", "t/5/3.jpg", "t/5/4.jpg"]


def test_a_field_that_is_no_column_is_refused(tmp_path: Path) -> None:
    files, train = columns("image_id,label\n0,a\n", images="train/{chain}/{id}")
    assert "train.csv has no column chain for the field {chain} of train.images" in refusal(tmp_path, files, train)


def test_images_of_one_split_may_lie_in_several_folders(tmp_path: Path) -> None:
    files = images("one/a/1.jpg", "two/a/2.jpg", "one/b/3.jpg", "two/b/4.jpg")
    manifest = read(tmp_path, files, {"images": ["one/{label}/{id}", "two/{label}/{id}"]})
    assert sorted(manifest.train["label"]) == ["a", "a", "b", "b"]


def test_groups_are_kept_with_the_images(tmp_path: Path) -> None:
    text = "image_id,label,patient\n0,a,p1\n1,a,p2\n2,b,p1\n3,b,p2\n"
    files, train = columns(text, group_column="patient")
    assert read(tmp_path, files, train).train["group"].tolist() == ["p1", "p2", "p1", "p2"]


def test_a_field_of_the_pattern_is_a_group(tmp_path: Path) -> None:
    files = images(*(f"train/{label}/{patient}_{n}.jpg" for label in "ab" for patient in ("p1", "p2") for n in "12"))
    train = {"images": "train/{label}/{patient}_{n}.jpg", "group_column": "patient"}
    assert read(tmp_path, files, train).train["group"].tolist() == ["p1", "p1", "p2", "p2"] * 2


def test_text_and_lists_of_text_are_the_only_patterns() -> None:
    with pytest.raises(ValidationError):
        Competition.model_validate({"name": "x", "title": "x", "source": "archive", "train": {"images": [{}]}})


POINTS = "image_id,x,y\n1,0.5,0.1\n2,0.2,0.7\n"


@pytest.mark.parametrize("task", ["multi_regression", "multilabel"])
def test_labels_in_the_columns_of_the_sample_are_named_where_the_file_names_no_column(
    tmp_path: Path, task: str
) -> None:
    files, train = columns(POINTS)
    said = refusal(tmp_path, files | {"sample_submission.csv": b"image_id,x,y\n90,0,0\n"}, train, task=task)
    assert "no column label, which is the default" in said
    assert said.endswith("set train.label_columns: [x, y].")


def test_both_keys_of_labels_are_named_where_the_sample_has_other_columns(tmp_path: Path) -> None:
    files, train = columns(POINTS)
    said = refusal(tmp_path, files, train, task="multi_regression")
    assert "no column label (it has image_id, x, y): correct train.label_column (or label_columns)." in said


def test_a_column_of_labels_that_the_file_names_is_refused_as_what_it_is(tmp_path: Path) -> None:
    files, train = columns(POINTS, label_column="z")
    assert "no column z (it has image_id, x, y)" in refusal(tmp_path, files, train, task="multi_regression")
