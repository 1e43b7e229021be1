"""Tables are read whatever wrote them, and what is not as in most is told."""

import pandas as pd
import pytest
from scoretable.competition import csv_text
from scoretable.competition.csv_text import (
    as_utf8,
    find_separator,
    is_index,
    read_cells,
    row_for_header,
    utf16_without_mark,
    with_header,
    without_preamble,
)
from scoretable.competition.spelling import Notes
from scoretable.workspace.errors import InputError

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
        ("id label\n01 a\n02 b\n", ["t.csv: columns separated by ' '"]),
        ("id  label\n01   a\n02 b\n", ["t.csv: columns separated by ' '"]),
        ('"id", "label"\n"01", "a"\n"02",  "b"\n', ["t.csv: spaces between separators and quotes left out"]),
        ("id,label\n01,a,\n02,b,\n", ["t.csv: 1 column without a name and values left out"]),
        ("id,label\n01,a\n02,b,,\n", ["t.csv: 2 columns without a name and values left out"]),
        ("id,label,\n01,a,\n02,b\n", ["t.csv: 1 column without a name and values left out"]),
        ("id,,label\n01,,a\n02,,b\n", ["t.csv: 1 column without a name and values left out"]),
        ("id,label\n01,a\n,\n02,b\n,\n,\n", ["t.csv: 3 empty rows left out"]),
    ],
)
def test_a_table_is_the_same_whatever_wrote_it_and_the_difference_is_told(text: str, told: list[str]) -> None:
    assert read(text) == (["id", "label"], PLAIN, told)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "# leaves of 2019", "#"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_before_the_header_is_left_out_and_told(line: str, end: str) -> None:
    notes: Notes = []
    table = f"id;label{end}01;a{end}".encode()
    assert without_preamble(line.encode() + end.encode() + table, "t.csv", notes) == table
    assert notes == [f"t.csv: the line {line!r} before the header left out"]


def test_each_of_several_lines_before_the_header_is_told_by_its_beginning() -> None:
    notes: Notes = []
    text = "\ufeff# leaves\n# " + "of 2019 " * 6 + "\nid,label\n1,a\n"
    assert without_preamble(text.encode(), "t.csv", notes) == b"id,label\n1,a\n"
    assert notes == [
        "t.csv: the line '# leaves' before the header left out",
        "t.csv: the line '# of 2019 of 2019 of 2019 of 2019 of 201' before the header left out",
    ]


@pytest.mark.parametrize("text", ["#id,label\n1,a\n", "#id,label\n#1,a\n", "#id\n1\n", "id,label\n# 1,a\n", "sep=x\n"])
def test_a_header_and_a_row_that_look_like_a_remark_stay(text: str) -> None:
    assert without_preamble(text.encode(), "t.csv") == text.encode()


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("01.jpg,a,x\n02.jpg,b\n", "column_1,column_2,column_3\n"),
        ("a b 01.PNG\nb a 02.PNG\n", "column_1 column_2 column_3\n"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_table_whose_first_row_names_an_image_gets_a_header_that_is_told(text: str, header: str, mark: str) -> None:
    notes: Notes = []
    assert with_header((mark + text).encode(), "t.csv", notes) == (header + text).encode()
    assert notes == ["t.csv: no header, so that its columns are column_1 to column_3"]


@pytest.mark.parametrize("cell", ["01", "01.jpg"])
def test_a_first_row_that_names_an_image_of_the_archive_is_no_header(cell: str) -> None:
    members = ["train/01.jpg", "train/02.jpg", "train.csv"]
    assert row_for_header(f"{cell},a\n02,b\n".encode(), members) == [cell, "a"]
    assert row_for_header(b"id,01,02\nx,02,01\n", members) == []  # columns of classes, which are numbers as images are
    assert row_for_header(b"train,01\n02,b\n", members) == []


@pytest.mark.parametrize(
    ("column", "cells", "counts"),
    [
        ("Unnamed: 0", ["0", "1", "2"], True),
        ("Unnamed: 0", ["1", "2", "3"], True),
        ("Unnamed: 0", ["0", "2", "1"], False),
        ("Unnamed: 0", ["a", "b", "c"], False),
        ("Unnamed: 0", [], False),
        ("row", ["0", "1", "2"], False),
    ],
)
def test_an_index_counts_the_rows_and_has_no_name(column: str, cells: list[str], counts: bool) -> None:
    assert is_index(column, pd.Series(cells, dtype=str)) == counts


@pytest.mark.parametrize("text", ["id,label\n01.jpg,a\n", "id,x.png\n1,0\n", "1,a\n2,b\n", "a,b\n1\n", ""])
def test_a_header_stays(text: str) -> None:
    assert with_header(text.encode(), "t.csv") == text.encode()


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_name_that_two_columns_have_is_told(mark: str) -> None:
    assert read(f"{mark}id,label,label\n1,a,b\n") == (
        ["id", "label", "label.1"],
        [["1", "a", "b"]],
        ["t.csv: 2 columns are named label: the second is label.1"],
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_mark_at_the_beginning_shows_the_encoding(encoding: str) -> None:
    notes: Notes = []
    assert as_utf8("id,병\n".encode(encoding), "t.csv", None, "train.table", notes) == "id,병\n".encode()
    assert notes == [f"t.csv: encoding {encoding}"]


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
    with pytest.raises(ValueError, match=r"3 values in line 3, but 2 names in its header \(2, b, c\)"):
        read("id,label\n1,a\n2,b,c\n")


def test_separators_without_end_are_no_table() -> None:
    assert read("id,label\n1,a" + "," * 100 + "\n")[1] == [["1", "a"]]
    with pytest.raises(ValueError, match="values in line 2, but 2 names"):
        read("id,label\n1,a" + "," * 101 + "\n")


def test_a_table_without_a_line_is_none() -> None:
    with pytest.raises(ValueError, match="No columns"):
        read("")


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("id,labels\n1,a;b\n2,a\n", ","),
        ("id;note\n1;a, b\n2;c\n", ";"),
        ('"a, b";c\n1;2\n', ";"),
        ("id;a,b\n1;2", ";"),
        ("id;a,b\n" + "1;2\n" * 4 + "1\n", ";"),  # it is seen in five rows
        ("id\n1\n", ","),
        ("id\n1,\n2\n", ","),
        ("", ","),
    ],
)
def test_the_separator_is_the_mark_that_parts_the_header(text: str, separator: str) -> None:
    assert find_separator(text.encode()) == separator


