"""What the file says of the answer, and what follows from the sample and the training labels where it says nothing."""

from typing import Any

import pytest
from scoretable.competition.submission_layout import CutRule, SubmissionLayout
from scoretable.competition.task import Form


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
