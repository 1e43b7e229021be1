"""A sample of answers that the task's own metric does not score asks for another metric."""

import pandas as pd
import pytest
from scoretable.competition.metric_fit import choose_ranks, refuse_misfit_of_metric, refuse_open_metric
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


@pytest.mark.parametrize(("metric", "cells"), [("accuracy", ["a b"]), (None, ["a", "b"]), (None, ["a"])])
def test_ranks_are_refused_where_the_metric_that_counts_one_is_given_or_shown(
    metric: str | None, cells: list[str]
) -> None:
    with pytest.raises(
        InputError, match=r"which metric: accuracy scores one: set metric: map_at_k, or another form\.$"
    ):
        refuse_misfit_of_metric("ranked", pd.Series(cells), competition(metric=metric), ["a", "b"], "another form")


def test_ranks_are_taken_where_the_sample_has_lists_and_the_file_no_metric() -> None:
    refuse_misfit_of_metric("ranked", pd.Series(["a b"]), competition(), ["a", "b"], "another form")


@pytest.mark.parametrize(("metric", "what"), [("map_at_k", "ranks"), ("log_loss", "probabilities")])
def test_labels_are_refused_where_the_metric_needs_more(metric: str, what: str) -> None:
    with pytest.raises(InputError, match=f"form: label hands in no {what}, which metric: {metric} needs"):
        refuse_misfit_of_metric("label", pd.Series(["a"]), competition(metric=metric), ["a", "b"], "another form")


@pytest.mark.parametrize(
    ("ranks", "cell", "keys", "mend"),
    [
        (2, "1 2 3", {}, "set submission.ranks: 3."),
        (5, "1 2", {}, "set submission.ranks: 2, or metric_k: 5 as well if the page says so."),
        (3, "1 2", {"metric": "map_at_k", "metric_k": 4}, "set submission.ranks: 2, or metric_k: 3 as well if the"),
        (2, "", {"metric": "map_at_k", "metric_k": 1}, "set metric_k: 2, or submission.ranks: 1."),
    ],
)
def test_ranks_that_differ_from_the_sample_or_the_metric_are_refused_with_both_mends(
    ranks: int, cell: str, keys: dict[str, object], mend: str
) -> None:
    described = competition(submission={"form": "ranked", "ranks": ranks}, **keys)
    with pytest.raises(InputError) as caught:
        choose_ranks(pd.Series([cell]), described, list("123456"))
    assert mend in str(caught.value)
