"""`scoretable check` tells how a competition's file fits its archive, without decoding anything."""

import shutil
import zipfile
from pathlib import Path

import pytest
from scoretable.cli import main as cli

ROOT = Path(__file__).parents[3]
FILE = """\
title: Pets
source: archive
task: binary
positive_class: dog
metric: log_loss
train:
  table: train.csv
  id_column: id
  label_column: pet
  images: train/{id}
test:
  images: test/{id}
submission:
  id_column: id
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the competition `pets`, whose images are not even images."""
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "workflow/competitions").mkdir(parents=True)
    (tmp_path / "workflow/competitions/pets.yaml").write_text(FILE)
    draw(tmp_path, "id,pet\n1,cat\n2,dog\n3,dog\n4,dog\n5,cat\n", "id,label\n8,0.5\n9,0.5\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw(folder: Path, table: str, sample: str) -> None:
    archive = folder / "data/archives/pets.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr("train.csv", table)
        written.writestr("sample_submission.csv", sample)
        for name in [*(f"train/{number}.jpg" for number in range(1, 6)), "test/8.jpg", "test/9.jpg"]:
            written.writestr(name, "no image")


def test_what_fits_is_told_in_a_few_lines(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "pets"]) == 0
    assert capsys.readouterr().out == (
        "workflow/competitions/pets.yaml fits data/archives/pets.zip:\n"
        "  training  5 images, 2 classes: from 2 (cat) to 3 (dog)\n"
        "  test      2 images\n"
        "  answer    the probability of dog in column label (submission.form: probability)\n"
        "  metric    log_loss (smaller is better)\n"
    )


@pytest.mark.parametrize(
    ("table", "sample", "named"),
    [
        ("id,animal\n1,cat\n2,dog\n", "id,label\n8,0.5\n9,0.5\n", "no column pet"),
        ("id,pet\n1,cat\n2,dog\n3,dog\n6,cat\n", "id,label\n8,0.5\n9,0.5\n", "6"),
        ("id,pet\n1,cat\n2,dog\n3,dog\n4,cat\n", "id,x,y,z\n8,0,0,0\n9,0,0,0\n", "submission.columns"),
    ],
)
def test_what_does_not_fit_is_one_short_sentence(
    workspace: Path, capsys: pytest.CaptureFixture[str], table: str, sample: str, named: str
) -> None:
    draw(workspace, table, sample)
    assert cli.main(["check", "pets"]) == 1
    told = capsys.readouterr().err
    assert named in told and told.count("\n") == 1 and len(told) <= 320


def test_without_an_archive_the_sentence_says_where_to_put_it(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (workspace / "data/archives/pets.zip").unlink()
    assert cli.main(["check", "pets"]) == 1
    assert "put it at data/archives/pets.zip" in capsys.readouterr().err
