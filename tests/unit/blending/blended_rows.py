"""A repository with rows that can be blended: their answers to validation and test images, and an archive."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from made_experiments import add_experiment, add_output

CLASSES = ["blast", "tungro"]
TESTED = [f"{number}.jpg" for number in range(6)]


def make_archive(repository: Path) -> None:
    """data/raw/sandbox.zip with a sample of six test images, which git does not know, as rows are made on it."""
    path = repository / "data/raw/sandbox.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sample_submission.csv", "image_id,label\n" + "".join(f"{id_},\n" for id_ in TESTED))


def add_row(
    repository: Path, name: str, right: Sequence[int] | range, places: Sequence[int] | range = range(100),
    labels: int = 0, tested: Sequence[float] = (0.9,) * 6, **params: Any,
) -> None:  # fmt: skip
    """A row that answers these of the validation images at `places` right, and the test images with these shares.

    labels: which of two truths the images have.
    """
    add_experiment(repository, name, len(right) / len(places), **params)
    row = np.array(places)
    truth, sure = (row + labels * (row // 2)) % 2, np.where(np.isin(row, list(right)), 0.9, 0.3)
    probabilities = np.where(truth[:, None] == [0, 1], sure[:, None], 1 - sure[:, None]).astype(np.float32)
    first = np.array(tested, np.float32)
    _add(
        repository, name, "models/validation.npz", probabilities=probabilities, truth=truth, ids=row.astype(str),
        fold=np.zeros(len(row), np.int64), row=row,
    )  # fmt: skip
    _add(
        repository, name, "data/predictions.npz", probabilities=np.column_stack([first, 1 - first]),
        ids=np.array(TESTED),
    )  # fmt: skip
    make_archive(repository)


def _add(repository: Path, name: str, path: str, **arrays: np.ndarray) -> None:
    file = io.BytesIO()
    np.savez(file, classes=np.array(CLASSES), **arrays)  # type: ignore[arg-type]
    add_output(repository, name, path, file.getvalue())
