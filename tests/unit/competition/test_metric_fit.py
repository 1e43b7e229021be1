"""A sample of answers that the task's own metric does not score asks for another metric."""

import pytest
from scoretable.competition.metric_fit import refuse_open_metric
from scoretable.workspace.errors import InputError
from unit.archives import competition


@pytest.mark.parametrize(
    ("task", "form", "metrics"),
    [
        ("multiclass", "columns", "log_loss or mean_auc"),
        ("binary", "probability", "log_loss or auc or weighted_auc or probabilistic_f1"),
        ("multilabel", "ranked", "map_at_k"),
    ],
)
def test_a_file_without_a_metric_is_asked_for_one_that_scores_what_the_sample_wants(
    task: str, form: str, metrics: str
) -> None:
    with pytest.raises(InputError) as caught:
        refuse_open_metric(form, competition(task=task))
    assert f"submission.form: {form}, which accuracy does not score: set metric to {metrics}, as" in str(caught.value)
    refuse_open_metric(form, competition(task=task, metric="log_loss"))


@pytest.mark.parametrize(
    ("task", "form"), [("multiclass", "label"), ("multilabel", "labels"), ("regression", "numbers")]
)
def test_labels_and_numbers_are_scored_by_the_tasks_own_metric(task: str, form: str) -> None:
    refuse_open_metric(form, competition(task=task))
