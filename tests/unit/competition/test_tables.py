"""Tables of an archive are read as text, whatever wrote them, and refused where they are none."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from scoretable.archive.archive import open_archive
from scoretable.competition import tables
from scoretable.competition.spelling import Notes
from scoretable.competition.tables import (
    name_some,
    read_file,
    read_table,
    refuse_absent,
    refuse_harmful,
    refuse_values,
    shorten,
)
from scoretable.workspace.errors import InputError


def read(
    folder: Path,
    content: str | bytes,
    encoding: str | None = None,
    notes: Notes | None = None,
    key: str = "train.table",
    name: str = "t.csv",
) -> pd.DataFrame:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(name, content)
    with open_archive(folder / "a.zip", folder / "scratch") as archive:
        return read_table(archive, "t.csv", {"id": "train.id_column"}, key, encoding, notes)


def refusal(folder: Path, content: str | bytes, key: str = "train.table", name: str = "t.csv") -> str:
    with pytest.raises(InputError) as caught:
        read(folder, content, key=key, name=name)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ids_that_look_like_numbers_stay_text(tmp_path: Path, mark: bytes) -> None:
    assert read(tmp_path, mark + b"id,label\n0001,\n")["id"].tolist() == ["0001"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_read(tmp_path: Path, separator: str, encoding: str) -> None:
    table = read(tmp_path, f"id{separator}label\n1{separator}caf\u00e9 black\n".encode(encoding))
    assert table.to_numpy().tolist() == [["1", "caf\u00e9 black"]]


def test_all_that_is_read_otherwise_than_it_stands_is_told_with_the_tables_name(tmp_path: Path) -> None:
    notes: Notes = []
    with pytest.raises(InputError, match="no column id \\(it has column_1, column_2\\)"):
        read(tmp_path, "# 잎\n01.jpg;a \n02.jpg;b\n;\n".encode("cp949"), "cp949", notes)
    assert notes == [
        "t.csv: encoding cp949",
        "t.csv: the line '# 잎' before the header left out",
        "t.csv: no header, so that its columns are column_1 to column_2",
        "t.csv: columns separated by ';'",
        "t.csv: 1 empty row left out",
        "t.csv, column column_2: 1 cell trimmed, such as 'a '",
    ]


@pytest.mark.parametrize(
    ("content", "key", "sentence"),
    [
        ("id,label\n", "train.table", "has a header but no rows: set train.table to another table."),
        ("", "train.table", "is empty: set train.table to a table, or put one of that name there."),
        (" \n", "test.table", "is empty: set test.table to a table, or put one of that name there."),
        (b"PK\x03\x04", "train.table", "is a zip file or an Excel workbook and no CSV table: set train.table to a"),
        (" <HTML>", "train.table", "is a web page and no CSV table: set train.table to a"),
        (b"abcdefg\x00\x00", "train.table", "is a binary file and no CSV table: set train.table to a"),
        (' [{"a": 1}]', "train.table", "is JSON and no CSV table: name it as train.coco in place of train.table if"),
        ('{"a": 1}', "submission.sample", "is JSON and no CSV table: set submission.sample to a table."),
        (
            "id,a\n1,b\n2,b,c\n",
            "train.table",
            "has 3 values in line 3, but 2 names in its header (2, b, c), as where a comma stands in a text without",
        ),
        ("sep=;\n\n", "train.table", "is not a CSV table (No columns to parse from file): set train.table to another"),
        (b"id\n\x98\n", "train.table", "is not in UTF-8: correct train.table."),
    ],
)
def test_what_is_no_table_is_refused_for_what_it_is(
    tmp_path: Path, content: str | bytes, key: str, sentence: str
) -> None:
    assert f"t.csv in the archive {sentence}" in refusal(tmp_path, content, key)


def test_json_is_refused_in_a_short_sentence(tmp_path: Path) -> None:
    assert "t.csv in the archive is JSON" in refusal(tmp_path, '{"images": [' + ",".join(["1"] * 5000) + "]}")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_table_has_at_most_so_many_cells_whatever_ends_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(tables, "MOST_CELLS", 4)
    assert len(read(tmp_path, f"id,label{end}1,a{end}")) == 1
    assert "t.csv in the archive has more than 4 cells" in refusal(tmp_path, f"id,label{end}1,a{end}2{end}")


@pytest.mark.parametrize("text", ['\ufeff"a,b",id\n1,2\n', "id,label\n1,a\n2,b,,\n"])
def test_columns_are_counted_in_the_first_two_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(tables, "MOST_COLUMNS", 2)
    assert read(tmp_path, text).shape[1] == 2
    for wide in ("id;a;b\n1;2;3\n", "id,label\n1,a,\n"):
        assert "t.csv in the archive has more than 2 columns" in refusal(tmp_path, wide)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("ts.csv", "(it has ts.csv): set train.table: ts.csv."),
        ("deep/t.TSV", "(it has deep/t.TSV): set train.table: deep/t.TSV."),
        ("x.jpg", "(it has none of its kind): correct train.table."),
    ],
)
def test_a_table_that_is_not_there_is_refused_with_the_likely_one(tmp_path: Path, name: str, sentence: str) -> None:
    assert refusal(tmp_path, "", name=name) == f"the archive has no file t.csv {sentence}"


def test_of_many_tables_that_are_there_six_are_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for place in range(7):
            archive.writestr(f"{place}.csv", "id\n1\n")
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        with pytest.raises(InputError, match=r"\(it has 0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv, ...\): correct"):
            read_file(archive, "train.csv", "train.table", (".csv",))
        with pytest.raises(InputError, match=r"0.csv takes"):
            read_file(archive, "0.csv", "train.table", (".csv",), most=4)


def test_the_columns_of_a_wide_table_are_not_all_named(tmp_path: Path) -> None:
    assert "t.csv has no column id (it has c0, c1," in refusal(tmp_path, ",".join(f"c{n}" for n in range(800)) + "\n")


@pytest.mark.parametrize(
    ("names", "key", "sentence"),
    [
        (["image", "Labels"], "train.label_column", "(it has image, Labels): set train.label_column: Labels."),
        (["image", "yes"], "train.label_column", "(it has image, yes): set train.label_column: 'yes'."),
        (["labe", "image"], "train.label_columns", "(it has labe, image): put labe into train.label_columns."),
        (["image", "a", "b"], "train.label_column", "(it has image, a, b): correct train.label_column."),
        (["image"], "train.label_column", "(it has image): correct train.label_column."),
        (list("abcdefghijklm"), "k", "(it has a, b, c, d, e, f, g, h, i, j, k, l, ...): correct k."),
        ([], "k", "(it has only pixels): correct k."),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_the_likely_one(names: list[str], key: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        refuse_absent(
            "t.csv",
            names,
            {name: "train.id_column" for name in names[:1] if name == "image"} | {"label": key},
            "only pixels",
        )
    assert str(caught.value) == f"t.csv has no column label {sentence}"


def test_a_column_that_has_another_meaning_already_is_the_likely_one_if_none_else_is() -> None:
    with pytest.raises(InputError, match=r"set train.label_column: image_id\."):
        refuse_absent("t", ["image_id", "a", "b"], {"image_id": "train.id_column", "image_ids": "train.label_column"})


def test_values_are_refused_with_their_number_and_the_first_of_them() -> None:
    refuse_values("t.csv", "c", [], "id without an image", "add it")
    with pytest.raises(InputError) as caught:
        refuse_values("t.csv", "c", pd.Series(list("abcd")), "id without an image", "add it")
    assert str(caught.value) == "t.csv, column c: 4 ids without an image: a, b, c, ...; add it."


def test_harmful_names_are_refused_once_each_with_what_they_do() -> None:
    refuse_harmful("t.csv", "c", ["=F", "(1)"])  # which harm only where they are one
    with pytest.raises(InputError) as caught:
        refuse_harmful("t.csv", "c", ["a", "=F(1)", "=F(1)", "-G(2)"], "correct it")
    assert str(caught.value) == (
        "t.csv, column c: 2 values that a spreadsheet would run as a formula: =F(1), -G(2); correct it."
    )
    with pytest.raises(InputError, match=r"1 value with control characters: a\\x07; get another archive"):
        refuse_harmful("t.csv", "c", ["=F(1)", "a\x07"])


@pytest.mark.parametrize(
    ("value", "shown"),
    [("x" * 60, "x" * 60), ("x" * 61, "x" * 57 + "..."), ("", "''"), (" a", "' a'"), ("a b", "a b")],
)
def test_a_long_value_is_shown_in_part_and_one_that_would_not_be_seen_in_quotes(value: str, shown: str) -> None:
    assert shorten(value) == name_some([value]) == shown


def test_values_are_named_as_far_as_there_is_room() -> None:
    assert name_some(["a" * 44, "b" * 44]) == f"{'a' * 44}, {'b' * 44}"
    assert name_some(["a" * 44, "b" * 45]) == f"{'a' * 44}, ..."
    assert name_some(["\x01" * 50 + " ", "b"]) == repr("\x01" * 50 + " ") + ", ..."
