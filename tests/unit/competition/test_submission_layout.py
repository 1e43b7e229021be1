"""What the file says of the answer, and what follows from the sample and the training labels where it says nothing."""

from typing import Any

import pytest
from scoretable.competition.submission_layout import CutRule, SubmissionLayout, refuse_misfit
from scoretable.competition.task import TASKS, Form, Task


@pytest.mark.parametrize(
    ("content", "form", "rule"),
    [({}, "labels", "found"), ({}, "columns", "half"), ({"cut": "half"}, "label", "half"), ({}, "ranked", "half")],
)
def test_a_cut_is_looked_for_where_labels_are_handed_in(content: dict[str, Any], form: Form, rule: CutRule) -> None:
    assert SubmissionLayout.model_validate(content).cut_rule(form) == rule


@pytest.mark.parametrize(
    ("empty", "some_without", "filled"),
    [(None, False, True), (None, True, False), ("likeliest", True, True), ("empty", False, False)],
)
def test_each_image_gets_a_label_where_each_training_image_has_one_unless_the_file_says_otherwise(
    empty: str | None, some_without: bool, filled: bool
) -> None:
    layout = SubmissionLayout.model_validate({"empty": empty})
    assert layout.at_least_one("labels", some_without) == filled
    assert not layout.at_least_one("columns", some_without)


@pytest.mark.parametrize(
    ("content", "columns", "key"),
    [
        ({"label_column": "a"}, ["a"], "submission.label_column"),
        ({"label_columns": ["a", "b"]}, ["a", "b"], "submission.label_columns"),
        ({"label_columns": "*"}, None, ""),
        ({}, None, ""),
    ],
)
def test_the_sample_must_have_the_columns_that_the_file_names(
    content: dict[str, Any], columns: list[str] | None, key: str
) -> None:
    layout = SubmissionLayout.model_validate(content)
    assert layout.named_columns == columns
    assert layout.keys_of_columns == dict.fromkeys(columns or (), key) | {"image_id": "submission.id_column"}


@pytest.mark.parametrize(
    ("content", "task"),
    [
        ({"form": "ranked", "ranks": 3}, "multiclass"),
        ({"ranks": 3}, "multiclass"),
        ({"form": "labels", "empty": "empty"}, "multilabel"),
        ({"empty": "likeliest"}, "multilabel"),
        ({"form": "columns", "columns": {"a": "b"}}, "multiclass"),
        ({"form": "numbers", "columns": {"a": "b"}}, "multi_regression"),
        ({"columns": {"a": "b"}}, "multiclass"),
        ({"label_column": "a"}, "binary"),
        ({"label_columns": ["a", "b"]}, "multiclass"),
    ],
)
def test_keys_that_fit_each_other_are_taken(content: dict[str, Any], task: Task) -> None:
    refuse_misfit(SubmissionLayout.model_validate(content), task, None)
    if "probability" in TASKS[task].forms:
        refuse_misfit(SubmissionLayout.model_validate(content), task, "a")


@pytest.mark.parametrize("content", [{"form": "columns", "ranks": 3}, {"form": "ranked", "columns": {"a": "b"}}])
def test_keys_of_another_form_are_refused(content: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"does not fit submission\.form: \w+: remove it"):
        refuse_misfit(SubmissionLayout.model_validate(content), "multiclass", None)
