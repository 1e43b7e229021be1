"""The command writes the page and the figures of the cache that is here, or says how to make one."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scoretable.cli.main import main
from scoretable.images.preprocessing import build_cache
from scoretable.sandbox.photo import draw_leaf
from unit.archives import competition, encode, leaves, make_zip

ROOT = Path(__file__).parents[3]
FILE = """\
title: Leaves
source: archive
train: {table: train.csv, images: 'train_images/{label}/{id}'}
test: {images: 'test_images/{id}'}
submission: {}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text("competition: leaves\nimage_size: 64\n")
    (tmp_path / "workflow/competitions").mkdir(parents=True)
    (tmp_path / "workflow/competitions/leaves.yaml").write_text(FILE)
    shutil.copytree(ROOT / "workflow/report/data", tmp_path / "workflow/report/data")
    return tmp_path


def test_without_images_the_command_says_how_to_make_them(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 1
    told = capsys.readouterr().err
    assert "there are no images in data/cache/leaves/64 yet: type `snakemake --cores 1 data_report`" in told


def test_the_page_and_the_figures_are_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    members = leaves(6, 3)
    picture = encode(Image.fromarray(draw_leaf("blast", np.random.default_rng(0))))
    members |= {
        "train_images/blast/0.jpg": picture,
        "train_images/normal/1.jpg": picture,
        "test_images/100.jpg": picture,
    }
    archive = make_zip(project / "a.zip", members)
    build_cache(archive, competition(), Path("data/cache/leaves/64"), 64, 64, "stretch", "ignore", 0.0, "refuse")
    assert main(["audit"]) == 0
    assert "data/data_report.html: 1 group of near duplicates\n" in capsys.readouterr().out
    found = json.loads(Path("data/data_report.json").read_text())
    assert found["duplicates"]["list"] == [
        {"train": ["0.jpg", "1.jpg"], "test": ["100.jpg"], "labels": ["blast", "normal"], "identical": True}
    ]
    assert "Leaves: a look at the data" in Path("data/data_report.html").read_text()
