"""The closing line of the step `preprocess`."""

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


def test_several_numbers_an_image_are_not_called_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    params = Params(competition="shapes", image_size=32)
    layout = Layout.of(params)
    for path in (layout.archive, Path("workflow/competitions/shapes.yaml")):
        path.parent.mkdir(parents=True)
    Path("workflow/competitions/shapes.yaml").write_text(FILE)
    files = {f"train/{place}.png": picture(0, place, "png") for place in range(4)}
    files["train.csv"] = table("id,x,y,z", [(place, place / 4, 1, 2) for place in range(4)])
    files["sample_submission.csv"] = table("id,x,y,z", [(9, 0, 0, 0)])
    layout.archive.write_bytes(zipped(files | {"test/9.png": picture(0, 9, "png")}))
    told = preprocess.run(params, SessionParams(), layout, Record("preprocess", layout.lineage_folder("preprocess")))
    assert "4 training and 1 test images of 32x32 pixels, 3 numbers each; " in told
