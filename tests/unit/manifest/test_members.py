"""Patterns find the images of an archive, and what their names say."""

import unicodedata

import pandas as pd
import pytest
from scoretable.manifest.members import Members


def find(members: Members, patterns: list[str], values: dict[str, str]) -> str:
    return members.find_all(patterns, pd.DataFrame([values], dtype=str))[0]


@pytest.mark.parametrize("suffix", [".bmp", ".tif", ".TIFF", ".gif", ".webp"])
def test_an_id_without_suffix_finds_an_image_of_any_kind_that_decodes(suffix: str) -> None:
    assert find(Members([f"a/x{suffix}", "a/x.txt"]), ["a/{id}"], {"id": "x"}) == f"a/x{suffix}"


def test_an_id_with_dots_and_no_suffix_finds_its_image() -> None:
    members = Members(["train/1.2.826.0.jpg", "train/1.2.826.jpg"])
    assert find(members, ["train/{id}"], {"id": "1.2.826.0"}) == "train/1.2.826.0.jpg"


def test_what_macos_packs_beside_each_file_is_no_image() -> None:
    members = Members(["train/a/._1.jpg", "train/a/1.jpg", "__MACOSX/train/a/._1.jpg"])
    assert members.match(["train/{label}/{id}"])["member"].tolist() == ["train/a/1.jpg"]


@pytest.mark.parametrize("folder", [".ipynb_checkpoints", "@eaDir/1.jpg", ".Trash-1000", ".Trashes"])
def test_copies_that_a_program_keeps_beside_images_are_none_of_them(folder: str) -> None:
    members = Members([f"train/{folder}/1-checkpoint.jpg", f"train/a/{folder}/1.jpg", "train/a/1.jpg"])
    assert members.images == ["train/a/1.jpg"]


def test_a_path_is_made_of_several_fields() -> None:
    values = {"chain": "7", "image": "x.jpg"}
    assert find(Members(["t/7/x.jpg", "t/8/x.jpg"]), ["t/{chain}/{image}"], values) == "t/7/x.jpg"


def test_one_of_several_patterns_finds_the_image() -> None:
    assert find(Members(["a/1.png", "b/2.png"]), ["a/{id}", "b/{id}"], {"id": "2"}) == "b/2.png"


def test_images_of_two_patterns_are_none() -> None:
    assert not find(Members(["a/1.png", "b/1.png"]), ["a/{id}", "b/{id}"], {"id": "1"})


def test_a_name_that_macos_packed_is_found_by_the_name_in_the_table() -> None:
    packed = unicodedata.normalize("NFD", "a/é.jpg")
    assert find(Members([packed]), ["a/{id}"], {"id": "é"}) == packed


@pytest.mark.parametrize("packed", ["train/i0.JPG", "Train/I0.jpg", "train/i0 .jpg", "train /i0.Jpeg"])
def test_a_name_that_differs_only_in_case_or_spaces_is_found_and_told(packed: str) -> None:
    members = Members([packed, "train/other.jpg"])
    id_ = "i0.jpeg" if packed.endswith("eg") else "i0.jpg"
    assert find(members, ["train/{id}"], {"id": id_}) == packed
    members.tell_names([packed])
    assert members.notes == [f"1 name of images found whose case, slashes, spaces or zeros differ, such as {packed}"]


@pytest.mark.parametrize("id_", ["./train/i0.jpg", "train\\i0.jpg", "/train//i0"])
def test_a_path_is_found_whatever_its_slashes(id_: str) -> None:
    assert find(Members(["train/i0.jpg"]), ["{id}"], {"id": id_}) == "train/i0.jpg"


@pytest.mark.parametrize("ids", [["a.jpg", "A.jpg"], ["A.jpg", "A.JPG"]])
def test_an_image_that_looks_like_two_names_is_that_of_its_own_alone(ids: list[str]) -> None:
    members = Members(["train/a.jpg"])
    found = members.find_all(["train/{id}"], pd.DataFrame({"id": ids}))
    assert found == ["train/a.jpg" if id_ == "a.jpg" else "" for id_ in ids]


def test_names_of_folders_are_read_in_the_composed_form() -> None:
    packed = unicodedata.normalize("NFD", "잎/é.jpg")
    members = Members([packed])
    assert members.match(["{label}/{id}"]).to_numpy().tolist() == [["é.jpg", "잎", packed, ""]]
    members.tell_names([packed])
    assert members.notes == [f"1 name of images in Unicode form NFC, such as {packed}"]


@pytest.mark.parametrize(
    ("pattern", "name", "label", "id_"),
    [
        ("{label}_{id}", "cat_2019_01.jpg", "cat", "2019_01.jpg"),
        ("{label}.{n}.jpg", "cat.0.jpg", "cat", "cat.0.jpg"),
        ("{label}/{x}/{id}", "a/b/c.tif", "a", "c.tif"),
        ("{label}/{label}-{id}", "a/a-b.png", "a", "b.png"),
    ],
)
def test_a_field_takes_as_little_as_it_can_but_for_the_last(pattern: str, name: str, label: str, id_: str) -> None:
    assert Members([name, "other/d.txt"]).match([pattern]).drop(columns="group").to_numpy().tolist() == [
        [id_, label, name]
    ]


@pytest.mark.parametrize(
    ("packed", "id_"),
    [
        ("007.jpg", "7"),
        ("007.jpg", "7.0"),
        ("7.jpg", "007.jpg"),
        ("0.jpg", "00"),
        ("a b.jpg", "a%20b.jpg"),
        ("병.jpg", "%EB%B3%91"),
    ],
)
def test_a_name_that_a_spreadsheet_or_a_browser_changed_is_found(packed: str, id_: str) -> None:
    assert find(Members([f"train/{packed}", "train/8.jpg"]), ["train/{id}"], {"id": id_}) == f"train/{packed}"


def test_zeros_within_a_name_and_those_that_tell_two_images_apart_count() -> None:
    assert not find(Members(["train/i07.jpg"]), ["train/{id}"], {"id": "i7"})
    assert not find(Members(["train/07.jpg", "train/007.jpg"]), ["train/{id}"], {"id": "7"})
