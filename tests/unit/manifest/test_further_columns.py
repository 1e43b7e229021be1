"""What a table says of an image beside its label is read as text, and numbers are checked."""

import re
from pathlib import Path
from typing import Any

import pytest
from scoretable.archive.archive import open_archive
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, leaves, make_zip

COLUMNS = {"variety": "multiclass", "age": "regression"}
ROWS = "0.jpg,blast,IR20,45\n1.jpg,normal,Ponni,50\n2.jpg,blast,,\n3.jpg,normal,IR20,70\n"


def read(folder: Path, rows: str, columns: dict[str, str] | None = None, **changes: Any) -> Manifest:
    files = leaves() | {"train.csv": f"image_id,label,variety,age\n{rows}".encode()}
    train = {"table": "train.csv", "images": "train_images/{label}/{id}", "further_columns": columns or COLUMNS}
    with open_archive(make_zip(folder / "a.zip", files), folder) as archive:
        return read_manifest(archive, competition(train=train, **changes))


def test_cells_are_trimmed_texts_and_may_be_blank(tmp_path: Path) -> None:
    train = read(tmp_path, ROWS.replace("Ponni", " Ponni ").replace("70", "nan")).train
    assert train["further variety"].tolist() == ["IR20", "Ponni", "", "IR20"]
    assert train["further age"].tolist() == ["45", "50", "", ""]


def test_rows_that_differ_in_them_alone_are_one_image_with_the_cells_of_the_first(tmp_path: Path) -> None:
    train = read(tmp_path, f"0.jpg,blast,Ponni,60\n{ROWS}").train
    assert train["id"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]
    assert train["further age"].tolist() == ["60", "50", "", "70"]


@pytest.mark.parametrize("cell", ["old", "inf", "1e39", "45-50"])
def test_a_cell_that_is_no_number_is_refused_with_what_to_do(tmp_path: Path, cell: str) -> None:
    said = f"train.csv, column age: 1 cell that is no finite number: 1.jpg ({cell}); set train.further_columns: "
    with pytest.raises(InputError, match=re.escape(said)):
        read(tmp_path, ROWS.replace("50", cell))
    assert read(tmp_path, ROWS.replace("50", cell), {"age": "multiclass"}).train["further age"][1] == cell


def test_a_column_that_the_table_lacks_is_told_and_hinders_nobody(tmp_path: Path) -> None:
    read_anyway = read(tmp_path, ROWS, {"aged": "regression", "variety": "multiclass"})
    assert read_anyway.notes == ["train.csv has no column aged, so it cannot be a second_target"]
    assert [name for name in read_anyway.train if name.startswith("further")] == ["further variety"]
