"""The layouts tell readers of an archive and of messages what the file says, and what it leaves to a default."""

from typing import Any

import pytest
from pydantic import ValidationError
from scoretable.competition import layouts
from scoretable.competition.layouts import PixelColumns, TrainLayout

BOX = {"x1": "l", "y1": "t", "x2": "r", "y2": "b"}


def train(**keys: Any) -> TrainLayout:
    return TrainLayout.model_validate(keys)


def test_labels_are_in_the_column_label_unless_columns_or_the_pattern_hold_them() -> None:
    assert train(table="t.csv").label_column == train(coco="c.json").label_column == "label"
    assert train(table="t.csv", label_columns=["a", "b"]).label_column is None
    assert train(images="{label}/{id}").label_column is None
    assert train(images="{label}/{id}", label_column="a").label_column == "a"


@pytest.mark.parametrize(
    ("keys", "key", "place"),
    [
        ({"table": "t.csv"}, "train.label_column", "label"),
        ({"table": "t.csv", "label_columns": ["a", "b", "c"]}, "train.label_columns", "a..c"),
        ({"images": "{label}/{id}"}, "train.images", "{label}"),
        ({"table": "t.csv", "label_map": {}}, "train.label_map", "label"),
    ],
)
def test_messages_name_the_key_and_the_place_of_labels(keys: dict[str, Any], key: str, place: str) -> None:
    assert (train(**keys).label_key, train(**keys).label_place) == (key, place)


def test_messages_name_the_listing_or_else_the_patterns() -> None:
    assert train(table="t.csv", images="{id}").place == "t.csv"
    assert train(coco="c.json", images="{id}").place == "c.json"
    assert train(images=["a/{label}/{id}", "b/{label}/{id}"]).place == "a/{label}/{id} or b/{label}/{id}"
    assert train(channels=["{id}_r", "{id}_g"]).place == "{id}_r and {id}_g"
    assert [train(table="t.csv").key_of_listing("train"), layouts.TestLayout(coco="c.json").key_of_listing("test")] == [
        "train.table",
        "test.coco",
    ]
    assert (train(table="t.csv").id_place, train(table="t.csv", id_column=None).id_place) == ("image_id", "row number")


def test_patterns_are_those_of_images_or_of_channels_and_their_fields_are_between_braces() -> None:
    assert train(table="t.csv").patterns == []
    assert train(images="{label}/{patient}_{id}").fields == {"label", "patient", "id"}
    assert train(channels=["{id}_r", "{id}_g"]).patterns == ["{id}_r", "{id}_g"]


def test_each_column_that_a_table_must_have_stands_with_its_key() -> None:
    assert train(table="t.csv", box=BOX, group_column="g").keys_of_columns() == {
        **dict.fromkeys("ltrb", "train.box"),
        "image_id": "train.id_column",
        "label": "train.label_column",
        "g": "train.group_column",
    }
    assert train(table="t.csv", id_column=None, label_columns=["a", "b"]).keys_of_columns("train") == {
        "a": "train.label_columns",
        "b": "train.label_columns",
    }
    assert layouts.TestLayout(table="t.csv", id_column="n").keys_of_columns("test") == {"n": "test.id_column"}


@pytest.mark.parametrize(
    ("label_map", "label", "learned"),
    [
        (None, " a", " a"),
        ({"a": "ill"}, "a", "ill"),
        ({"a": "ill"}, " a ", "ill"),
        ({"a": "ill"}, "b", None),
        ({"a": "ill", "*": "fine"}, "b", "fine"),
        ({"a": "ill", "*": "*"}, "b", "b"),
        ({0: "no"}, "0", "no"),
        ({" a\u200b": "ill"}, "a", "ill"),
    ],
)
def test_a_label_is_learned_as_the_map_says(label_map: Any, label: str, learned: str | None) -> None:
    assert train(table="t.csv", label_map=label_map).map_label(label) == learned


def test_a_map_of_labels_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="label_map"):
        train(table="t.csv", label_map=["a"])


def test_columns_of_pixels_are_one_pattern_or_a_list_of_which_a_message_shows_three() -> None:
    assert PixelColumns(height=1, width=1).patterns == ["pixel*"]
    several = PixelColumns(columns=["a", "b", "c", "d"], height=1, width=1)
    assert several.patterns == ["a", "b", "c", "d"]
    assert several.shown_columns == "a, b, c"
