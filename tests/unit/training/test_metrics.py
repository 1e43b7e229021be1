"""The metrics of an epoch count as the evaluation counts."""

import numpy as np
import pytest
from scoretable.competition.task import TASKS, Task
from scoretable.training.metrics import build_metrics

TRUTH = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [0, 1, 0]], np.float32)


def value(name: str, task: Task, truth: np.ndarray, answers: np.ndarray) -> float:
    (metric,) = build_metrics((name,), task)
    metric.update_state(truth, answers.astype(np.float32))
    return float(metric.result())


def test_several_labels_are_right_where_each_is() -> None:
    answers = np.array([[0.9, 0.2, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.3], [0.1, 0.5, 0.1]])
    assert value("accuracy", "multilabel", TRUTH, answers) == 0.75


def test_the_one_output_of_two_classes_is_right_on_its_side_of_a_half() -> None:
    assert value("accuracy", "binary", TRUTH[:, :1], np.array([[0.9], [0.6], [0.8], [0.1]])) == 0.75


def test_the_largest_output_of_several_classes_counts() -> None:
    answers = np.array([[0.4, 0.3, 0.3], [0.1, 0.2, 0.7], [0.2, 0.7, 0.1]])
    assert value("accuracy", "multiclass", np.eye(3)[[0, 1, 1]], answers) == pytest.approx(2 / 3)


def test_errors_of_numbers_are_in_their_units() -> None:
    truth, answers = np.array([[10.0], [20.0]]), np.array([[13.0], [19.0]])
    assert value("mae", "regression", truth, answers) == 2
    assert value("mse", "regression", truth, answers) == 5
    assert value("rmse", "regression", truth, answers) == pytest.approx(5**0.5)


@pytest.mark.parametrize("task", TASKS)
def test_each_metric_of_the_table_can_be_built_under_its_name(task: Task) -> None:
    names = TASKS[task].metrics
    assert [metric.name for metric in build_metrics(names, task)] == list(names)
