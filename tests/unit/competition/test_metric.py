"""The registry of metrics is whole, and the tasks read their scores from it."""

from typing import get_args

import pytest
from scoretable.competition.metric import METRICS, Score, fits_form, known_metrics, scores_of
from scoretable.competition.task import TASKS, Task


def test_each_name_that_a_competition_file_takes_has_its_row() -> None:
    assert tuple(METRICS) == get_args(Score)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_scored_by_all_metrics_that_fit_it(task: Task) -> None:
    assert set(TASKS[task].scores) == {name for name, metric in METRICS.items() if task in metric.tasks}


def test_errors_and_losses_are_better_where_they_are_smaller() -> None:
    smaller = {name for name, metric in METRICS.items() if not metric.larger_is_better}
    assert smaller == {"error", "log_loss", "rmse", "mae", "rmsle"}


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("MAP@5", "map_at_k with metric_k: 5"),
        (" map_at_12 ", "map_at_k with metric_k: 12"),
        ("map3", "map_at_k with metric_k: 3"),
        ("Log Loss", "log_loss"),
        ("ROC-AUC", "auc, or mean_auc of several columns"),
        ("F0.5", "fbeta with metric_beta: 0.5"),
        ("QWK", "quadratic_weighted_kappa"),
    ],
)
def test_a_metric_by_another_name_is_answered_with_its_name_here(asked: str, meant: str) -> None:
    assert known_metrics(asked) == f" (did you mean {meant}?)"


@pytest.mark.parametrize("asked", ["dice", "map@k", 7])
def test_a_metric_of_no_known_name_is_answered_with_all_there_are(asked: object) -> None:
    assert known_metrics(asked).endswith(f": take {', '.join(METRICS)}")


def test_a_misspelt_metric_is_answered_with_the_nearest_one() -> None:
    assert known_metrics("mean_ac").startswith(" (did you mean mean_auc?): take accuracy, error, ")


@pytest.mark.parametrize(
    ("forms", "metrics"),
    [
        (("label", "labels"), {name for name, metric in METRICS.items() if metric.needs == "labels"}),
        (("ranked",), {"map_at_k"}),
        (("numbers",), {"rmse", "mae", "rmsle", "r2"}),
        (("probability", "columns"), {"log_loss", "auc", "mean_auc", "weighted_auc", "probabilistic_f1"}),
    ],
)
def test_a_metric_fits_the_forms_that_hand_in_what_it_compares(forms: tuple[str, ...], metrics: set[str]) -> None:
    for form in forms:
        assert {name for name in METRICS if fits_form(name, form)} == metrics


def test_the_metrics_of_a_task_begin_with_its_default() -> None:
    assert scores_of("binary", first="auc")[:2] == ("auc", "accuracy")
    assert len(scores_of("binary", first="auc")) == len(TASKS["binary"].scores)
