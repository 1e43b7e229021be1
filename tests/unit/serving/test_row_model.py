"""A saved row answers photos as it answered them when they were test images."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scoretable.cli import main as cli
from unit.serving.served_row import Served, serve

pytestmark = pytest.mark.usefixtures("one_block")


@pytest.fixture
def home(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return repository


def written(served: Served, *options: str) -> list[dict[str, str]]:
    assert cli.main(["predict", served.row, str(served.folder), "--output", "answers.csv", *options]) == 0
    with Path("answers.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def numbers_of(rows: list[dict[str, str]], columns: list[str]) -> dict[str, list[float]]:
    return {Path(row["photo"]).name: [float(row[column]) for column in columns] for row in rows}


@pytest.mark.parametrize(
    ("task", "params"),
    [
        ("multiclass", {"tta": "flip_scales", "aspect": "pad"}),
        ("multiclass", {"aspect": "crop"}),
        ("binary", {}),
        ("multilabel", {}),
        ("ordinal", {}),
        ("regression", {"tta": "flip"}),
    ],
)
def test_a_photo_is_answered_as_the_same_test_image_was(home: Path, task: str, params: dict[str, str]) -> None:
    served = serve(home, task, **params)
    rows = written(served)
    columns = [column for column in rows[0] if column not in ("photo", "label")]
    assert columns == (["number"] if task in ("ordinal", "regression") else served.classes)
    answers = numbers_of(rows, columns)
    assert sorted(answers) == sorted(served.answers)
    for name, answer in served.answers.items():
        np.testing.assert_allclose(answers[name], answer, rtol=1e-5, atol=1e-6)
    spread = np.ptp(list(served.answers.values()), axis=0).max()
    assert spread > 1e-3  # or the photos would not tell whether they are seen in the same way
