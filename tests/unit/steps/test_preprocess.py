"""The closing lines of the step `preprocess`."""

from pathlib import Path

import pytest
from drawn_competitions import picture, table, zipped
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.steps import preprocess

FILE = """\
title: Shapes
source: archive
task: multi_regression
train: {table: train.csv, id_column: id, label_columns: [x, y, z], images: 'train/{id}'}
test: {images: 'test/{id}'}
submission: {id_column: id}
"""


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, train: str) -> str:
    """Return what the step says of a table of four training images."""
    monkeypatch.chdir(folder)
    params = Params(competition="shapes", image_size=32)
    layout = Layout.of(params)
    for path in (layout.archive, Path("workflow/competitions/shapes.yaml")):
        path.parent.mkdir(parents=True)
    Path("workflow/competitions/shapes.yaml").write_text(FILE)
    files = {f"train/{place}.png": picture(0, place, "png") for place in range(4)}
    files |= {"train.csv": train, "sample_submission.csv": table("id,x,y,z", [(9, 0, 0, 0)])}
    layout.archive.write_bytes(zipped(files | {"test/9.png": picture(0, 9, "png")}))
    return preprocess.run(params, SessionParams(), layout, Record("preprocess", layout.lineage_folder("preprocess")))


def test_several_numbers_an_image_are_not_called_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run(tmp_path, monkeypatch, table("id,x,y,z", [(place, place / 4, 1, 2) for place in range(4)]))
    assert "4 training and 1 test images of 32x32 pixels, 3 numbers each; " in told


def test_what_was_skipped_and_read_otherwise_than_it_stands_is_told_before_the_closing_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(place, place / 4, 1, 2) for place in (0, 1, 2, 3, 3)]
    *told, closing = run(tmp_path, monkeypatch, table("id,x,y, z", rows)).split("\n")
    assert told == [
        "  skipped   1 row: an earlier row says the same",
        "  read as   train.csv, header: 1 name trimmed, such as ' z'",
    ]
    assert "4 training and 1 test images" in closing and "1 row skipped (see manifest.json)" in closing
