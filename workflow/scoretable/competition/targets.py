"""Label cells of a table as numbers and back: what a model learns, and the groups that folds share out evenly."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable.competition.label_targets import LabelTargets
from scoretable.competition.task import Task, count_outputs, is_number

THRESHOLD = 0.5  # a label of several is answered where its probability is at least this
Units = float | list[float]
Targets = NDArray[np.float32] | LabelTargets
BIN_IMAGES, MOST_BINS = 20, 10  # of the groups of a regression: large enough to be shared out over many folds


def split_labels(cells: pd.Series, task: Task, separator: str) -> pd.Series:
    """Return one row per label and image, with the image's place as index; images without a label have no row."""
    cells = cells.reset_index(drop=True)
    if task != "multilabel":
        return cells
    parts = cells.map(lambda cell: list(dict.fromkeys(part.strip() for part in str(cell).split(separator))))
    labels = parts.explode()
    return labels[labels != ""]


def join_labels(chosen: NDArray[np.bool_], classes: Sequence[str], separator: str) -> list[str]:
    """Return the labels of each row of `chosen`, bool (n, classes), with `separator` in between; '' for none."""
    names = np.asarray(classes, dtype=object)
    return [separator.join(names[row]) for row in chosen]


def parse_numbers(cells: pd.Series) -> NDArray[np.float32]:
    """Return float32 (N,), with NaN where a cell is not a finite number of that type."""
    with np.errstate(over="ignore"):
        numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64).astype(np.float32)
    return np.where(np.isfinite(numbers), numbers, np.float32("nan"))


def parse_number_rows(cells: pd.Series, task: Task) -> NDArray[np.float32]:
    """Return float32 (N, numbers), with NaN where a cell has no finite number there.

    A cell of multi_regression holds its numbers with spaces in between, one of other tasks holds one number.
    """
    if task != "multi_regression":
        return parse_numbers(cells)[:, None]
    columns = cells.reset_index(drop=True).str.split(expand=True)
    return np.stack([parse_numbers(columns[place]) for place in columns], axis=1)


def build_targets(cells: pd.Series, classes: list[str], task: Task, separator: str) -> Targets:
    """Return what the model is to answer, float32 (N, outputs).

    multiclass and multilabel: (N, classes), 1 for the labels of an image, else 0, as `LabelTargets`. binary: (N, 1),
    1 for the second of the two classes. ordinal: (N, 1), the class's place. regression and unit_regression: (N, 1), the
    number. multi_regression: (N, classes), the numbers that `classes` names. Raises ValueError for a label that is not
    among `classes` and for a cell that is not a finite number.
    """
    if is_number(task):
        numbers = parse_number_rows(cells, task)
        if np.isnan(numbers).any() or numbers.shape[1] != count_outputs(task, len(classes)):
            raise ValueError("it has labels that are not finite numbers")
        return numbers
    labels = split_labels(cells, task, separator)
    columns = pd.Index(classes).get_indexer(pd.Index(labels))
    if (columns < 0).any():
        raise ValueError("it has labels that are not in manifest.json")
    if count_outputs(task, len(classes)) == 1:
        return columns.astype(np.float32)[:, None]
    return LabelTargets(labels.index, columns, (len(cells), len(classes)))


def group_targets(targets: Targets, task: Task) -> NDArray[np.int64]:
    """Return the group of each image by which folds are stratified, int64 (N,).

    One label an image: its class. Several: the image's rarest label, or the number of labels where it has none.
    Numbers: the place among up to 10 bins of equally many images, of several numbers by their mean rank.
    """
    if isinstance(targets, LabelTargets):
        return targets.rarest()
    if is_number(task):
        bins = int(np.clip(len(targets) // BIN_IMAGES, 1, MOST_BINS))
        height = pd.Series(targets[:, 0]) if targets.shape[1] == 1 else pd.DataFrame(targets).rank().mean(axis=1)
        ranks = height.rank(method="first").to_numpy(np.int64) - 1
        return (ranks * bins // len(targets)).astype(np.int64)
    return targets[:, 0].astype(np.int64)


def measure_units(targets: Targets, task: Task) -> tuple[Units, Units] | None:
    """Return mean and standard deviation (1 where all are equal) of unbounded numbers; None for other tasks.

    Of several numbers each is a list of as many.
    """
    if isinstance(targets, LabelTargets) or task not in ("ordinal", "regression", "multi_regression"):
        return None
    values = targets.astype(np.float64)
    if task != "multi_regression":
        return float(values.mean()), float(values.std()) or 1.0
    deviations = values.std(axis=0)
    return values.mean(axis=0).tolist(), np.where(deviations > 0, deviations, 1).tolist()


def halves(classes: int) -> NDArray[np.float64]:
    """Return the numbers half way between neighbouring classes, by which a number is rounded to a class."""
    return np.arange(classes - 1, dtype=np.float64) + 0.5


def choose_places(
    numbers: NDArray[np.floating], classes: int, cuts: Sequence[float] | None = None
) -> NDArray[np.int64]:
    """Return the place of the ordered class that each number stands for, int64 of the same shape.

    `cuts`: rising, `classes` - 1 of them, where the next class begins; None for half way, which is the nearest class.
    """
    edges = halves(classes) if cuts is None else np.asarray(cuts, np.float64)
    if len(edges) != classes - 1 or (np.diff(edges) < 0).any():
        raise ValueError(f"cuts must be {classes - 1} rising numbers. Received: {edges}")
    return np.digitize(numbers, edges).astype(np.int64)


def rate_places(
    numbers: NDArray[np.floating], classes: int, cuts: Sequence[float] | None = None
) -> NDArray[np.float32]:
    """Return float32 (n, classes), 1 for the class that `choose_places` chooses for each of n numbers (n, 1).

    A number that is not finite stays so in each column.
    """
    rated = np.eye(classes, dtype=np.float32)[choose_places(numbers[:, 0], classes, cuts)]
    return np.where(np.isfinite(numbers), rated, np.float32("nan"))
