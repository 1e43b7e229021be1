"""Which columns hold the labels that a sample asks for."""

import pandas as pd
import pytest
from scoretable.discovery.label_columns import Labels, find_labels, split_of
from scoretable.discovery.names import match_names
from scoretable.discovery.samples import Sample


def frame(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns).astype(str)


def found(sample: dict[str, list[object]], **columns: list[object]) -> Labels:
    wanted = Sample("sample.csv", frame(id=list("xy"), **sample), "id", None)
    labels = find_labels(frame(id=list("abcdef"), **columns), "id", wanted)
    assert labels is not None
    return labels


KINDS: list[object] = ["cat", "dog", "cat", "dog", "cat", "dog"]
NUMBERS: list[object] = [0, 1, 0, 1, 0, 1]


def test_a_column_of_the_same_name_comes_before_one_that_says_the_same_in_words() -> None:
    assert found({"target": [0, 0]}, benign_malignant=KINDS, target=NUMBERS).column == "target"


def test_of_an_id_and_a_name_the_one_is_taken_that_the_sample_has() -> None:
    columns = {"category_id": NUMBERS, "category": KINDS}
    assert found({"Category": [0, 0]}, **columns).column == "category_id"
    assert found({"Category": ["cat", "cat"]}, **columns).column == "category"


def test_a_column_of_another_name_is_known_by_its_values() -> None:
    assert found({"guess": ["cat", "dog"]}, hue=NUMBERS, kind=KINDS).column == "kind"


def test_columns_of_the_sample_are_values_of_a_column() -> None:
    assert found({"cat": [0.5, 0.5], "dog": [0.5, 0.5]}, hue=NUMBERS, kind=KINDS).column == "kind"


def test_columns_of_the_sample_are_columns_of_the_table() -> None:
    assert found({"x": [0, 0], "y": [0, 0]}, x=NUMBERS, y=NUMBERS, z=NUMBERS).columns == ("x", "y")


def test_labels_of_a_sample_are_names_of_columns() -> None:
    assert found({"kind": ["cat", "dog"]}, cat=NUMBERS, dog=NUMBERS, age=[1, 2, 3, 4, 5, 6]).columns == ("cat", "dog")


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["rust", "scab", "rust scab", "rust complex", "complex scab", "complex"], " "),
        (["Sugar beet", "Common Chickweed", "Black-grass"], None),
        (["Red apple", "Green apple", "Red pear", "Green pear", "Red fig", "Green fig"], None),
        (["0 16", "1", "2 0"], " "),
        (["a|b", "b", "a", "a|c"], "|"),
        (["a, b", "b", "a", "a, c"], ", "),
        (["a, b", "b", "a", "a,c"], ","),
        (["big leaf", "red spot", "big leaf;red spot", "dry", "red spot;dry", "big leaf;dry"], ";"),
        (["cat", "dog ", "dog"], None),
    ],
)
def test_several_labels_a_cell_are_told_from_names_of_several_words(cells: list[str], separator: str | None) -> None:
    assert split_of(pd.Series(cells), set()) == separator


def test_lists_are_known_by_those_of_the_sample() -> None:
    cells = pd.Series(["clear primary", "agriculture primary road", "cloudy"])
    assert split_of(cells, set()) is None
    assert split_of(cells, {"primary clear"}) == " "


@pytest.mark.parametrize(
    ("classes", "columns", "matched"),
    [
        (["cat", "dog"], ["dog", "cat"], {"cat": "cat", "dog": "dog"}),
        (["Sugar beet", "maize"], ["sugar_beet", "Maize"], {"Sugar beet": "sugar_beet", "maize": "Maize"}),
        (["0", "1"], ["c0", "c1"], {"0": "c0", "1": "c1"}),
        (["cat", "dog"], ["is_cat", "is_dog"], {"cat": "is_cat", "dog": "is_dog"}),
        (["cat", "dog"], ["x", "y"], None),
        (["a", "b"], ["a", "b", "c", "d"], None),
    ],
)
def test_classes_are_matched_to_columns_that_are_named_a_little_differently(
    classes: list[str], columns: list[str], matched: dict[str, str] | None
) -> None:
    assert match_names(classes, columns) == matched


def test_numbers_with_a_decimal_comma_are_one_number_a_cell() -> None:
    amounts: list[object] = ["0,5", "1,5", "2,5", "3,5", "4,5", "5,5"]
    assert found({"label": ["0,5", "0,5"]}, label=amounts).separator is None
