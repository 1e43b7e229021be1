"""Losses by name."""

import numpy as np
import pytest
from scoretable.competition.task import LOSSES
from scoretable.training.losses import balanced_weights, build_losses

TARGETS, ANSWERS = np.eye(3, dtype=np.float32), np.full((3, 3), 1 / 3, np.float32)


@pytest.mark.parametrize("name", [name for name in LOSSES if "crossentropy" in name])
def test_each_loss_is_smoothed_for_training_and_plain_to_report(name: str) -> None:
    sharp = np.array([[0.98, 0.01, 0.01]] * 3, np.float32)
    targets = TARGETS[[0, 0, 0]]
    smoothed, shown = build_losses(name, 0.2)
    plain, _ = build_losses(name, 0.0)
    assert float(smoothed(targets, sharp)) > float(plain(targets, sharp))
    assert np.asarray(shown(targets, sharp)) == pytest.approx(np.full(3, float(plain(targets, sharp))), rel=1e-5)


@pytest.mark.parametrize("name", [name for name in LOSSES if "crossentropy" not in name])
def test_a_loss_of_numbers_is_shown_as_it_is_trained(name: str) -> None:
    trained, shown = build_losses(name, 0.0)
    assert np.asarray(shown(TARGETS[:1, :1], ANSWERS[:1, :1]))[0] == pytest.approx(
        float(trained(TARGETS[:1, :1], ANSWERS[:1, :1]))
    )


def test_balanced_weights_give_each_class_an_equal_say() -> None:
    targets = TARGETS[[0, 0, 0, 1, 2, 2]]
    weights = balanced_weights("balanced", targets)
    assert (targets * weights).sum(axis=0) == pytest.approx([2, 2, 2])
    assert balanced_weights("none", targets) is None


def test_balanced_weights_of_two_classes_come_from_one_column() -> None:
    weights = balanced_weights("balanced", np.array([[0], [0], [0], [1]], np.float32))
    assert weights == pytest.approx([4 / 6, 2])
