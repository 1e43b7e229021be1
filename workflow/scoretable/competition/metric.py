"""The metrics that competitions are scored by: which way is better, what each needs, and where it comes from.

Stands alone, so that planning and the score table can ask without computing one; `scoring.scores` computes them.
"""

import re
from dataclasses import dataclass
from math import inf
from typing import Literal

from scoretable.workspace.errors import nearest

Score = Literal[
    "accuracy", "error", "log_loss", "auc", "mean_auc", "weighted_auc", "f1", "macro_f1", "mean_f1", "fbeta",
    "quadratic_weighted_kappa", "map_at_k", "rmse", "mae", "rmsle", "r2", "probabilistic_f1",
]  # fmt: skip
Need = Literal["labels", "probabilities", "ranks", "numbers"]


@dataclass(frozen=True)
class Metric:
    """The row of a metric.

    needs: what is compared with the truth: labels, probabilities as they are, the order of the answers (which any
    rising function leaves as it is), or numbers. lowest, highest: its range, ends included. tasks: what it fits.
    source: where its definition can be read.
    """

    larger_is_better: bool
    needs: Need
    lowest: float
    highest: float
    tasks: tuple[str, ...]
    source: str


_CHOICES = ("multiclass", "binary", "multilabel", "ordinal")
_LABELLED = ("multiclass", "binary", "multilabel")
_NUMBERS = ("regression", "unit_regression", "multi_regression")

METRICS: dict[Score, Metric] = {
    "accuracy": Metric(
        True, "labels", 0, 1, _CHOICES,
        "scikit-learn, accuracy_score: the share of images answered right, of several labels all of them",
    ),
    "error": Metric(
        False, "labels", 0, 1, _CHOICES,
        "scikit-learn, zero_one_loss: 1 less the accuracy, as in iNaturalist 2019 with one answer",
    ),
    "log_loss": Metric(
        False, "probabilities", 0, inf, _LABELLED,
        "Kaggle's pages of state-farm-distracted-driver-detection and dogs-vs-cats-redux: the mean negative natural "
        "logarithm, clipped at 1e-15; of several labels the mean over the columns",
    ),
    "auc": Metric(
        True, "ranks", 0, 1, ("binary",),
        "scikit-learn, roc_auc_score; Hanley and McNeil (1982): the area under the ROC curve",
    ),
    "mean_auc": Metric(
        True, "ranks", 0, 1, ("multiclass", "multilabel"),
        "Kaggle's pages of plant-pathology-2020-fgvc7 and ranzcr-clip: the mean of the columns' AUC",
    ),
    "weighted_auc": Metric(
        True, "ranks", 0, 1, ("binary",),
        "Kaggle's page of alaska2-image-steganalysis; Cogranne, Giboulot and Bas (2020)",
    ),
    "f1": Metric(
        True, "labels", 0, 1, _LABELLED,
        "scikit-learn, f1_score of the counts over all labels (micro); of two classes, that of the second one",
    ),
    "macro_f1": Metric(
        True, "labels", 0, 1, _LABELLED,
        "scikit-learn, f1_score with average='macro', as in Herbarium 2020 to 2022",
    ),
    "mean_f1": Metric(
        True, "labels", 0, 1, ("multilabel",),
        "scikit-learn, f1_score with average='samples', as in plant-pathology-2021-fgvc8",
    ),
    "fbeta": Metric(
        True, "labels", 0, 1, ("multilabel",),
        "scikit-learn, fbeta_score with average='samples'; planet-understanding-the-amazon-from-space has beta 2",
    ),
    "quadratic_weighted_kappa": Metric(
        True, "labels", -1, 1, ("multiclass", "ordinal"),
        "Cohen (1968); scikit-learn, cohen_kappa_score with weights='quadratic', as in aptos2019-blindness-detection",
    ),
    "map_at_k": Metric(
        True, "ranks", 0, 1, ("multiclass", "multilabel"),
        "Kaggle's pages of hotel-id-2021 and whale-categorization-playground: mean average precision of the first k",
    ),
    "rmse": Metric(False, "numbers", 0, inf, _NUMBERS, "scikit-learn, mean_squared_error, its root over all numbers"),
    "mae": Metric(False, "numbers", 0, inf, _NUMBERS, "scikit-learn, mean_absolute_error over all numbers"),
    "rmsle": Metric(
        False, "numbers", 0, inf, _NUMBERS, "scikit-learn, mean_squared_log_error, its root over all numbers"
    ),
    "r2": Metric(True, "numbers", -inf, 1, _NUMBERS, "scikit-learn, r2_score: of several numbers the mean of theirs"),
    "probabilistic_f1": Metric(
        True, "probabilities", 0, 1, ("binary",),
        "Yacouby and Axman (2020); Kaggle's page of rsna-breast-cancer-detection",
    ),
}  # fmt: skip


# What an answer of a form can be compared by; ranked answers are a list, which map_at_k alone takes.
_GIVEN: dict[str, tuple[Need, ...]] = {
    "label": ("labels",),
    "labels": ("labels",),
    "ranked": ("ranks",),
    "probability": ("probabilities", "ranks"),
    "columns": ("probabilities", "ranks"),
    "numbers": ("numbers",),
}
_BETA = "fbeta with metric_beta: {}"
_ALIASES = {
    "f2": _BETA.format(2),
    "f0.5": _BETA.format(0.5),
    "kappa": "quadratic_weighted_kappa",
    "qwk": "quadratic_weighted_kappa",
    "cohen_kappa": "quadratic_weighted_kappa",
    "logloss": "log_loss",
    "cross_entropy": "log_loss",
    "bce": "log_loss",
    "roc_auc": "auc, or mean_auc of several columns",
    "micro_f1": "f1",
    "mcrmse": "rmse, which takes the root over all columns at once",
    "pf1": "probabilistic_f1",
}


def fits_form(name: Score, form: str) -> bool:
    """Return whether the metric compares what answers of this form hand in."""
    return METRICS[name].needs in _GIVEN[form] and (form == "ranked") == (name == "map_at_k")


def known_metrics(name: object) -> str:
    """Return how a metric that is unknown is called here, or the metrics that there are: the end of a refusal."""
    asked = re.sub(r"[\s_-]+", "_", str(name).strip().lower())
    if at := re.fullmatch(r"map_?(?:@_?|at_)?(\d+)", asked):
        return f" (did you mean map_at_k with metric_k: {at[1]}?)"
    alias = _ALIASES.get(asked) or _ALIASES.get(asked.replace("_", ""))
    if alias:
        return f" (did you mean {alias}?)"
    return f"{nearest(name, tuple(METRICS))}: take {', '.join(METRICS)}"


def scores_of(task: str, first: Score) -> tuple[Score, ...]:
    """Return the names of the metrics that fit `task`, with `first`, its default, in the first place."""
    fitting = tuple(name for name, metric in METRICS.items() if task in metric.tasks)
    return tuple(dict.fromkeys((first, *fitting)))
