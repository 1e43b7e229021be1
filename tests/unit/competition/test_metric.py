"""The registry of metrics is whole, and the tasks read their scores from it."""

from typing import get_args

import pytest
from scoretable.competition.metric import METRICS, Score
from scoretable.competition.task import TASKS, Task


def test_each_name_that_a_competition_file_takes_has_its_row() -> None:
    assert tuple(METRICS) == get_args(Score)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_is_scored_by_all_metrics_that_fit_it(task: Task) -> None:
    assert set(TASKS[task].scores) == {name for name, metric in METRICS.items() if task in metric.tasks}


def test_errors_and_losses_are_better_where_they_are_smaller() -> None:
    smaller = {name for name, metric in METRICS.items() if not metric.larger_is_better}
    assert smaller == {"error", "log_loss", "rmse", "mae", "rmsle"}
