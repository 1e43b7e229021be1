"""Graders of 20 competitions, as their own pages describe the scoring.

They know a submission, a sample and a solution as CSV files alone, and nothing of Scoretable: whatever it gets wrong
about a competition is wrong here in another way, or right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, f1_score, mean_squared_error, roc_auc_score
from sklearn.preprocessing import MultiLabelBinarizer

Kind = Literal["label", "labels", "ranked", "probability", "distribution", "columns", "number"]
CLIP = 1e-15


@dataclass(frozen=True)
class Grader:
    """What one competition wants.

    kind: of its cells; a distribution is columns whose rows sum to 1. score: of a solution and a submission, both
    with the answer's columns alone. lowest, highest: the range of the score. positive: the label that a probability
    is of.
    """

    kind: Kind
    score: Callable[[pd.DataFrame, pd.DataFrame], float]
    lowest: float = 0
    highest: float = 1
    positive: str = "1"

    def grade(self, solution: pd.DataFrame, submission: pd.DataFrame) -> float:
        """Return the score; both tables hold text, the id in the first column, and have the same order."""
        value = self.score(solution.iloc[:, 1:], submission.iloc[:, 1:])
        assert np.isfinite(value) and self.lowest <= value <= self.highest, value
        return value


def read_csv(path: Path) -> pd.DataFrame:
    """Return a CSV file, all as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def refuse_misfit(grader: Grader, submission: pd.DataFrame, sample: pd.DataFrame, classes: set[str]) -> None:
    """Raise AssertionError unless the submission has the sample's form, as a competition's site checks it."""
    assert list(submission.columns) == list(sample.columns), "columns"
    assert list(submission.iloc[:, 0]) == list(sample.iloc[:, 0]), "ids"
    answers = submission.iloc[:, 1:]
    assert not (answers == "").any(axis=None), "empty cells"
    if grader.kind in ("label", "labels", "ranked"):
        _refuse_classes(grader.kind, answers.iloc[:, 0], classes)
        return
    numbers = _numbers(answers)
    assert np.isfinite(numbers).all(), "finite"
    if grader.kind != "number":
        assert ((numbers >= 0) & (numbers <= 1)).all(), "range"
    if grader.kind == "distribution":
        assert np.abs(numbers.sum(axis=1) - 1).max() <= 1e-6, "rows that sum to 1"


def _refuse_classes(kind: Kind, cells: pd.Series, classes: set[str]) -> None:
    lists = cells.map(lambda cell: [cell] if kind == "label" else cell.split(" "))
    assert {label for labels in lists for label in labels} <= classes, "classes"
    assert all(len(labels) == len(set(labels)) for labels in lists), "repeated labels"
    assert kind != "ranked" or lists.map(len).between(1, 5).all(), "one to five labels"


def build_solution(grader: Grader, labels: list[str], columns: list[str], separator: str = " ") -> pd.DataFrame:
    """Return the true answers to images with these labels in the form of a submission with these columns."""
    ids = pd.Series(range(len(labels)), dtype=str)
    if grader.kind == "probability":
        cells = [[str(int(label == grader.positive))] for label in labels]
    elif grader.kind in ("distribution", "columns"):
        held = [{part.strip() for part in (label.split(separator) if separator else [label])} for label in labels]
        cells = [[str(int(column in names)) for column in columns[1:]] for names in held]
    else:
        cells = [[label] for label in labels]
    return pd.concat([ids, pd.DataFrame(cells)], axis=1).set_axis(columns, axis=1)


