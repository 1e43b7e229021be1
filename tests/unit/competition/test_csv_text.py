"""Tables are read whatever wrote them, and what is not as in most is told."""

import pytest
from scoretable.competition.csv_text import as_utf8, find_separator, read_cells, utf16_without_mark
from scoretable.competition.spelling import Notes

PLAIN = [["01", "a"], ["02", "b"]]


def read(text: str) -> tuple[list[str], list[list[str]], Notes]:
    notes: Notes = []
    table = read_cells(text.encode(), "t.csv", notes)
    return list(table.columns), table.to_numpy().tolist(), notes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,label\n01,a\n02,b\n", []),
        ("id,label\r\n01,a\r\n02,b\r\n", []),
        ("id,label\r01,a\r02,b\r", []),
        ("id;label\n01;a\n02;b\n", ["t.csv: columns separated by ';'"]),
        ("id\tlabel\n01\ta\n02\tb\n", ["t.csv: columns separated by '\\t'"]),
        ("id|label\n01|a\n02|b\n", ["t.csv: columns separated by '|'"]),
        ('"id", "label"\n"01", "a"\n"02",  "b"\n', ["t.csv: spaces between separators and quotes left out"]),
        ("id,label\n01,a,\n02,b,\n", ["t.csv: 1 column without a name and values left out"]),
        ("id,label\n01,a\n02,b,,\n", ["t.csv: 2 columns without a name and values left out"]),
        ("id,label,\n01,a,\n02,b\n", ["t.csv: 1 column without a name and values left out"]),
        ("id,label\n01,a\n,\n02,b\n,\n", ["t.csv: 2 empty rows left out"]),
    ],
)
def test_a_table_is_the_same_whatever_wrote_it_and_the_difference_is_told(text: str, told: list[str]) -> None:
    assert read(text) == (["id", "label"], PLAIN, told)


def test_words_that_elsewhere_stand_for_nothing_are_labels() -> None:
    assert read("id,label\n1,NA\n2,nan\n3,None\n4,null\n")[1] == [
        ["1", "NA"],
        ["2", "nan"],
        ["3", "None"],
        ["4", "null"],
    ]


def test_a_column_without_a_name_that_has_values_stays() -> None:
    assert read("id,,label\n0,x,a\n1,,b\n")[0] == ["id", "Unnamed: 1", "label"]


def test_a_row_with_a_value_too_many_is_named() -> None:
    with pytest.raises(ValueError, match="line 3 has more values than the header has names"):
        read("id,label\n1,a\n2,b,c\n")


def test_separators_without_end_are_no_table() -> None:
    with pytest.raises(ValueError, match="line 2 has more values"):
        read("id,label\n1,a" + "," * 200 + "\n")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("id,labels\n1,a;b\n2,a\n", ","),
        ("id;note\n1;a, b\n2;c\n", ";"),
        ('"a, b";c\n1;2\n', ";"),
        ("id\n1\n", ","),
        ("", ","),
    ],
)
def test_the_separator_is_the_mark_that_parts_the_header(text: str, separator: str) -> None:
    assert find_separator(text.encode()) == separator


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", ["a", "건강"])
def test_utf16_is_known_without_its_mark(encoding: str, label: str) -> None:
    text = "id,label\n" + f"1,{label}\n" * 9
    notes: Notes = []
    assert as_utf8(text.encode(encoding), "t.csv", None, "train.table", notes).decode() == text
    assert notes == [f"t.csv: encoding {encoding}"]


@pytest.mark.parametrize("content", [b"id,label\n1,a\n", bytes(range(256)) * 8, b"\x00" * 100, b""])
def test_other_bytes_are_not_utf16(content: bytes) -> None:
    assert utf16_without_mark(content) == ""


def test_an_encoding_is_told_only_of_a_table_that_needs_it() -> None:
    notes: Notes = []
    as_utf8(b"id\n1\n", "t.csv", "cp949", "train.table", notes)
    assert notes == []
