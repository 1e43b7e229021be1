"""What a competition is scored by, computed from the truth and a model's answers.

Each function follows the definition that `competition.metric.METRICS` names, with scikit-learn where that takes more
than a line. The arrays are those of `report.Answers`: truth is int (n,), class indices, where each image has one label,
else float (n, outputs). Answers are (n, classes), or numbers of shape (n, outputs).
"""

from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.metric import METRICS, Score
from scoretable.competition.targets import THRESHOLD
from scoretable.scoring.choices import Choices, choose
from scoretable.workspace.errors import InputError
from scoretable.workspace.row_blocks import map_rows

CLIP = 1e-15  # Kaggle keeps probabilities this far from 0 and 1 before it takes the logarithm
ROUNDING = 1e-3  # half precision and means over several views can leave the range from 0 to 1 by this much
PLACES = 9  # of a value that is written: what follows is the noise of adding up in another order
KNEE, STEEP = 0.4, 2.0  # weighted_auc: true positive rates up to 0.4 count twice


def score(
    metric: Score,
    truth: NDArray,
    answers: NDArray[np.floating],
    *,
    k: int = 5,
    beta: float = 2.0,
    threshold: float = THRESHOLD,
    cuts: Sequence[float] | None = None,
    at_least_one: bool = False,
) -> float:
    """Return the value of a competition's metric.

    Args:
        metric: one of METRICS that fits the task.
        truth: int (n,), class indices, or float (n, outputs): 1 for the labels of an image, else 0, or numbers.
        answers: float (n, classes) or (n, outputs), as `inference.predict_answers` returns them. Of ordered classes
            (n, 1), a number on the scale of the class indices.
        k: how many answers an image map_at_k counts.
        beta: how many times as much as precision recall counts in fbeta.
        threshold: a label of several is answered where its probability is at least this, the second of two classes
            where its probability is larger.
        at_least_one: of several labels the likeliest is answered where none has the threshold.
        cuts: of ordered classes, whose answer is one number: what lies between them, rising; None: the halves.

    Values that scikit-learn leaves undefined: a column with one class only is left out of mean_auc. An image without
    a label counts 0 in mean_f1, fbeta and map_at_k, and so does a class or a set without a true or an answered label
    in f1, macro_f1 and probabilistic_f1. A kappa is 1 where the truth and all answers are the same single class, and
    an R2 is 0 for one image. rmsle takes answers below 0 as 0.

    Raises InputError where the answers are not finite, where an AUC has one class only in the truth, and where rmsle
    has a true number below 0; ValueError where shapes or values do not fit each other or the metric.
    """
    check(metric, truth, answers)
    match metric:
        case "map_at_k":
            return _map_at_k(truth, answers, k)
        case "auc" | "mean_auc" | "weighted_auc" | "log_loss" | "probabilistic_f1":
            return _OF_PROBABILITIES[metric](truth, answers)
        case "rmse" | "mae" | "rmsle" | "r2":
            return _OF_NUMBERS[metric](truth.astype(np.float64), answers.astype(np.float64))
        case _:
            return score_choices(metric, choose(truth, answers, threshold, cuts, at_least_one), beta)


def score_choices(metric: Score, choices: Choices, beta: float) -> float:
    """Return the value of a metric that needs labels; arguments and undefined values as in `score`."""
    truth, chosen = choices.truth, choices.chosen
    match metric:
        case "accuracy" | "error":
            right = truth == chosen
            accuracy = float((right if right.ndim == 1 else right.all(axis=1)).mean())
            return accuracy if metric == "accuracy" else 1 - accuracy
        case "f1" | "macro_f1" | "mean_f1":
            yes_or_no = choices.classes == 2 and truth.ndim == 1
            average = {"f1": "binary" if yes_or_no else "micro", "macro_f1": "macro", "mean_f1": "samples"}[metric]
            return float(_sklearn().f1_score(truth, chosen, average=average, zero_division=0.0))
        case "fbeta":
            return float(_sklearn().fbeta_score(truth, chosen, beta=beta, average="samples", zero_division=0.0))
        case "quadratic_weighted_kappa":
            return _kappa(truth, chosen)
        case _:
            raise ValueError(f"{metric} is no metric of labels")


