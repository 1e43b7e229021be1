"""Tables of an archive are read as text, whatever wrote them."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from scoretable.archive.archive import open_archive
from scoretable.competition.spelling import Notes
from scoretable.competition.tables import name_some, read_table
from scoretable.workspace.errors import InputError


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ids_that_look_like_numbers_stay_text(tmp_path: Path, mark: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("sample.csv", mark + b"image_id,label\n0001,\n")
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        table: pd.DataFrame = read_table(
            archive, "sample.csv", {"image_id": "submission.id_column"}, "submission.sample"
        )
    assert table["image_id"].tolist() == ["0001"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_read(tmp_path: Path, separator: str, encoding: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("t.csv", f"id{separator}label\n1{separator}caf\u00e9 black\n".encode(encoding))
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        assert read_table(archive, "t.csv", {}, "train.table").to_numpy().tolist() == [["1", "caf\u00e9 black"]]


def refusal(folder: Path, content: str | bytes, encoding: str | None = None) -> str:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("t.csv", content)
    with open_archive(folder / "a.zip", folder / "scratch") as archive, pytest.raises(InputError) as caught:
        read_table(archive, "t.csv", {"id": "train.id_column"}, "train.table", encoding)
    assert len(str(caught.value)) <= 300
    return str(caught.value)


def test_json_is_refused_for_what_it_is(tmp_path: Path) -> None:
    message = refusal(tmp_path, '{"images": [' + ",".join(["1"] * 5000) + "]}")
    assert (
        "t.csv in the archive is JSON and no CSV table: name it as train.coco in place of train.table if it has"
        in message
    )


def test_the_columns_of_a_wide_table_are_not_all_named(tmp_path: Path) -> None:
    assert "t.csv has no column id (it has c0, c1," in refusal(tmp_path, ",".join(f"c{n}" for n in range(800)) + "\n")


def test_a_long_value_is_shown_in_part() -> None:
    assert name_some(pd.Series(["x" * 500])) == "x" * 57 + "..."


def test_a_table_is_read_in_its_encoding_which_is_told(tmp_path: Path) -> None:
    notes: Notes = []
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("t.csv", "id,label\n1,배나무\n".encode("cp949"))
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        table = read_table(archive, "t.csv", {"id": "train.id_column"}, "train.table", "cp949", notes)
    assert table["label"].tolist() == ["배나무"]
    assert notes == ["t.csv: encoding cp949"]


def test_bytes_that_are_text_in_no_encoding_are_refused(tmp_path: Path) -> None:
    assert "is not in UTF-8: correct train.table." in refusal(tmp_path, b"id\n\x98\n")