def accuracy(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    return float(accuracy_score(solution.iloc[:, 0], answers.iloc[:, 0]))


def log_loss(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    """Of one column: yes or no. Of several: each row is divided by its sum. Clipped as Kaggle does."""
    true, given = _numbers(solution), _numbers(answers)
    if true.shape[1] == 1:
        true, given = np.hstack([1 - true, true]), np.hstack([1 - given, given])
    given = np.clip(given / given.sum(axis=1, keepdims=True), CLIP, 1 - CLIP)
    return float(-(true * np.log(given)).sum(axis=1).mean())


def auc(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    return float(roc_auc_score(_numbers(solution)[:, 0], _numbers(answers)[:, 0]))


def mean_column_auc(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    """Columns in which all images have the same answer have no area, and do not count."""
    pairs = zip(_numbers(solution).T, _numbers(answers).T, strict=True)
    return float(np.mean([roc_auc_score(true, given) for true, given in pairs if len(set(true)) > 1]))


def weighted_auc(solution: pd.DataFrame, answers: pd.DataFrame, knee: float = 0.4, weight: float = 2) -> float:
    """The area to the right of the ROC curve, trapezoid by trapezoid; true positive rates below `knee` count more."""
    true, given = _numbers(solution)[:, 0], _numbers(answers)[:, 0]
    levels = np.sort(np.unique(given))[::-1]
    rates = [(0.0, 0.0), *((np.mean(given[true == 1] >= t), np.mean(given[true == 0] >= t)) for t in levels)]
    area = 0.0
    for (low, left), (high, right) in pairwise(rates):
        for bottom, top, times in ((0.0, knee, weight), (knee, 1.0, 1.0)):
            start, end = max(low, bottom), min(high, top)
            if end > start:
                middle = left + (right - left) * ((start + end) / 2 - low) / (high - low)
                area += times * (end - start) * (1 - middle)
    return float(area / (weight * knee + 1 - knee))


def quadratic_weighted_kappa(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    """Observed disagreement against that of independent draws with the same counts."""
    true, given = _numbers(solution)[:, 0], _numbers(answers)[:, 0]
    observed = ((true - given) ** 2).mean()
    expected = ((true[:, None] - given[None, :]) ** 2).mean()
    return float(1 - observed / expected) if expected else 1.0


def map_at_5(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    """Each image has one true label, so its precision is 1 by the place of that label."""
    places = [
        row.split()[:5].index(label) + 1 if label in row.split()[:5] else np.inf
        for label, row in zip(solution.iloc[:, 0], answers.iloc[:, 0], strict=True)
    ]
    return float(np.mean(1 / np.array(places)))


def micro_f1(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    return float(f1_score(*_sets(solution, answers), average="micro", zero_division=0.0))


def mean_f1(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    return float(f1_score(*_sets(solution, answers), average="samples", zero_division=0.0))


def rmse(solution: pd.DataFrame, answers: pd.DataFrame) -> float:
    return float(mean_squared_error(_numbers(solution), _numbers(answers))) ** 0.5


def _sets(solution: pd.DataFrame, answers: pd.DataFrame) -> tuple[NDArray, NDArray]:
    true, given = solution.iloc[:, 0].str.split(), answers.iloc[:, 0].str.split()
    binary = MultiLabelBinarizer().fit([*true, *given])
    return binary.transform(true), binary.transform(given)


def _numbers(table: pd.DataFrame) -> NDArray[np.float64]:
    return table.to_numpy().astype(np.float64)


GRADERS: dict[str, Grader] = {
    "2019-3rd-ml-month-with-kakr": Grader("label", accuracy),
    "aerial-cactus-identification": Grader("probability", auc),
    "alaska2-image-steganalysis": Grader("probability", weighted_auc, positive="stego"),
    "aptos2019-blindness-detection": Grader("label", quadratic_weighted_kappa, lowest=-1),
    "cassava-leaf-disease-classification": Grader("label", accuracy),
    "diabetic-retinopathy-detection": Grader("label", quadratic_weighted_kappa, lowest=-1),
    "digit-recognizer": Grader("label", accuracy),
    "dog-breed-identification": Grader("distribution", log_loss, highest=-np.log(CLIP)),
    "dogs-vs-cats-redux-kernels-edition": Grader("probability", log_loss, highest=-np.log(CLIP), positive="dog"),
    "histopathologic-cancer-detection": Grader("probability", auc),
    "hotel-id-2021-fgvc8": Grader("ranked", map_at_5),
    "imet-2020-fgvc7": Grader("labels", micro_f1),
    "iwildcam-2020-fgvc7": Grader("label", accuracy),
    "label-in-name": Grader("label", accuracy),
    "missing-image": Grader("label", accuracy),
    "petfinder-pawpularity-score": Grader("number", rmse, highest=np.inf),
    "plant-pathology-2020-fgvc7": Grader("distribution", mean_column_auc),
    "plant-pathology-2021-fgvc8": Grader("labels", mean_f1),
    "ranzcr-clip-catheter-line-classification": Grader("columns", mean_column_auc),
    "state-farm-distracted-driver-detection": Grader("distribution", log_loss, highest=-np.log(CLIP)),
    "tif-folders": Grader("label", accuracy),
}
