"""A classifier begins with the backbone of an earlier row's, and with its head where the classes are the same."""

from pathlib import Path

import keras
import numpy as np
import pytest
from scoretable.models.classifier import average_models, build_classifier, save_model
from scoretable.models.row_weights import load_member, take_weights
from scoretable.workspace.errors import InputError

pytestmark = pytest.mark.usefixtures("one_block")


def classifier(size: int = 32, outputs: int = 3, activation: str = "softmax", name: str = "SmallCNN") -> keras.Model:
    return build_classifier(name, None, size, size, outputs, activation, 0.0)


def equal(one: keras.Model, other: keras.Model, layer: str) -> bool:
    pairs = zip(one.get_layer(layer).get_weights(), other.get_layer(layer).get_weights(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_backbone_and_head_are_taken_also_at_another_size_of_the_images() -> None:
    model, earlier = classifier(size=48), classifier()
    take_weights(model, earlier, with_head=True)
    assert equal(model, earlier, "backbone")
    assert equal(model, earlier, "classifier")


@pytest.mark.parametrize(
    ("model", "with_head"),
    [({}, False), ({"outputs": 4}, True), ({"activation": "sigmoid"}, True)],
)
def test_the_head_stays_as_it_is_where_it_answers_something_else(model: dict[str, object], with_head: bool) -> None:
    begun, earlier = classifier(**model), classifier()  # type: ignore[arg-type]
    before = begun.get_layer("classifier").get_weights()[0]
    take_weights(begun, earlier, with_head)
    assert equal(begun, earlier, "backbone")
    np.testing.assert_array_equal(begun.get_layer("classifier").get_weights()[0], before)


def test_weights_of_another_backbone_are_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="earlier row's backbone does not fit model: SmallCNN"):
        take_weights(classifier(), classifier(name="MobileNet"), with_head=True)


def test_of_a_row_with_a_model_a_fold_the_part_is_taken_that_has_not_seen_the_fold(tmp_path: Path) -> None:
    parts = [classifier() for _ in range(2)]
    save_model(average_models(parts), tmp_path / "both.keras")
    save_model(parts[1], tmp_path / "one.keras")
    assert equal(load_member(tmp_path / "both.keras", 1), parts[1], "backbone")
    assert not equal(load_member(tmp_path / "both.keras", 1), parts[0], "backbone")
    assert equal(load_member(tmp_path / "one.keras", 3), parts[1], "backbone")