def _sklearn() -> ModuleType:
    """Return its metrics, imported at the first need: that takes a second, which most rows need not wait."""
    from sklearn import metrics

    return metrics


def _kappa(truth: NDArray[np.integer], chosen: NDArray[np.integer]) -> float:
    """Return 1 less the mean square between truth and choice, as a share of that between any truth and any choice.

    That is scikit-learn's cohen_kappa_score without its checks, which take most of the time where cut points are tried.
    """
    by_chance = truth.var() + chosen.var() + (truth.mean() - chosen.mean()) ** 2
    return float(1 - np.mean((truth - chosen) ** 2) / by_chance) if by_chance else 1.0


def _log_loss(truth: NDArray, answers: NDArray[np.floating]) -> float:
    """Return the mean loss of images, or of columns where an image has several labels."""
    if truth.ndim == 2:
        return float(np.mean([_yes_or_no_loss(*columns) for columns in zip(truth.T, answers.T, strict=True)]))
    if answers.shape[1] == 2:
        return _yes_or_no_loss(truth, answers[:, 1])
    sums = np.maximum(answers.sum(axis=1, dtype=np.float64), CLIP)
    of_truth = np.clip(answers[np.arange(len(truth)), truth] / sums, CLIP, 1 - CLIP)
    return float(-np.log(of_truth).mean())


def _yes_or_no_loss(truth: NDArray, probabilities: NDArray[np.floating]) -> float:
    clipped = np.clip(probabilities.astype(np.float64), CLIP, 1 - CLIP)
    return float(_sklearn().log_loss(truth >= THRESHOLD, np.column_stack([1 - clipped, clipped]), labels=[False, True]))


def _auc(truth: NDArray[np.integer], answers: NDArray[np.floating]) -> float:
    _refuse_one_class(truth)
    return float(_sklearn().roc_auc_score(truth, answers[:, 1]))


def _mean_auc(truth: NDArray, answers: NDArray[np.floating]) -> float:
    columns = (truth == place if truth.ndim == 1 else truth[:, place] >= THRESHOLD for place in range(answers.shape[1]))
    found = [
        _sklearn().roc_auc_score(column, answers[:, place])
        for place, column in enumerate(columns)
        if column.any() and not column.all()
    ]
    if not found:
        raise _one_class()
    return float(np.mean(found))


def _weighted_auc(truth: NDArray[np.integer], answers: NDArray[np.floating]) -> float:
    """Return the area under the ROC curve, what lies below KNEE counted STEEP times, as a share of the largest area.

    The curve is straight between its points, also where it crosses KNEE. The notebook that was handed round in the
    competition leaves out the piece up to its first point beyond KNEE, so it differs where images are few.
    """
    _refuse_one_class(truth)
    false, true, _ = _sklearn().roc_curve(truth, answers[:, 1])
    false = np.sort(np.append(false, np.interp(KNEE, true, false)))
    true = np.sort(np.append(true, KNEE))
    below, whole = _sklearn().auc(false, np.minimum(true, KNEE)), _sklearn().auc(false, true)
    return float((whole + (STEEP - 1) * below) / (1 + (STEEP - 1) * KNEE))


def _refuse_one_class(truth: NDArray[np.integer]) -> None:
    if truth.min() == truth.max():
        raise _one_class()


def _one_class() -> InputError:
    return InputError(
        "an AUC needs validation images of both classes, and all have the same: raise validation in params.yaml, or "
        "set another metric in the competition file."
    )


