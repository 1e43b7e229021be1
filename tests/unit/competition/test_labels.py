"""Labels that are not what the competition's task needs are refused by file, column and image."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scoretable.archive.archive import open_archive
from scoretable.competition.labels import check_labels, name_numbers, refuse_too_few
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, make_zip, photo

LAYOUT = {"table": "train.csv", "images": "train_images/{id}"}


def members(*labels: str) -> dict[str, bytes]:
    """Return an archive with an image for each of `labels`."""
    files = {f"train_images/{number}.jpg": encode(photo(9, 9, number)) for number in range(len(labels))}
    rows = "".join(f'{number}.jpg,"{label}"\n' for number, label in enumerate(labels))
    files["train.csv"] = f"image_id,label\n{rows}".encode()
    return files | {"test_images/t.jpg": encode(photo(9, 9)), "sample_submission.csv": b"image_id,label\nt.jpg,\n"}


def read(folder: Path, *labels: str, **described: object) -> Manifest:
    path = make_zip(folder / "a.zip", members(*labels))
    with open_archive(path, folder) as archive:
        return read_manifest(archive, competition(train=LAYOUT, **described))


def refusal(folder: Path, *labels: str, **described: object) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, *labels, **described)
    return str(caught.value)


def table(*labels: str) -> pd.DataFrame:
    """Images whose rows have other numbers than their places, as after rows have been left out."""
    ids = [f"{number}.jpg" for number in range(len(labels))]
    return pd.DataFrame({"id": ids, "label": labels}, index=range(10, 10 + len(labels)))


def refused(*labels: str, **described: object) -> str:
    with pytest.raises(InputError) as caught:
        check_labels(table(*labels), competition(**{"train": LAYOUT} | described))
    message = str(caught.value)
    assert message.startswith("train.csv, ")
    return message


def cache(folder: Path, *labels: str, **described: object) -> ImageCache:
    path = make_zip(folder / "a.zip", members(*labels))
    described_as = competition(train=LAYOUT, **described)
    build_cache(path, described_as, folder / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    return open_cache(folder / "cache")


def test_binary_needs_two_classes_and_names_an_image_of_the_third(tmp_path: Path) -> None:
    assert read(tmp_path, "no", "yes", "no", "yes", task="binary").classes == ["no", "yes"]
    message = refused("no", "yes", "no", "yes", "perhaps", task="binary")
    assert "train.csv, label: 3 classes" in message
    assert "perhaps is the label of 4.jpg" in message
    assert "1 class (no)" in refused("no", "no", task="binary")


def test_another_number_of_classes_than_the_file_has_is_refused_with_the_key_to_set() -> None:
    assert refused("a", "a", "b", "b", classes=3) == (
        "train.csv, label: 2 classes (a, b), but competition leaves needs 3: correct train.label_column, or set "
        "classes in the competition's file."
    )
    assert refused("a", "a").endswith(
        "1 class (a), but competition leaves needs at least 2: correct train.label_column, or set task in the "
        "competition's file."
    )


def test_the_labels_of_an_image_are_split_and_there_may_be_none(tmp_path: Path) -> None:
    manifest = read(tmp_path, "b,a", "", "a", "fly agaric,b", "fly agaric", task="multilabel", label_separator=",")
    assert manifest.classes == ["a", "b", "fly agaric"]
    assert manifest.train["label"].tolist() == ["b,a", "", "a", "fly agaric,b", "fly agaric"]


def test_a_label_of_several_that_one_image_has_is_refused() -> None:
    assert "1 label with fewer than two images" in refused("a b", "a", "", "a", task="multilabel")


def test_images_without_any_label_are_refused() -> None:
    assert "0 classes" in refused("", "", task="multilabel")


@pytest.mark.parametrize("cell", ["many", "inf", "3,5"])
def test_a_label_that_is_no_number_is_refused_with_its_image(tmp_path: Path, cell: str) -> None:
    message = refusal(tmp_path, "1", cell, "2.5", task="regression")
    what = f"1 id with a label that is not a finite number: 1.jpg ({cell}); correct train.label_column"
    assert f"train.csv, column label: {what}" in message


def test_numbers_with_decimal_commas_are_numbers_and_are_told(tmp_path: Path) -> None:
    manifest = read(tmp_path, "1,5", "2", "0,25", task="regression")
    assert manifest.train["label"].tolist() == ["1.5", "2", "0.25"]
    assert manifest.notes == ["train.csv, column label: 2 numbers with a decimal comma, such as 1,5"]


@pytest.mark.parametrize("cell", [" ", "nan", "NA"])
def test_an_empty_number_is_refused_with_its_image_and_the_policy_that_skips_it(tmp_path: Path, cell: str) -> None:
    message = refusal(tmp_path, "1", cell, "2", task="regression")
    assert message.endswith("1 id with an empty label: 1.jpg; set policies: {empty_labels: skip}.")
    kept = read(tmp_path, "1", cell, "2", task="regression", policies={"empty_labels": "skip"}).train
    assert kept["label"].tolist() == ["1", "2"]


@pytest.mark.parametrize("cell", ["-0.1", "1.5"])
def test_a_number_outside_of_0_to_1_is_refused_with_its_image(tmp_path: Path, cell: str) -> None:
    message = refused("0", "1", cell, task="unit_regression")
    assert "train.csv, column label: 1 id with a number outside 0 to 1: 2.jpg" in message
    assert read(tmp_path, "0", "1", cell, task="regression").classes == []


def test_numbers_that_are_all_equal_are_refused() -> None:
    assert "have the same number" in refused("3", "3.0", task="regression")


def test_the_cache_of_several_labels_knows_targets_and_groups(tmp_path: Path) -> None:
    opened = cache(tmp_path, "a|b", "", "a", "a|b", task="multilabel", label_separator="|")
    assert opened.classes == ["a", "b"]
    assert opened.targets[:].tolist() == [[1, 1], [0, 0], [1, 0], [1, 1]]
    assert opened.labels.tolist() == [1, 2, 0, 1]
    assert (opened.task, opened.label_separator) == ("multilabel", "|")


def test_the_cache_of_numbers_has_targets_but_no_classes(tmp_path: Path) -> None:
    opened = cache(tmp_path, "0.1", "20", "-3", task="regression")
    assert opened.classes == []
    np.testing.assert_array_equal(opened.targets, np.array([[0.1], [20], [-3]], np.float32))
    assert opened.train["label"].tolist() == ["0.1", "20", "-3"]


def test_the_fingerprint_changes_with_the_task(tmp_path: Path) -> None:
    one = cache(tmp_path, "0", "1", "0", "1").fingerprint
    assert cache(tmp_path, "0", "1", "0", "1", task="binary").fingerprint != one


@pytest.mark.parametrize("other", ["caf\u00e9 ", "cafe\u0301"])
def test_labels_that_nobody_can_tell_apart_are_one(tmp_path: Path, other: str) -> None:
    assert read(tmp_path, "caf\u00e9", other, "tea", "tea").classes == ["caf\u00e9", "tea"]


@pytest.mark.parametrize(("one", "other"), [("black rust", "black\u00a0rust"), ("1", "1.0")])
def test_labels_that_look_alike_are_refused_with_the_map_that_makes_them_one(
    tmp_path: Path, one: str, other: str
) -> None:
    message = refusal(tmp_path, one, one, other, other)
    assert "differ only in spaces or in zeros after the point: make them one by train.label_map, such as {" in message
    assert yaml.safe_load(message[message.index("{") : -1]) == {
        other: one,
        "*": "*",
    }  # as it stands, pasted into the file
    assert len(message) <= 300


def test_the_map_makes_labels_that_look_alike_one(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members("cat", "cat.0", "dog", "dog"))
    train = LAYOUT | {"label_map": {"cat.0": "cat", "*": "*"}}
    with open_archive(path, tmp_path) as archive:
        assert read_manifest(archive, competition(train=train)).classes == ["cat", "dog"]


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (["Cat", "cat"], "1 label differing from another in case or zeros before it, such as Cat and cat"),
        (["1", "01"], "1 label differing from another in case or zeros before it, such as 01 and 1"),
        (["a", "NaN"], "2 images with the label NaN, which counts as a class"),
        (["a", "?"], "2 images with the label ?, which counts as a class"),
        (["a", "b"], ""),
        (["0", "00"], "1 label differing from another in case or zeros before it, such as 0 and 00"),
        (["0", "1"], ""),
    ],
)
def test_labels_that_are_likely_no_classes_of_their_own_are_told(tmp_path: Path, labels: list[str], told: str) -> None:
    notes = read(tmp_path, *labels * 2).notes
    assert len(notes) == bool(told) and told in "".join(notes)
    assert not told or "train.label_map" in notes[0]


def test_a_label_that_the_map_makes_empty_is_skipped_or_refused_by_its_policy(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members("cat", "?", "dog", "dog", "cat"))
    train = LAYOUT | {"label_map": {"?": "", "*": "*"}}
    with open_archive(path, tmp_path) as archive:
        with pytest.raises(InputError, match=r"1 id with an empty label: .*; set policies: {empty_labels: skip}"):
            read_manifest(archive, competition(train=train))
        manifest = read_manifest(archive, competition(train=train, policies={"empty_labels": "skip"}))
    assert manifest.classes == ["cat", "dog"] and manifest.train.index.tolist() == [0, 1, 2, 3]
    assert [row["reason"] for row in manifest.skipped] == ["it has no label"]


def test_ordered_classes_that_are_no_whole_numbers_are_refused(tmp_path: Path) -> None:
    assert read(tmp_path, "10", "2", "7", "10", "2", "7", task="ordinal").classes == ["2", "7", "10"]
    assert "orders classes by their whole numbers" in refused("mild", "none", "mild", "none", task="ordinal")


GRADES = {"table": "train.csv", "images": "train_images/{id}", "classes": ["none", "mild", "severe"]}


def test_grades_by_name_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members("mild", "severe", "none", "none", "mild", "severe"))
    graded = competition(train=GRADES, task="ordinal")
    with open_archive(path, tmp_path) as archive:
        assert read_manifest(archive, graded).classes == ["none", "mild", "severe"]
    build_cache(path, graded, tmp_path / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    assert open_cache(tmp_path / "cache").targets[:, 0].tolist() == [1, 2, 0, 0, 1, 2]


def test_a_grade_without_a_place_in_the_order_is_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members("mild", "grave", "none", "none", "mild", "grave"))
    with open_archive(path, tmp_path) as archive, pytest.raises(InputError) as caught:
        read_manifest(archive, competition(train=GRADES, task="ordinal"))
    assert "the label grave has no place in the order" in str(caught.value)
    assert "(none, mild, severe): add it to train.classes." in str(caught.value)


def test_ordered_classes_are_three_at_least() -> None:
    assert "task: ordinal is for three classes or more, and these are two: set task: binary" in refused(
        "0", "1", "0", "1", task="ordinal"
    )


def test_folders_of_classes_without_an_order_are_sorted() -> None:
    folders = {"images": "{label}/{id}", "classes": ["b", "a"]}
    assert check_labels(table("a", "b", "a", "b"), competition(train=folders)) == ["a", "b"]


def test_grades_that_a_map_numbers_are_ordered_by_their_numbers(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", members("mild", "severe", "none", "none", "mild", "severe"))
    train = LAYOUT | {"label_map": {"none": "0", "mild": "1", "severe": "2"}}
    with open_archive(path, tmp_path) as archive:
        assert read_manifest(archive, competition(train=train, task="ordinal")).classes == ["0", "1", "2"]


def test_several_numbers_are_named_by_their_places(tmp_path: Path) -> None:
    assert read(tmp_path, "1 2", "3 4.5", task="multi_regression").classes == ["1", "2"]


@pytest.mark.parametrize("cell", ["1", "1 x"])
def test_an_image_without_one_of_the_several_numbers_is_refused(cell: str) -> None:
    message = refused("1 2", "3 4", cell, task="multi_regression")
    assert "1 id with a label that is not a finite number: 2.jpg" in message


@pytest.mark.parametrize("task", ["regression", "unit_regression"])
def test_numbers_that_are_all_0_or_1_are_refused_as_classes(task: str) -> None:
    assert "set task: binary" in refused("0", "1", "1", task=task)
    assert check_labels(table("0", "1"), competition(train=LAYOUT, task=task)) == []  # which two images may be


def test_several_numbers_that_are_all_0_or_1_are_refused_as_labels() -> None:
    assert "set task: multilabel" in refused("0 1", "1 0", "1 1", task="multi_regression")


def test_one_number_an_image_is_not_several() -> None:
    assert "set task: regression" in refused("2", "3", "4", task="multi_regression")


def test_several_labels_of_which_each_image_has_one_are_refused() -> None:
    assert "set task: multiclass" in refused("a", "a", "b", "b", task="multilabel")


def test_names_with_a_space_are_no_several_labels() -> None:
    message = refused("black grass", "black grass", "loose bent", "loose bent", task="multilabel")
    assert "set task: multiclass" in message


def test_another_mark_between_labels_than_the_separator_is_found() -> None:
    message = refused("a;b", "a", "b", "a;b", task="multilabel", label_separator="|")
    assert "a;b has ';' in it: set label_separator: ';'" in message
    message = refused("a", "b|c", "d|e", "b|c", task="multilabel")
    assert "b|c has '|' in it: set label_separator: '|'" in message


def test_a_number_below_0_is_refused_where_the_metric_is_rmsle() -> None:
    message = refused("2", "-3", "4", task="regression", metric="rmsle")
    assert message.startswith("train.csv, column label: 1 id with a number below 0, which metric: rmsle has no value")
    assert message.endswith(": 1.jpg; set metric.")
    assert check_labels(table("2", "0", "0.5"), competition(train=LAYOUT, task="regression", metric="rmsle")) == []


def test_a_kappa_of_classes_without_an_order_is_refused() -> None:
    message = refused("mild", "none", "mild", "none", metric="quadratic_weighted_kappa")
    assert "metric: quadratic_weighted_kappa orders classes" in message
    assert message.endswith("but these are mild, none: set another metric, or task: ordinal.")


def of_columns(*names: str, **layout: object) -> dict[str, object]:
    return {"table": "train.csv", "images": "train_images/{id}", "label_columns": list(names), **layout}


def test_classes_stand_in_the_order_of_their_columns_as_they_are_learned() -> None:
    described = competition(train=of_columns("sick", "fine", label_map={"sick": "ill", "*": "*"}))
    assert check_labels(table("fine", "ill", "fine", "ill"), described) == ["ill", "fine"]


def test_ordered_classes_may_be_columns_of_any_name() -> None:
    described = competition(train=of_columns("none", "mild", "severe"), task="ordinal")
    assert check_labels(table(*2 * ("mild", "none", "severe")), described) == ["none", "mild", "severe"]


def test_several_numbers_are_named_by_their_columns_where_there_are_as_many() -> None:
    described = competition(train=of_columns("x", "y"), task="multi_regression")
    assert check_labels(table("1 2", "3 4"), described) == ["x", "y"]
    assert name_numbers(table("1 2 3")["label"], described) == ["1", "2", "3"]


def test_the_images_of_wrong_labels_are_named_whatever_the_numbers_of_the_rows() -> None:
    assert "not a finite number: 1.jpg" in refused("1", "x", "2", task="regression")
    assert "outside 0 to 1: 2.jpg; set task: regression" in refused("0", "1", "1.1", task="unit_regression")
    message = refused("no", "yes", "no", "yes", "maybe", task="binary")
    assert "3 classes (no, yes, maybe; maybe is the label of 4.jpg)" in message
    message = refused("mild", "none", "mild", "none", task="ordinal")
    assert "task: ordinal orders classes by their whole numbers, but these are mild, none: list them under" in message
    assert message.endswith("as in classes: [none, mild, severe], or set task: multiclass.")


def test_a_class_with_one_image_is_refused_with_the_policy_that_takes_it() -> None:
    message = refused("a", "b", "a")
    assert "1 label with fewer than two images, one to train and one to validate: b; add images" in message
    assert message.endswith("or set policies: {single_image_classes: train}.")
    lenient = competition(train=LAYOUT, policies={"single_image_classes": "train"})
    assert check_labels(table("a", "b", "a"), lenient) == ["a", "b"]


def test_where_single_images_are_trained_on_another_class_needs_two_and_none_is_without_any() -> None:
    lenient = {"policies": {"single_image_classes": "train"}}
    assert "no label has two images, one to train and one to validate" in refused("a", "b", **lenient)
    with pytest.raises(InputError, match=r"1 label with no image: c; add images, or remove what has these labels\.$"):
        refuse_too_few(table("a", "a", "b")["label"], ["a", "b", "c"], competition(train=LAYOUT, **lenient), "here")
    of_none = refused("a", "a", "b", "b", train=of_columns("a", "b", "c"))
    assert "1 label with fewer than two images, one to train and one to validate: c; " in of_none
