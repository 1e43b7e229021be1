"""The patterns that ids lead to, in archives of few names."""

import pandas as pd
import pytest
from scoretable.discovery.contents import split_paths
from scoretable.discovery.places import Place, Split, locate


def place(names: list[str], ids: list[str], split: Split = "train", **fields: list[str]) -> Place:
    columns = {name: pd.Series(values, dtype=str) for name, values in fields.items()}
    found = locate(pd.Series(ids, dtype=str), split_paths(names), split, columns)
    assert found is not None
    return found


def numbered(folder: str, count: int, suffix: str = "jpg") -> list[str]:
    return [f"{folder}/{number}.{suffix}" for number in range(count)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_ids_that_are_in_both_splits_are_looked_for_in_the_folder_of_that_name(split: Split) -> None:
    names = numbered("a/train", 9) + numbered("a/test", 9)
    assert place(names, ["0", "1", "2"], split).patterns == [f"a/{split}/{{id}}"]


def test_of_two_folders_without_such_a_name_the_one_without_other_images_is_taken() -> None:
    assert place(numbered("one", 9) + numbered("two", 3), ["0", "1", "2"]).patterns == ["two/{id}"]


def test_masks_beside_the_photos_are_no_photos() -> None:
    assert place(numbered("masks", 3) + numbered("photos", 3), ["0", "1", "2"]).patterns == ["photos/{id}"]


def test_a_folder_that_is_a_column_of_the_table_stands_in_braces() -> None:
    names = ["x/7/a.png", "x/8/b.png", "x/8/c.png"]
    assert place(names, ["a.png", "b.png", "c.png"], chain=["7", "8", "8"]).patterns == ["x/{chain}/{id}"]


def test_a_folder_that_is_in_every_path_stays_as_it_is() -> None:
    names = ["x/7/raw/a.png", "x/8/raw/b.png"]
    assert place(names, ["a", "b"], chain=["7", "8"]).patterns == ["x/{chain}/raw/{id}"]


def test_images_in_two_folders_are_found_by_two_patterns() -> None:
    found = place(["x/a.png", "x/b.png", "y/c.png"], ["a", "b", "c"])
    assert found.patterns == ["x/{id}", "y/{id}"] and found.share == 1


def test_more_folders_than_a_list_may_have_are_none() -> None:
    names = [f"{number}/{number}.png" for number in range(40)]
    assert locate(pd.Series([str(number) for number in range(40)]), split_paths(names), "train") is None


def test_of_two_files_of_a_name_in_a_folder_the_photo_is_taken_by_its_suffix() -> None:
    names = numbered("x", 3) + numbered("x", 3, "tif") + numbered("y", 3, "tif")
    assert place(names, ["0", "1", "2"]).patterns == ["x/{id}.jpg"]


def test_photos_in_two_folders_come_before_all_of_them_as_tiff_in_one() -> None:
    names = ["x/a.jpg", "x/b.jpg", "y/c.jpg", "t/a.tif", "t/b.tif", "t/c.tif"]
    assert place(names, ["a", "b", "c"]).patterns == ["x/{id}", "y/{id}"]


def test_a_word_before_the_id_stands_in_the_pattern() -> None:
    assert place(["x/ISIC_12.jpg", "x/ISIC_13.jpg"], ["12", "13"]).patterns == ["x/ISIC_{id}"]


def test_one_of_several_files_of_an_id_is_taken_and_the_others_are_named() -> None:
    found = place(["x/a_red.png", "x/a_blue.png", "x/b_red.png", "x/b_blue.png"], ["a", "b"])
    assert found.patterns == ["x/{id}_blue"] and found.endings == ("_blue", "_red")


def test_ids_with_folders_in_them_are_found_from_the_end() -> None:
    assert place(["x/y/1.png", "x/z/2.png"], ["y/1", "z/2"]).patterns == ["x/{id}"]


def test_names_as_macos_packs_them_are_those_of_the_table() -> None:
    decomposed, composed = "e\u0301", "\u00e9"
    assert place([f"x/{decomposed}1.png", f"x/{decomposed}2.png"], [f"{composed}1", f"{composed}2"]).share == 1


def test_names_that_differ_only_in_case_or_spaces_are_found() -> None:
    found = place(["train/I0.JPG", "train/I1 .JPG"], ["i0.jpg", "i1.jpg"])
    assert (found.patterns, found.hits["value"].tolist()) == (["train/{id}"], ["i0.jpg", "i1.jpg"])


def test_a_column_that_is_about_something_else_has_no_place() -> None:
    assert locate(pd.Series(["red", "green"]), split_paths(numbered("x", 3)), "train") is None


def test_rows_without_an_image_are_counted() -> None:
    found = place(numbered("x", 3), ["0", "1", "2", "3"])
    assert (found.found, found.ids) == (3, 4)


@pytest.mark.parametrize("folder", ["/kaggle/input/", "C:\\data\\", "./x/"])
def test_ids_that_are_paths_of_another_machine_are_found_by_their_names(folder: str) -> None:
    found = place(numbered("a/train", 5), [f"{folder}{number}.jpg" for number in range(5)])
    assert found.patterns == ["a/train/{basename}"] and found.describe().startswith("ids have other folders than files")
