"""Freezing the backbone and opening it from its top."""

import pytest
from scoretable.models.classifier import build_classifier
from scoretable.models.freezing import moving_share, open_backbone, places_of_backbone


def test_the_backbone_is_closed_at_first_then_opened_in_equal_parts() -> None:
    assert [moving_share(epoch, 2, 3) for epoch in range(7)] == pytest.approx([0, 0, 0.25, 0.5, 0.75, 1, 1])
    assert moving_share(0, 0, 0) == 1


def test_an_open_share_is_the_uppermost_layers() -> None:
    model = build_classifier("SmallCNN", None, 32, 32, 3, "softmax", 0.0)
    names = [variable.path for variable in model.trainable_variables]
    backbone = places_of_backbone(model)
    assert 0 < len(backbone) == len(names) - 2
    open_backbone(model, 0.0)
    assert [variable.path for variable in model.trainable_variables] == names[-2:]
    open_backbone(model, 0.5)
    some = [variable.path for variable in model.trainable_variables]
    assert some == names[-len(some) :]
    assert 2 < len(some) < len(names)
    open_backbone(model, 1.0)
    assert [variable.path for variable in model.trainable_variables] == names
