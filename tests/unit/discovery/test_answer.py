"""What is asked and handed in, as labels, sample and metric tell."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from scoretable.competition.metric import Score
from scoretable.discovery.answer import settle_answer
from scoretable.discovery.draft import Draft
from scoretable.discovery.label_columns import Labels
from scoretable.discovery.question import find_alike
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training


def settle(labels: list[Any], answers: dict[str, list[Any]], metric: Score | None = None) -> Draft:
    rows = pd.DataFrame({"id": range(len(labels)), "label": labels}).astype(str)
    table = pd.DataFrame({"id": ["x", "y"], **answers}).astype(str)
    draft = Draft()
    training = Training(rows, Labels(5, "", "label"), None, "table", "train.csv", "id")
    settle_answer(draft, training, Sample("sample.csv", table, "id", None), metric)
    return draft


def keys(*arguments: Any) -> dict[str, Any]:
    return {path: value for path, (value, _) in settle(*arguments).keys.items()}


GRADES = [0, 1, 2, 3, 4] * 2
PETS = ["cat", "dog"] * 3


@pytest.mark.parametrize(
    ("labels", "answer", "metric", "task", "form"),
    [
        ([0, 1], 0.5, None, "binary", "probability"),
        ([0, 1], 0, None, "binary", None),
        (PETS, "cat", None, "binary", "label"),
        (PETS, 0, None, "binary", "probability"),
        (GRADES, 0, None, "multiclass", "label"),
        (GRADES, 0, "quadratic_weighted_kappa", "ordinal", "label"),
        (GRADES, 0, "rmse", "regression", "numbers"),
        (GRADES, 2.5, None, "regression", "numbers"),
        ([0.5, 1.5], 0, None, "regression", "numbers"),
        (GRADES, "1 2 3", None, "multiclass", "ranked"),
    ],
)
def test_the_task_and_the_form(
    labels: list[Any], answer: Any, metric: Score | None, task: str, form: str | None
) -> None:
    found = keys(labels, {"label": [answer, answer]}, metric)
    assert (found["task"], found.get("submission.form")) == (task, form)


def test_several_labels_a_cell_are_scored_by_map_at_k() -> None:
    found = keys(GRADES, {"label": ["1 2 3", "1 2 3"]})
    assert (found["metric"], found["metric_k"], found["submission.ranks"]) == ("map_at_k", 3, 3)


@pytest.mark.parametrize(("cell", "metric"), [(0.2, "log_loss"), (0, "mean_auc")])
def test_columns_that_sum_to_1_are_likely_scored_by_log_loss(cell: float, metric: str) -> None:
    draft = settle(GRADES, {f"c{grade}": [cell, cell] for grade in range(5)})
    assert draft.keys["metric"][0] == metric
    assert draft.keys["submission.columns"][0]["4"] == "c4"
    assert any(f"metric: {metric} is likely" in question for question in draft.questions)


@pytest.mark.parametrize(
    ("labels", "column", "positive", "asked"),
    [
        (PETS, "label", "dog", True),
        (PETS, "is_cat", "cat", False),
        (["benign", "malignant"], "label", "malignant", False),
        ([0, 1], "label", None, False),
    ],
)
def test_which_class_a_probability_is_of(labels: list[Any], column: str, positive: str | None, asked: bool) -> None:
    draft = settle(labels, {column: [0.5, 0.5]})
    assert draft.keys.get("positive_class", (None,))[0] == positive
    assert any("positive_class" in question for question in draft.questions) == asked


def test_a_metric_that_needs_probabilities_is_not_offered_for_labels() -> None:
    draft = settle(PETS, {"label": ["cat", "dog"]})
    assert draft.questions == ["metric: one of accuracy, error, f1, macro_f1, as the competition's page says"]


@pytest.mark.parametrize(
    ("columns", "offered", "not_offered"),
    [
        (["label"], {"accuracy", "map_at_k"}, {"log_loss", "mean_auc"}),
        (["red", "green", "blue"], {"log_loss", "mean_auc"}, {"accuracy", "f1", "macro_f1", "map_at_k"}),
    ],
)
def test_a_metric_that_the_columns_of_a_sample_without_rows_cannot_hold_is_not_offered(
    columns: list[str], offered: set[str], not_offered: set[str]
) -> None:
    rows = pd.DataFrame({"id": range(6), "label": ["red", "green", "blue"] * 2}).astype(str)
    draft, table = Draft(), pd.DataFrame(columns=["id", *columns], dtype=str)
    training = Training(rows, Labels(5, "", "label"), None, "table", "train.csv", "id")
    settle_answer(draft, training, Sample("sample.csv", table, "id", None), None)
    words = set(draft.questions[-1].replace(",", "").split())
    assert offered <= words and not words & not_offered


def test_one_number_in_all_rows_of_two_classes_is_a_question_unless_the_metric_is_known() -> None:
    asked = [question.partition(":")[0] for question in settle([0, 1], {"label": [0, 0]}).questions]
    assert "submission.form" in asked
    assert not settle([0, 1], {"label": [0, 0]}, "auc").questions


def test_a_placeholder_is_a_question() -> None:
    draft = settle(PETS, {"label": ["prediction", "prediction"]})
    assert any("prediction of the sample is no label" in question for question in draft.questions)
    assert draft.keys["submission.placeholder"][0] == "prediction"


def test_labels_that_only_look_different_are_made_one() -> None:
    found = keys(["cat", "dog", "dog "] * 2, {"label": ["cat", "dog"]})
    assert found["train.label_map"] == {"dog ": "dog", "*": "*"} and found["classes"] == 2
    assert find_alike(["a b", "a  b", "c"]) == {"a  b": "a b"}


def test_labels_that_are_made_one_are_among_what_is_to_be_checked() -> None:
    assert (
        settle(["a b", "dog", "a  b"] * 2, {"label": ["dog", "dog"]})
        .checks[0]
        .startswith("train.label_map: labels that")
    )


def test_numbers_with_a_decimal_comma_are_amounts_and_no_several_labels() -> None:
    assert keys([f"{number},5" for number in range(6)], {"label": ["0,5", "0,5"]})["task"] == "regression"


def test_whole_numbers_that_were_written_with_a_point_are_those_of_the_sample() -> None:
    found = keys(["0.0", "1.0", "2.0"] * 4, {"label": [0, 1]})
    assert (found["task"], found["classes"]) == ("multiclass", 3)
    assert found["train.label_map"] == {"0.0": "0", "1.0": "1", "2.0": "2", "*": "*"}
    assert "train.label_map" not in keys(["0.5", "1.0", "1"] * 4, {"label": [0, 1]})


def test_a_number_in_two_spellings_is_one_label() -> None:
    assert keys(["1", "1.0", "0"] * 4, {"label": [0, 1]})["train.label_map"] == {"1.0": "1", "*": "*"}


def test_a_draft_is_yaml_whose_comments_say_why() -> None:
    draft = Draft()
    draft.set("train.images", "{label}/{id}", "a reason " * 20)
    draft.set("title", "yes: it is", "short")
    draft.set("metric", None, "not told")
    draft.note("train", "a doubt")
    text = draft.write("written by hand")
    assert yaml.safe_load(text) == {"title": "yes: it is", "metric": None, "train": {"images": "{label}/{id}"}}
    assert "title: 'yes: it is'  # short\nmetric:              # not told\ntrain:\n  # a reason" in text
    assert text.endswith("  # a doubt\n") and max(map(len, text.splitlines())) <= 120


def test_a_heading_breaks_only_at_spaces() -> None:
    name = "a-name-of-an-archive-" * 5
    lines = Draft().write(f"Written by init {name} from {name}.zip.").splitlines()
    assert lines == ["# Written by init", f"# {name} from", f"# {name}.zip."]


@pytest.mark.parametrize("value", [[f"a number {place}" for place in range(40)], {f"{k}": "x y" for k in range(90)}])
def test_a_long_list_is_folded_and_reads_as_it_was(value: object) -> None:
    draft = Draft()
    draft.set("train.label_columns", value, "seen")
    text = draft.write("x")
    assert yaml.safe_load(text) == {"train": {"label_columns": value}}
    assert max(map(len, text.splitlines())) <= 120


def test_fbeta_and_map_at_k_write_their_setting() -> None:
    labels = ["a b", "b c", "a"] * 2
    assert keys(labels, {"label": ["a", "b"]}, "fbeta")["metric_beta"] == 2
    assert keys(labels, {"label": ["a", "b"]}, "map_at_k")["metric_k"] == 5
    assert "metric_beta" not in keys(labels, {"label": ["a", "b"]}, "f1")


def test_the_metric_is_the_first_question() -> None:
    draft = Draft()
    draft.ask("encoding: cp949 is a guess")
    draft.ask("metric: one of many")
    steps = draft.next_steps(Path("a.yaml"), None)
    assert [step for step in steps if "Set" in step][:2] == [
        "  1. Set metric: one of many.",
        "  2. Set encoding: cp949 is a guess.",
    ]


def test_names_that_would_drive_a_terminal_or_end_a_comment_are_escaped() -> None:
    draft = Draft()
    draft.set("title", "x", "seen: a\nmetric: auc \x1b[2J")
    draft.ask("metric: \x1b[2J")
    assert yaml.safe_load(draft.write("x")) == {"title": "x"}
    assert "\x1b" not in draft.write("x") + draft.questions[0]


@pytest.mark.parametrize("gap", ["nan", "?", "-"])
def test_a_word_for_no_number_among_numbers_makes_no_classes_of_them(gap: str) -> None:
    assert keys(["0.5", "1.5", "2.5", gap], {"label": ["0.5", "0.5"]})["task"] == "regression"
