"""Metrics and tables of a model's answers where each image has one label, from labels and probabilities alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix, precision_recall_fscore_support

from scoretable.scoring.scores import ROUNDING
from scoretable.workspace.errors import InputError
from scoretable.workspace.row_blocks import map_rows

EPSILON = 1e-7  # keras.config.epsilon(), at which Keras clips probabilities before the logarithm
MOST_CONFUSED, OTHERS = 500, "(all others)"  # classes in a confusion matrix, a pixel or two each in its figure
DECIMALS = 6  # enough for a million images, and a difference between two rows stays readable


def summarise(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], chosen: NDArray[np.integer] | None = None
) -> dict[str, float]:
    """Return the numbers that compare one model with another, rounded to six decimals.

    `labels` has shape (n,) and holds class indices, `probabilities` (n, classes) values from 0 to 1; rows need not
    sum to 1, since a sigmoid's do not. `chosen`: the answered class indices; None: the likeliest. The keys: accuracy,
    loss, macro_precision, macro_recall, macro_f1, largest_class_share (what always answering the largest class would
    score), images, correct.

    `loss` is categorical cross-entropy as keras.losses.CategoricalCrossentropy has it: each row is divided by its
    sum and clipped at 1e-7. The macro averages are scikit-learn's: over the classes that occur among the labels or
    the answers, 0 where a value is undefined. Raises InputError for probabilities that are not finite, ValueError
    for shapes or values that do not fit.
    """
    check_answers(labels, probabilities)
    predicted = _answered(probabilities, chosen)
    precision, recall, f1, _ = precision_recall_fscore_support(labels, predicted, average="macro", zero_division=0.0)
    correct = int((predicted == labels).sum())
    shares = {
        "accuracy": correct / len(labels),
        "loss": _cross_entropy(labels, probabilities),
        "macro_precision": precision,
        "macro_recall": recall,
        "macro_f1": f1,
        "largest_class_share": np.bincount(labels).max() / len(labels),
    }
    rounded: dict[str, float] = {name: round(float(value), DECIMALS) for name, value in shares.items()}
    return rounded | {"images": len(labels), "correct": correct}


def per_class(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    chosen: NDArray[np.integer] | None = None,
) -> pd.DataFrame:
    """Return one row per class: images, the four counts, precision, recall and f1 (0 where undefined).

    Shapes and errors as in `summarise`; `class_names` has one name per column of `probabilities`.
    """
    check_answers(labels, probabilities, class_names)
    predicted = _answered(probabilities, chosen)
    every_class = np.arange(len(class_names))
    counts = multilabel_confusion_matrix(labels, predicted, labels=every_class)
    precision, recall, f1, images = precision_recall_fscore_support(
        labels, predicted, labels=every_class, zero_division=0.0
    )
    return pd.DataFrame(
        {
            "class": list(class_names),
            "images": images,
            "true_positive": counts[:, 1, 1],
            "false_positive": counts[:, 0, 1],
            "false_negative": counts[:, 1, 0],
            "true_negative": counts[:, 0, 0],
            "precision": precision.round(DECIMALS),
            "recall": recall.round(DECIMALS),
            "f1": f1.round(DECIMALS),
        }
    )


def confusion(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    chosen: NDArray[np.integer] | None = None,
) -> pd.DataFrame:
    """Return counts of images with actual classes as rows and predicted ones as columns, empty classes included.

    Of more than `MOST_CONFUSED` classes those with the most mistakes have a row and a column, and all others share
    the last one, `OTHERS`. Shapes and errors as in `per_class`.
    """
    check_answers(labels, probabilities, class_names)
    predicted, names = _answered(probabilities, chosen), list(class_names)
    if len(names) > MOST_CONFUSED:
        kept = _most_confused(labels, predicted, len(names))
        places = np.full(len(names), len(kept))
        places[kept] = np.arange(len(kept))
        labels, predicted, names = places[labels], places[predicted], [*(names[place] for place in kept), OTHERS]
    counts = confusion_matrix(labels, predicted, labels=np.arange(len(names)))
    return pd.DataFrame(counts, index=pd.Index(names, name="actual"), columns=pd.Index(names, name="predicted"))


def _most_confused(labels: NDArray[np.integer], predicted: NDArray[np.integer], classes: int) -> NDArray[np.integer]:
    """Return the classes that most mistakes are of, or are taken for, in their order."""
    wrong = labels != predicted
    mistakes = np.bincount(np.concatenate([labels[wrong], predicted[wrong]]), minlength=classes)
    return np.sort(np.argsort(-mistakes, kind="stable")[:MOST_CONFUSED])


def confusion_pairs(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    chosen: NDArray[np.integer] | None = None,
) -> pd.DataFrame:
    """Return the columns actual and predicted, one row per image: what DVC's template `confusion` counts itself.

    Shapes and errors as in `per_class`. Template: https://dvc.org/doc/user-guide/experiment-management/visualizing-plots
    """
    check_answers(labels, probabilities, class_names)
    names = np.asarray(class_names, dtype=object)
    return pd.DataFrame({"actual": names[labels], "predicted": names[_answered(probabilities, chosen)]})


def worst_mistakes(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    image_ids: Sequence[str],
    count: int,
    chosen: NDArray[np.integer] | None = None,
) -> pd.DataFrame:
    """Return up to `count` wrong answers, the one that gave the true class the least probability first.

    Columns: position (row of the image), image_id, actual, predicted, probability_actual, probability_predicted.
    Ties keep the order of the images. Shapes and errors as in `per_class`; `image_ids` has n entries.
    """
    check_answers(labels, probabilities, class_names)
    if len(image_ids) != len(labels):
        raise ValueError(f"There must be one image id per label. Received: {len(image_ids)} ids, {len(labels)} labels")
    predicted = _answered(probabilities, chosen)
    of_actual = probabilities[np.arange(len(labels)), labels]
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(of_actual[wrong], kind="stable")][:count]
    names = np.asarray(class_names, dtype=object)
    return pd.DataFrame(
        {
            "position": worst,
            "image_id": np.asarray(image_ids, dtype=object)[worst],
            "actual": names[labels[worst]],
            "predicted": names[predicted[worst]],
            "probability_actual": of_actual[worst].astype(float).round(DECIMALS),
            "probability_predicted": probabilities[worst, predicted[worst]].astype(float).round(DECIMALS),
        }
    )


def check_answers(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], class_names: Sequence[str] | None = None
) -> None:
    """Refuse labels and probabilities that do not belong together.

    Raises ValueError for shapes, types or values that do not fit, InputError for probabilities that are not finite.
    """
    if labels.ndim != 1 or probabilities.shape[:-1] != labels.shape or not probabilities.size:
        raise ValueError(
            "labels must have shape (n,) and probabilities (n, classes), none of them empty. "
            f"Received: {labels.shape} and {probabilities.shape}"
        )
    classes = probabilities.shape[1]
    if class_names is not None and len(class_names) != classes:
        raise ValueError(f"There must be {classes} class names, one per column. Received: {len(class_names)}")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(
            f"labels must be whole numbers from 0 to {classes - 1}. "
            f"Received: {labels.dtype} from {labels.min()} to {labels.max()}"
        )
    check_probabilities(probabilities)


def check_probabilities(probabilities: NDArray[np.floating]) -> None:
    """Raise InputError for probabilities that are not finite, ValueError for those that are not from 0 to 1."""
    broken = int(map_rows(lambda block: ~np.isfinite(block).all(axis=1), probabilities).sum())
    if broken:
        raise InputError(
            f"The model gives no finite probabilities for {broken} of {len(probabilities)} validation images, "
            "so training diverged: lower learning_rate in params.yaml and train again."
        )
    lowest, highest = probabilities.min(), probabilities.max()
    if lowest < -ROUNDING or highest > 1 + ROUNDING:
        raise ValueError(f"probabilities must lie from 0 to 1. Received: values from {lowest} to {highest}")


def _answered(probabilities: NDArray[np.floating], chosen: NDArray[np.integer] | None) -> NDArray[np.integer]:
    return probabilities.argmax(axis=1) if chosen is None else chosen


def _cross_entropy(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> float:
    of_actual = map_rows(_share_of_actual, labels, probabilities)
    return float(-np.log(np.clip(of_actual, EPSILON, 1 - EPSILON)).mean())


def _share_of_actual(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> NDArray[np.float64]:
    rows = probabilities.astype(np.float64)
    # A saturated sigmoid can answer 0 for every class; Keras would then divide by zero.
    sums = np.maximum(rows.sum(axis=1), EPSILON)
    return np.asarray(rows[np.arange(len(labels)), labels] / sums)
