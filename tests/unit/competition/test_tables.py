"""Tables of an archive are read as text, whatever wrote them."""

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from scoretable.competition.archive import open_archive
from scoretable.competition.tables import read_table


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ids_that_look_like_numbers_stay_text(tmp_path: Path, mark: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("sample.csv", mark + b"image_id,label\n0001,\n")
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        table: pd.DataFrame = read_table(archive, "sample.csv", ["image_id", "label"])
    assert table["image_id"].tolist() == ["0001"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_read(tmp_path: Path, separator: str, encoding: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("t.csv", f"id{separator}label\n1{separator}caf\u00e9 black\n".encode(encoding))
    with open_archive(tmp_path / "a.zip", tmp_path / "scratch") as archive:
        assert read_table(archive, "t.csv", ["id", "label"]).to_numpy().tolist() == [["1", "caf\u00e9 black"]]