def _probabilistic_f1(truth: NDArray[np.integer], answers: NDArray[np.floating]) -> float:
    probabilities = answers[:, 1].astype(np.float64)
    right, positives = float(probabilities[truth == 1].sum()), int((truth == 1).sum())
    if not right:
        return 0.0
    precision, recall = right / float(probabilities.sum()), right / positives
    return 2 * precision * recall / (precision + recall)


def _map_at_k(truth: NDArray, answers: NDArray[np.floating], k: int) -> float:
    """Return the mean over images of the average precision of the first k answers; ties go to the first column."""
    return float(map_rows(partial(_precisions_at_k, k=k), truth, answers).mean())


def _precisions_at_k(truth: NDArray, answers: NDArray[np.floating], k: int) -> NDArray[np.float64]:
    rows, left = np.arange(len(truth)), answers.copy()
    relevant = np.ones(len(truth)) if truth.ndim == 1 else (truth >= THRESHOLD).sum(axis=1)
    hits, total = np.zeros(len(truth)), np.zeros(len(truth))
    for place in range(1, min(k, answers.shape[1]) + 1):
        best = left.argmax(axis=1)
        hit = best == truth if truth.ndim == 1 else truth[rows, best] >= THRESHOLD
        hits += hit
        total += hit * hits / place
        left[rows, best] = -np.inf
    return np.asarray(total / np.clip(relevant, 1, k))


def _rmsle(truth: NDArray[np.float64], answers: NDArray[np.float64]) -> float:
    if truth.min() < 0:
        raise InputError(f"metric: rmsle needs labels of 0 or more, and one is {truth.min():g}: set another metric.")
    return float(_sklearn().mean_squared_log_error(truth.ravel(), np.maximum(answers, 0).ravel())) ** 0.5


_OF_PROBABILITIES: dict[str, Callable[[NDArray, NDArray[np.floating]], float]] = {
    "auc": _auc,
    "mean_auc": _mean_auc,
    "weighted_auc": _weighted_auc,
    "log_loss": _log_loss,
    "probabilistic_f1": _probabilistic_f1,
}
_OF_NUMBERS: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {
    "rmse": lambda truth, answers: float(_sklearn().mean_squared_error(truth.ravel(), answers.ravel())) ** 0.5,
    "mae": lambda truth, answers: float(_sklearn().mean_absolute_error(truth.ravel(), answers.ravel())),
    "rmsle": _rmsle,
    "r2": lambda truth, answers: float(_sklearn().r2_score(truth, answers)) if len(truth) > 1 else 0.0,
}


def check(metric: Score, truth: NDArray, answers: NDArray[np.floating]) -> None:
    """Raise InputError for answers that are not finite, ValueError for what does not fit the metric."""
    rules, one_label = METRICS[metric], truth.ndim == 1 and truth.dtype.kind in "iu"
    fits = truth.shape == answers.shape if rules.needs == "numbers" or not one_label else len(truth) == len(answers)
    if answers.ndim != 2 or not answers.size or not fits:
        raise ValueError(f"{metric} takes no truth {truth.shape} with answers {answers.shape}")
    if rules.tasks == ("binary",) and (not one_label or answers.shape[1] != 2):
        raise ValueError(f"{metric} needs answers of two classes. Received: {answers.shape}")
    broken = int(map_rows(lambda block: ~np.isfinite(block).all(axis=1), answers).sum())
    if broken:
        raise InputError(
            f"The model gives no finite answer for {broken} of {len(answers)} validation images, so training "
            "diverged: lower learning_rate in params.yaml and train again."
        )
    if rules.needs == "numbers" or (one_label and answers.shape[1] == 1):
        return
    if one_label and (truth.min() < 0 or truth.max() >= answers.shape[1]):
        raise ValueError(f"labels must lie from 0 to {answers.shape[1] - 1}. Received: {truth.min()} to {truth.max()}")
    if answers.min() < -ROUNDING or answers.max() > 1 + ROUNDING:
        raise ValueError(f"probabilities must lie from 0 to 1. Received: {answers.min()} to {answers.max()}")
