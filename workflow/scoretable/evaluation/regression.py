"""Metrics and tables of a model's answers where they are numbers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import confusion_matrix, mean_absolute_error, mean_squared_error, r2_score

from scoretable.evaluation.classification import DECIMALS
from scoretable.workspace.errors import InputError

RANGES = 5  # into which the true numbers are divided, with equally many images each
DIGITS = 4  # of the numbers between the ranges


def summarise_numbers(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> dict[str, float]:
    """Return the numbers that compare one model with another, rounded to six decimals.

    `truth` and `answers` both have shape (n,). The keys: mse, rmse, mae, r2 (1 is best, 0 is what always answering
    the mean would score or, of one image, undefined) and images. Raises InputError for answers that are not finite,
    ValueError for shapes that do not fit.
    """
    _check(truth, answers)
    squared = mean_squared_error(truth, answers)
    figures = {
        "mse": squared,
        "rmse": squared**0.5,
        "mae": mean_absolute_error(truth, answers),
        "r2": r2_score(truth, answers) if len(truth) > 1 else 0.0,
    }
    rounded: dict[str, float] = {name: round(float(value), DECIMALS) for name, value in figures.items()}
    return rounded | {"images": len(truth)}


def summarise_columns(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> dict[str, float]:
    """Return what `summarise_numbers` says of all numbers together; r2 is the mean over the columns (n, numbers)."""
    columns = [summarise_numbers(*pair) for pair in zip(truth.T, answers.T, strict=True)]
    r2 = round(float(np.mean([column["r2"] for column in columns])), DECIMALS)
    return summarise_numbers(truth.ravel(), answers.ravel()) | {"r2": r2, "images": len(truth)}


def largest_errors(
    truth: NDArray[np.floating], answers: NDArray[np.floating], image_ids: Sequence[str]
) -> pd.DataFrame:
    """Return all images, the largest error first: position, image_id, actual, predicted, error (predicted - actual).

    Ties keep the order of the images. Shapes and errors as in `summarise_numbers`; `image_ids` has n entries.
    """
    _check(truth, answers)
    if len(image_ids) != len(truth):
        raise ValueError(f"There must be one image id per number. Received: {len(image_ids)} ids, {len(truth)} numbers")
    errors = answers.astype(np.float64) - truth
    worst = np.argsort(-np.abs(errors), kind="stable")
    columns = {"actual": truth[worst], "predicted": answers[worst], "error": errors[worst]}
    rounded = {name: values.astype(float).round(DECIMALS) for name, values in columns.items()}
    return pd.DataFrame({"position": worst, "image_id": np.asarray(image_ids, dtype=object)[worst]} | rounded)


def range_pairs(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> pd.DataFrame:
    """Return the columns actual and predicted, one row per image: the names of the ranges that the numbers fall in."""
    _check(truth, answers)
    edges = _edges(truth)
    names = np.asarray(_names(edges), dtype=object)
    return pd.DataFrame({"actual": names[np.digitize(truth, edges)], "predicted": names[np.digitize(answers, edges)]})


def confusion_of_ranges(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> pd.DataFrame:
    """Return counts of images with the ranges of the true numbers as rows and of the answers as columns."""
    pairs = range_pairs(truth, answers)
    names = _names(_edges(truth))
    counts = confusion_matrix(pairs["actual"], pairs["predicted"], labels=names)
    return pd.DataFrame(counts, index=pd.Index(names, name="actual"), columns=pd.Index(names, name="predicted"))


def per_range(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> pd.DataFrame:
    """Return one row per range of the true numbers: class (its name), images, mae and bias (mean error).

    A range without an image has 0 in each column.
    """
    _check(truth, answers)
    edges = _edges(truth)
    errors = pd.DataFrame({"place": np.digitize(truth, edges), "error": answers.astype(np.float64) - truth})
    groups = errors.assign(size=errors["error"].abs()).groupby("place")
    table = groups.agg(images=("error", "size"), mae=("size", "mean"), bias=("error", "mean"))
    table = table.reindex(range(len(edges) + 1), fill_value=0).round(DECIMALS)
    table.insert(0, "class", _names(edges))
    return table.reset_index(drop=True)


def _edges(truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the numbers between the ranges, rising; fewer than RANGES - 1 where many images have equal numbers."""
    between = np.quantile(truth, np.arange(1, RANGES) / RANGES)
    return np.unique([float(f"{edge:.{DIGITS}g}") for edge in between])


def _names(edges: NDArray[np.float64]) -> list[str]:
    texts = [f"{edge:.{DIGITS}g}" for edge in edges]
    inner = [f"{low} to {high}" for low, high in pairwise(texts)]
    return [f"below {texts[0]}", *inner, f"{texts[-1]} or more"]


def _check(truth: NDArray[np.floating], answers: NDArray[np.floating]) -> None:
    if truth.ndim != 1 or truth.shape != answers.shape or not truth.size:
        raise ValueError(
            f"truth and answers must both have shape (n,), none of them empty. Received: {truth.shape}, {answers.shape}"
        )
    broken = int((~np.isfinite(answers)).sum())
    if broken:
        raise InputError(
            f"The model gives no finite number for {broken} of {len(answers)} validation images, so training "
            "diverged: lower learning_rate in params.yaml and train again."
        )
