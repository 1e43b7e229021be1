"""What nobody sees in a table does not count, and is told."""

import unicodedata

import pandas as pd
import pytest
from scoretable.competition.spelling import Commas, Notes, clean, clean_any, clean_table, look_of, tell, with_points
from unit.archives import competition

UNSEEN = [" ", "\t", "\r", "\xa0", "\u3000", "\u200b", "\ufeff", "\u2060", " \u200b "]


@pytest.mark.parametrize("mark", UNSEEN)
def test_what_is_not_seen_at_the_ends_of_a_text_is_left_out(mark: str) -> None:
    assert clean(f"{mark}black rust{mark}") == "black rust"


def test_a_text_is_read_in_the_composed_form() -> None:
    assert clean(unicodedata.normalize("NFD", "잎 é")) == "잎 é"


def cleaned(**columns: list[str]) -> tuple[pd.DataFrame, Notes]:
    notes: Notes = []
    return clean_table(pd.DataFrame(columns), "t.csv", notes), notes


def test_cells_that_change_are_counted_and_one_is_shown() -> None:
    table, notes = cleaned(id=["1", "2", "3"], label=["a", "a\u200b", "b "])
    assert table["label"].tolist() == ["a", "a", "b"]
    assert notes == ["t.csv, column label: 2 cells trimmed, such as 'a\\u200b' (2 values in place of 3)"]


def test_names_of_columns_that_change_are_told_as_those_of_the_header() -> None:
    table, notes = cleaned(**{"id ": ["1"], "label": ["a "]})
    assert list(table.columns) == ["id", "label"]
    assert notes == [
        "t.csv, header: 1 name trimmed, such as 'id '",
        "t.csv, column label: 1 cell trimmed, such as 'a '",
    ]


def test_a_line_is_told_once_and_only_where_someone_listens() -> None:
    notes: Notes = ["a"]
    for line in ("a", "b", "b"):
        tell(notes, line)
        tell(None, line)
    assert notes == ["a", "b"]


def test_what_is_no_text_stays_as_it_is() -> None:
    assert [clean_any(value) for value in (" a", 1, None)] == ["a", 1, None]


def test_nothing_is_told_of_a_table_that_is_read_as_it_stands() -> None:
    assert cleaned(id=["1"], label=["é a"])[1] == []


def test_of_many_columns_that_change_the_first_are_told_and_the_others_counted() -> None:
    notes = cleaned(**{f"c{number}": [" 1"] for number in range(5)})[1]
    assert [line.partition(":")[0] for line in notes[:3]] == [f"t.csv, column c{number}" for number in range(3)]
    assert notes[3:] == ["t.csv: the same in 2 other columns"]
    assert len(cleaned(**{f"c{number}": [" 1"] for number in range(3)})[1]) == 3


def test_names_of_columns_that_would_be_the_same_stay_as_they_are() -> None:
    assert list(cleaned(**{"a": ["1"], "a ": ["2"]})[0].columns) == ["a", "a "]


def test_names_in_a_competitions_file_are_read_as_those_of_the_archive() -> None:
    apart = unicodedata.normalize("NFD", "é")
    train = {"table": "t.csv", "images": "{id}", "label_column": f" {apart}", "label_map": {f"{apart} ": "a "}}
    layout = competition(train=train, submission={"id_column": " id", "columns": {"a ": f"{apart}"}})
    assert (layout.train.label_column, layout.train.label_map) == ("é", {"é": "a"})
    assert (layout.submission.id_column, layout.submission.column_of) == ("id", {"a": "é"})


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["0,5", "1", "-2,25", ""], ["0.5", "1", "-2.25", ""]),
        (["0,5", "1.5"], None),
        (["1,500", "2,000"], None),
        (["1,5", "1,2,3"], None),
        (["1,5", "many"], None),
    ],
)
def test_numbers_with_a_decimal_comma_are_read_where_it_can_be_nothing_else(
    cells: list[str], read: list[str] | None
) -> None:
    notes: Notes = []
    assert with_points(pd.Series(cells), "t.csv, column x", notes).tolist() == (read or cells)
    assert notes == (["t.csv, column x: 2 numbers with a decimal comma, such as 0,5"] if read else [])


@pytest.mark.parametrize(
    ("cells", "commas", "read"),
    [
        (["1,500", "1,500,000"], None, ["1500", "1500000"]),
        (["1,500.5", "900"], None, ["1500.5", "900"]),
        (["1.500,5", "900", "2.500"], None, ["1500.5", "900", "2500"]),
        (["1,500", "900"], "thousands", ["1500", "900"]),
        (["1,500", "900"], "decimal", ["1.500", "900"]),
        (["1,500", "900"], None, ["1,500", "900"]),
        (["0,125", "NA"], None, ["0.125", "NA"]),
        (["5%", "10 %"], None, ["5", "10"]),
        (["5%", "10"], None, ["5%", "10"]),
        (["1,5%", ""], None, ["1.5", ""]),
    ],
)
def test_marks_of_thousands_and_percent_signs_are_left_out_where_they_can_be_nothing_else(
    cells: list[str], commas: Commas | None, read: list[str]
) -> None:
    notes: Notes = []
    assert with_points(pd.Series(cells), "t.csv", notes, commas).tolist() == read
    assert bool(notes) == (read != cells)


@pytest.mark.parametrize(("one", "other"), [("a b", "a\xa0b"), ("a b", "a  b"), ("1", "1.0"), ("-2.00", "-2")])
def test_texts_that_are_taken_for_one_look_the_same(one: str, other: str) -> None:
    assert look_of(one) == look_of(other)


@pytest.mark.parametrize(("one", "other"), [("1", "1.5"), ("v1.0", "1"), ("10", "1.0"), ("01", "1"), ("A", "a")])
def test_other_texts_do_not(one: str, other: str) -> None:
    assert look_of(one) != look_of(other)
