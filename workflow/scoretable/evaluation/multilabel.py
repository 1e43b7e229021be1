"""Metrics and tables of a model's answers where an image can have several labels, or none."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, multilabel_confusion_matrix, precision_recall_fscore_support

from scoretable.competition.targets import THRESHOLD, join_labels
from scoretable.evaluation.classification import DECIMALS, EPSILON, check_probabilities
from scoretable.workspace.row_blocks import map_rows

NONE = "(none)"  # stands for an image without a label


def summarise_label_sets(
    truth: NDArray[np.floating], probabilities: NDArray[np.floating], chosen: NDArray[np.bool_] | None = None
) -> dict[str, float]:
    """Return the numbers that compare one model with another, rounded to six decimals.

    `truth` has shape (n, classes) and holds 1 for the labels of an image, else 0; `probabilities` (n, classes) lie
    from 0 to 1; `chosen`: which labels are answered, None for those of 0.5 or more. The keys: accuracy (share of images
    whose labels are all right), loss (binary cross-entropy as Keras has it), micro and macro precision, recall and f1
    (0 where undefined), images, correct. Raises InputError for probabilities that are not finite, ValueError for shapes
    that do not fit.
    """
    actual, predicted = _check(truth, probabilities, chosen=chosen)
    figures = {"accuracy": accuracy_score(actual, predicted), "loss": _cross_entropy(truth, probabilities)}
    for average in ("micro", "macro"):
        values = precision_recall_fscore_support(actual, predicted, average=average, zero_division=0.0)[:3]
        keys = (f"{average}_{name}" for name in ("precision", "recall", "f1"))
        figures |= dict(zip(keys, values, strict=True))
    rounded: dict[str, float] = {name: round(float(value), DECIMALS) for name, value in figures.items()}
    correct = int((actual == predicted).all(axis=1).sum())
    return rounded | {"images": len(truth), "correct": correct}


def count_answers(
    truth: NDArray[np.floating],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    chosen: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Return one row per label, its name the index, with the number of images that are right or wrong in each way.

    Columns: true_positive, false_positive, false_negative, true_negative. Shapes and errors as in
    `summarise_label_sets`; `class_names` has one name per column.
    """
    actual, predicted = _check(truth, probabilities, class_names, chosen)
    counts = multilabel_confusion_matrix(actual, predicted)
    places = {"true_positive": (1, 1), "false_positive": (0, 1), "false_negative": (1, 0), "true_negative": (0, 0)}
    columns = {name: counts[:, row, column] for name, (row, column) in places.items()}
    return pd.DataFrame(columns, index=pd.Index(list(class_names), name="label"))


def per_label(
    truth: NDArray[np.floating],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    chosen: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Return one row per label: class, images, the four counts, precision, recall and f1 (0 where undefined)."""
    actual, predicted = _check(truth, probabilities, class_names, chosen)
    precision, recall, f1, images = precision_recall_fscore_support(actual, predicted, zero_division=0.0)
    table = count_answers(truth, probabilities, class_names, chosen).rename_axis("class").reset_index()
    table.insert(1, "images", images)
    shares = {"precision": precision, "recall": recall, "f1": f1}
    return table.assign(**{name: values.round(DECIMALS) for name, values in shares.items()})


def label_set_pairs(
    truth: NDArray[np.floating],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    separator: str,
    chosen: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Return the columns actual and predicted, one row per image: its labels joined, or '(none)'."""
    actual, predicted = _check(truth, probabilities, class_names, chosen)
    sets = {"actual": actual, "predicted": predicted}
    joined = {name: join_labels(chosen, class_names, separator) for name, chosen in sets.items()}
    return pd.DataFrame(joined).replace("", NONE)


def worst_label_sets(
    truth: NDArray[np.floating],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    image_ids: Sequence[str],
    separator: str,
    chosen: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Return the images with a wrong label or without a right one, the least probable true labels first.

    Columns as `evaluation.worst_mistakes` has them; the probability of several labels is the product over all
    labels, of being true or not. Ties keep the order of the images.
    """
    actual, predicted = _check(truth, probabilities, class_names, chosen)
    pairs = label_set_pairs(truth, probabilities, class_names, separator, chosen)
    of_actual, of_predicted = (map_rows(_joint, sets, probabilities) for sets in (actual, predicted))
    wrong = np.flatnonzero((actual != predicted).any(axis=1))
    worst = wrong[np.argsort(of_actual[wrong], kind="stable")]
    return pd.DataFrame(
        {
            "position": worst,
            "image_id": np.asarray(image_ids, dtype=object)[worst],
            "actual": pairs["actual"].to_numpy()[worst],
            "predicted": pairs["predicted"].to_numpy()[worst],
            "probability_actual": of_actual[worst].round(DECIMALS),
            "probability_predicted": of_predicted[worst].round(DECIMALS),
        }
    )


def _check(
    truth: NDArray[np.floating],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str] | None = None,
    chosen: NDArray[np.bool_] | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which labels are true and which are answered, both bool (n, classes)."""
    names = probabilities.shape[-1] if class_names is None else len(class_names)
    if truth.ndim != 2 or truth.shape != probabilities.shape or not truth.size or names != truth.shape[1]:
        raise ValueError(
            "truth and probabilities must both have shape (n, classes), none of them empty. "
            f"Received: {truth.shape}, {probabilities.shape} and {names} names"
        )
    check_probabilities(probabilities)
    return truth >= THRESHOLD, probabilities >= THRESHOLD if chosen is None else chosen


def _joint(chosen: NDArray[np.bool_], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    rows = probabilities.astype(np.float64)
    return np.where(chosen, rows, 1 - rows).prod(axis=1)


def _cross_entropy(truth: NDArray[np.floating], probabilities: NDArray[np.floating]) -> float:
    rows = np.clip(probabilities.astype(np.float64), EPSILON, 1 - EPSILON)
    return float(-np.log(np.where(truth >= THRESHOLD, rows, 1 - rows)).mean())