def test_the_separator_shows_in_the_whole_lines_at_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_START", 13)
    assert find_separator(b"id;a,b\n1;2\n333;4\n") == ";"
    monkeypatch.setattr(csv_text, "_START", 4)
    assert find_separator("id;잎\n1;2\n".encode()) == ";"  # whose second character is cut


WORDS = {
    "cp949": "배나무",
    "cp932": "りんご",
    "gb18030": "健康的叶子",
    "big5": "蘋果",
    "cp1251": "яблоня",
    "cp1252": "Löwenzahn",
}


def refusal(content: bytes, encoding: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        as_utf8(content, "t.csv", encoding, "train.table")
    return str(caught.value)


@pytest.mark.parametrize(("encoding", "word"), WORDS.items())
def test_a_table_in_an_older_encoding_is_refused_with_the_words_that_it_may_hold(encoding: str, word: str) -> None:
    message = refusal(f"id,label\n1,healthy\n2,{word}\n3,healthy\n".encode(encoding))
    assert "t.csv in the archive is not in UTF-8: set encoding, by how" in message
    assert f"{encoding} ({word})" in message


@pytest.mark.parametrize(("encoding", "word"), WORDS.items())
def test_a_table_is_read_in_its_encoding(encoding: str, word: str) -> None:
    notes: Notes = []
    text = f"id,label\n1,{word}\n"
    assert as_utf8(text.encode(encoding), "t.csv", encoding, "train.table", notes).decode() == text
    assert notes == [f"t.csv: encoding {encoding}"]


@pytest.mark.parametrize(
    ("written", "encoding", "word", "told"),
    [
        ("utf-8", "cp949", "고양이", []),
        ("utf-8-sig", "cp1252", "Löwenzahn", []),  # in which the bytes of this word are text too
        ("utf-16", "cp949", "고양이", ["t.csv: encoding utf-16"]),
    ],
)
def test_a_table_in_unicode_stays_so_beside_others_in_the_encoding(
    written: str, encoding: str, word: str, told: Notes
) -> None:
    notes: Notes = []
    text = f"id,label\n1,{word}\n"
    assert as_utf8(text.encode(written), "t.csv", encoding, "train.table", notes).decode("utf-8-sig") == text
    assert notes == told


def test_a_table_in_another_encoding_than_the_named_one_is_refused() -> None:
    message = refusal("id,label\n1,Löwenzahn\n".encode("cp1252"), "cp949")
    assert "t.csv in the archive is not in cp949: set encoding, by how" in message
    assert "cp1252 (Löwenzahn)" in message


def test_the_word_is_that_of_the_line_that_cannot_be_read_and_shown_by_its_beginning() -> None:
    assert "cp1252 (Löwenzahnb)" in refusal("id,é\n".encode() + "Löwenzahnblüte,ü\n".encode("cp1252"))
    assert "cp1252 (Löwe)" in refusal("Löwe,label\n".encode("cp1252"))


@pytest.mark.parametrize("content", [b"\x98", b"id\n\x98\n"])
def test_bytes_that_are_text_in_no_encoding_are_refused_with_the_key_of_the_table(content: bytes) -> None:
    assert refusal(content) == "t.csv in the archive is not in UTF-8: correct train.table."


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("label", ["a", "건강"])
def test_utf16_is_known_without_its_mark(encoding: str, label: str) -> None:
    text = "id,label\n" + f"1,{label}\n" * 9
    notes: Notes = []
    assert as_utf8(text.encode(encoding), "t.csv", None, "train.table", notes).decode() == text
    assert notes == [f"t.csv: encoding {encoding}"]


@pytest.mark.parametrize(
    "content",
    [b"id,label\n1,a\n", "id,label\n1,a\n".encode("utf-16-le") + b"1", bytes(range(256)) * 8, b"\x00" * 100, b""],
)
def test_other_bytes_are_not_utf16(content: bytes) -> None:
    assert utf16_without_mark(content) == ""


def test_an_encoding_is_told_only_of_a_table_that_needs_it() -> None:
    notes: Notes = []
    as_utf8(b"id\n1\n", "t.csv", "cp949", "train.table", notes)
    assert notes == []
