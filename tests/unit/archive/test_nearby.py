"""What an archive lacks is answered with what it has: a name, a file, or the pattern that finds the images."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.archive.nearby import nearest_file, nearest_path_pattern, nearest_pattern
from scoretable.workspace.errors import nearest_name

TABLES = (".csv",)
FOLDERS = st.sampled_from(["train", "data/train", "comp/x/train_images", "a b/c"])
SUFFIXES = st.sampled_from([".jpg", ".PNG", ".tif"])


def rows(count: int, **fields: str) -> list[dict[str, str]]:
    return [{"id": f"p{n:03d}", **{key: value.format(n % 3) for key, value in fields.items()}} for n in range(count)]


@pytest.mark.parametrize(("name", "there"), [("ID", "id"), ("labels", "label"), ("hotel_id ", "hotel_id")])
def test_a_name_in_another_case_or_with_a_slip_is_found(name: str, there: str) -> None:
    assert nearest_name(name, ["other", there]) == there


def test_nothing_is_suggested_where_nothing_is_alike() -> None:
    assert nearest_name("timestamp", ["id", "label"]) is None
    assert nearest_file("photos.csv", ["train.csv"], TABLES) is None
    assert nearest_pattern("train/{id}", rows(5), ["a/1.jpg"], "train") is None
    assert nearest_path_pattern("train/{label}/{id}", ["1.jpg"], "train") is None


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Train.csv", "comp/train.csv"),
        ("train.tsv", "comp/train.csv"),
        ("trains.csv", "comp/train.csv"),
        ("test.csv", "test.7z"),
    ],
)
def test_a_file_is_found_by_its_name_elsewhere_or_with_another_suffix(name: str, found: str) -> None:
    assert nearest_file(name, ["comp/train.csv", "test.7z", "a/test.jpg"], TABLES) == found


@given(FOLDERS, SUFFIXES, st.sampled_from(["", "{label}/", "{chain}/", "{chain}/{label}/"]), st.integers(4, 60))
def test_the_pattern_that_finds_the_images_is_found(folder: str, suffix: str, fields: str, count: int) -> None:
    asked = rows(count, label="l{}", chain="c{}")
    pattern = f"{folder}/{fields}{{id}}"
    assert nearest_pattern("photos/{id}", asked, [pattern.format(**row) + suffix for row in asked], "train") == pattern


def test_the_folder_of_the_split_goes_before_one_with_images_of_the_same_names() -> None:
    names = [f"{split}/{row['id']}.jpg" for split in ("test", "train") for row in rows(9)]
    assert nearest_pattern("photos/{id}", rows(9), names, "train") == "train/{id}"
    assert nearest_pattern("photos/{id}", rows(9), names, "test") == "test/{id}"


def test_what_stands_around_an_id_is_found() -> None:
    names = [f"train/img-{row['id']}-L.jpg" for row in rows(9)]
    assert nearest_pattern("train/{id}", rows(9), names, "train") == "train/img-{id}-L.jpg"


def test_a_column_that_names_the_images_is_found_where_the_id_does_not() -> None:
    asked = [{"id": str(n), "file": f"x{n}.jpg"} for n in range(5)]
    assert nearest_pattern("train/{id}", asked, [f"train/x{n}.jpg" for n in range(5)], "train") == "train/{file}"


def test_a_file_of_another_suffix_is_found_by_the_stem_of_the_id() -> None:
    asked = [{"id": f"i{n}.jpg"} for n in range(5)]
    assert nearest_pattern("train/{id}", asked, [f"train/i{n}.jpeg" for n in range(5)], "train") == "train/{stem}"


def test_where_an_id_has_files_of_two_suffixes_one_stands_in_the_pattern() -> None:
    asked = [{"id": f"i{n}"} for n in range(5)]
    names = [f"train/i{n}{suffix}" for n in range(5) for suffix in (".png", ".tif")]
    assert nearest_pattern("train/{id}", asked, names, "train") in ("train/{id}.png", "train/{id}.tif")
    assert nearest_pattern("photos/{id}", asked, names[::2], "train") == "train/{id}"


@pytest.mark.parametrize("folder", ["train/", "./train/", "train\\"])
def test_an_id_that_is_a_path_needs_no_folder(folder: str) -> None:
    asked = [{"id": f"{folder}i{n}.jpg"} for n in range(5)]
    assert nearest_pattern("train/{id}", asked, [f"train/i{n}.jpg" for n in range(5)], "train") == "{id}"
    assert nearest_pattern("train/{id}", asked, [f"c/train/i{n}.jpg" for n in range(5)], "train") == "c/{id}"


@given(FOLDERS, SUFFIXES, st.sampled_from(["{label}/{id}", "{label}.{n}.jpg", "{label}_{id}"]))
def test_the_folder_above_labels_in_paths_is_found(folder: str, suffix: str, fields: str) -> None:
    stem = fields.removesuffix(".jpg")
    names = [f"{folder}/{stem.format(label=label, id=n, n=n)}{suffix}" for label in ("cat", "dog") for n in range(5)]
    found = nearest_path_pattern(f"photos/{fields}", names, "train")
    assert found in (f"{folder}/{stem}", f"{folder}/{stem}{suffix}")


@pytest.mark.parametrize("folder", ["/kaggle/input/comp/train/", "C:\\data\\train\\", "../train images/"])
def test_ids_that_are_paths_of_another_machine_are_found_without_their_folders(folder: str) -> None:
    asked = [{"id": f"{folder}i{number}.jpg", "label": "a"} for number in range(5)]
    assert nearest_pattern("train/{id}", asked, [f"x/i{n}.jpg" for n in range(5)], "train") == "x/{basename}"
