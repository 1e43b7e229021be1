"""Batches are a function of seed, epoch and number."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.batches import OrderedBatches, TrainingBatches, augment_images

IMAGES = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((20, 8, 10, 3), np.uint8)
LABELS = np.arange(20) % 4


def batches(rows: np.ndarray, size: int, steps: int | None = None, augment: str = "none", epoch: int = 0):
    return TrainingBatches(IMAGES, LABELS, 4, rows, size, steps, augment, seed=5, epoch=epoch)


def rows_of(some: TrainingBatches) -> list[list[int]]:
    return [some[number][0][:, 0, 0, 0].tolist() for number in range(len(some))]


@given(st.sets(st.integers(0, 19), min_size=1), st.integers(1, 25), st.integers(0, 3))
def test_an_epoch_holds_each_row_once(rows: set[int], size: int, epoch: int) -> None:
    drawn = rows_of(batches(np.array(sorted(rows)), size, epoch=epoch))
    assert sorted(chain.from_iterable(drawn)) == sorted(rows)


@given(st.integers(1, 9), st.integers(1, 7))
def test_with_steps_per_epoch_each_pass_over_the_rows_is_complete(size: int, steps: int) -> None:
    rows = np.arange(6)
    drawn = [rows_of(batches(rows, size, steps, epoch=epoch)) for epoch in range(4)]
    stream = list(chain.from_iterable(chain.from_iterable(drawn)))
    for start in range(0, len(stream) - 5, 6):
        assert sorted(stream[start : start + 6]) == list(range(6))


def test_an_epoch_entered_anew_is_the_same_as_one_that_was_reached() -> None:
    reached = batches(np.arange(20), 6, augment="flip_shift")
    reached.on_epoch_end()
    entered = batches(np.arange(20), 6, augment="flip_shift", epoch=1)
    for number in range(len(entered)):
        np.testing.assert_array_equal(reached[number][0], entered[number][0])


def test_epochs_have_different_orders() -> None:
    assert rows_of(batches(np.arange(20), 20, epoch=0)) != rows_of(batches(np.arange(20), 20, epoch=1))


def test_targets_are_the_one_hot_labels_of_the_images() -> None:
    pixels, targets = batches(np.arange(20), 7)[0]
    np.testing.assert_array_equal(targets.argmax(axis=1), LABELS[pixels[:, 0, 0, 0]])
    assert targets.dtype == np.float32
    np.testing.assert_array_equal(targets.sum(axis=1), 1)


def test_flip_mirrors_about_half_of_the_images_and_changes_nothing_else() -> None:
    gradient = np.tile(np.arange(10, dtype=np.uint8)[None, None, :, None], (200, 4, 1, 3))
    changed = augment_images(gradient.copy(), "flip", np.random.default_rng(0))
    mirrored = (changed == gradient[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 60 < mirrored.sum() < 140
    assert ((changed == gradient).all(axis=(1, 2, 3)) | mirrored).all()


def test_flip_shift_keeps_shape_and_type_and_moves_images() -> None:
    images = np.full((50, 30, 40, 3), 200, np.uint8)
    changed = augment_images(images.copy(), "flip_shift", np.random.default_rng(0))
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    assert (changed == 0).any()


def test_the_cache_is_not_changed_by_augmentation() -> None:
    before = IMAGES.copy()
    batches(np.arange(20), 20, augment="flip_shift")[0]
    np.testing.assert_array_equal(IMAGES, before)


@pytest.mark.parametrize("mirrored", [False, True])
def test_ordered_batches_keep_the_order_of_the_rows(mirrored: bool) -> None:
    some = OrderedBatches(IMAGES, np.array([3, 1, 2]), 2, LABELS, 4, mirrored=mirrored)
    assert [some[number][0][:, 0, 0, 0].tolist() for number in range(len(some))] == [[3, 1], [2]]
