"""Keys that say where images and labels lie are refused where they contradict each other, and no others are."""

from typing import Any

import pytest
from scoretable.competition import layouts
from scoretable.competition.layout_problems import problem_of_images, problem_of_train

TABLE = {"table": "t.csv", "images": "a/{id}"}
PIXELS = {"height": 8, "width": 8}


def of_train(ordered: bool = False, **keys: Any) -> str:
    return problem_of_train(layouts.TrainLayout.model_validate(keys), ordered)


def of_test(**keys: Any) -> str:
    return problem_of_images(layouts.TestLayout.model_validate(keys), "test")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (TABLE | {"label_column": "a", "label_columns": ["b", "c"]}, "train has a label_column and label_columns"),
        (TABLE | {"label_column": None}, "train needs label_column or label_columns of a table, or {label}"),
        ({"images": "a/{id}"}, "train needs label_column or label_columns of a table, or {label}"),
        ({"images": "{label}/{id}", "label_column": "a"}, "train has a label_column but no table to find it in"),
        ({"images": "{label}/{id}", "label_columns": ["a", "b"]}, "train has a label_column but no table"),
        (TABLE | {"classes": ["a"]}, "the images pattern has no {label}: remove train.classes"),
        (TABLE | {"group_pattern": "{group}_{eye}", "group_column": "g"}, "a table without a group_column"),
        ({"images": "{label}/{id}", "group_pattern": "{group}_{eye}"}, "a table without a group_column"),
        (TABLE | {"group_pattern": "{eye}"}, "train.group_pattern: {eye} must contain {group}"),
        ({"images": "{label}/{id}", "group_column": "g"}, "train.group_column: g is no field of train.images"),
        (TABLE | {"label_column": "image_id"}, "train.label_column and train.id_column are both image_id"),
        (TABLE | {"group_column": "label"}, "train.label_column and train.group_column are both label"),
        (TABLE | {"label_columns": ["a", "image_id"]}, "train.label_columns has image_id, which is the id"),
        (TABLE | {"label_columns": ["a", "b", "a"]}, "train.label_columns has a, which is there already"),
        ({"images": "a/{label}"} | {"id_column": None}, "train.id_column is null but there is no table"),
        (TABLE | {"further_columns": {"label": "multiclass"}}, "has label, which is train.label_column: remove it"),
        (TABLE | {"further_columns": {"image_id": "multiclass"}}, "has image_id, which is train.id_column"),
        (TABLE | {"further_columns": {"g": "multiclass"}, "group_column": "g"}, "has g, which is train.group_column"),
        (TABLE | {"further_columns": {"a": "multiclass"}, "label_columns": ["a", "b"]}, "which is train.label_columns"),
        ({"images": "{label}/{id}", "further_columns": {"age": "regression"}}, "give train.table, or remove"),
        ({"channels": ["{label}/{id}_r"]}, "train.channels needs a table that lists the images"),
    ],
)
def test_keys_of_training_images_that_contradict_each_other_are_refused(keys: dict[str, Any], problem: str) -> None:
    assert problem in of_train(**keys)


@pytest.mark.parametrize(
    "keys",
    [
        TABLE,
        TABLE | {"label_columns": ["a", "b"]},
        TABLE | {"group_column": "patient"},
        TABLE | {"further_columns": {"age": "regression", 7: "multiclass"}},
        TABLE | {"group_pattern": "{group}_{eye}"},
        TABLE | {"id_column": None, "images": "{file}"},
        {"images": "{label}/{id}"},
        {"images": "{label}/{patient}_{id}", "group_column": "patient"},
        {"images": "{label}/{id}", "classes": ["a"]},
        {"coco": "c.json", "images": "a/{id}"},
        {"table": "t.csv", "channels": ["{id}_r", "{id}_g", "{id}_b"]},
        {"table": "t.csv", "pixels": PIXELS},
    ],
)
def test_training_images_in_a_table_in_folders_and_in_columns_are_taken(keys: dict[str, Any]) -> None:
    assert of_train(**keys) == ""


def test_only_ordered_classes_may_be_listed_beside_a_table() -> None:
    assert of_train(ordered=True, **TABLE, classes=["none", "mild", "severe"]) == ""


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (TABLE | {"coco": "c.json"}, "test has a table and a coco file"),
        (TABLE | {"pixels": PIXELS}, "test.pixels are columns of a table: give test.table, and remove test.images"),
        ({"pixels": PIXELS}, "test.pixels are columns of a table"),
        ({"table": "t.csv"}, "test needs images, a pattern that finds them, or pixels"),
        ({"images": "a/{id}", "id_column": None}, "test.id_column is null but there is no table whose rows count"),
        (TABLE | {"channels": ["{id}_r"]}, "test has channels beside images or pixels"),
        ({"table": "t.csv", "pixels": PIXELS, "channels": ["{id}_r"]}, "test has channels beside images or pixels"),
        ({"channels": ["{id}_a", "{id}_b", "{id}_c", "{id}_d"]}, "test.channels has 4 patterns"),
        ({"images": "a/{}"}, "test.images: a/{} must contain {id}, or the name of a column in braces"),
        ({"images": ["a/{id}", "b"]}, "test.images: b must contain {id}"),
        ({"images": "{label}/{id}"}, "test.images: {label}/{id} may not contain {label}"),
    ],
)
def test_keys_of_test_images_that_contradict_each_other_are_refused(keys: dict[str, Any], problem: str) -> None:
    assert problem in of_test(**keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"images": ["a/{id}", "b/{id}"]},
        TABLE | {"id_column": None},
        {"table": "t.csv", "pixels": PIXELS},
        {"channels": ["{id}_r"]},
        {"coco": "c.json", "images": "a/{id}"},
    ],
)
def test_test_images_that_the_sample_a_table_or_a_listing_names_are_taken(keys: dict[str, Any]) -> None:
    assert of_test(**keys) == ""
