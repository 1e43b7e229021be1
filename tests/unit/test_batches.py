"""Batches are a function of seed, epoch and number."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.batches import OrderedBatches, TrainingBatches, augment_images

IMAGES = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((20, 8, 10, 3), np.uint8)
LABELS = np.arange(20) % 4
TARGETS = np.eye(4, dtype=np.float32)[LABELS]


def batches(rows: np.ndarray, size: int, steps: int | None = None, augment: str = "none") -> TrainingBatches:
    return TrainingBatches(IMAGES, TARGETS, rows, size, steps, augment, seed=5)


def rows_of(some: TrainingBatches, epoch: int) -> list[list[int]]:
    return [pixels[:, 0, 0, 0].tolist() for pixels, _ in some.epoch(epoch)]


@given(st.sets(st.integers(0, 19), min_size=1), st.integers(1, 25), st.integers(0, 3))
def test_an_epoch_holds_each_row_once(rows: set[int], size: int, epoch: int) -> None:
    drawn = rows_of(batches(np.array(sorted(rows)), size), epoch)
    assert sorted(chain.from_iterable(drawn)) == sorted(rows)


@given(st.integers(1, 9), st.integers(1, 7))
def test_with_steps_per_epoch_each_pass_over_the_rows_is_complete(size: int, steps: int) -> None:
    rows = np.arange(6)
    drawn = [rows_of(batches(rows, size, steps), epoch) for epoch in range(4)]
    stream = list(chain.from_iterable(chain.from_iterable(drawn)))
    for start in range(0, len(stream) - 5, 6):
        assert sorted(stream[start : start + 6]) == list(range(6))


def test_an_epoch_is_the_same_whether_or_not_those_before_it_were_drawn() -> None:
    some = batches(np.arange(20), 6, augment="flip_shift")
    list(some.epoch(0))
    again = batches(np.arange(20), 6, augment="flip_shift")
    for (one, _), (other, _) in zip(some.epoch(1), again.epoch(1), strict=True):
        np.testing.assert_array_equal(one, other)


def test_epochs_have_different_orders() -> None:
    assert rows_of(batches(np.arange(20), 20), 0) != rows_of(batches(np.arange(20), 20), 1)


def test_targets_are_those_of_the_images() -> None:
    pixels, targets = next(batches(np.arange(20), 7).epoch(0))
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
    list(batches(np.arange(20), 20, augment="flip_shift").epoch(0))
    np.testing.assert_array_equal(IMAGES, before)


@pytest.mark.parametrize("mirrored", [False, True])
def test_ordered_batches_keep_the_order_of_the_rows(mirrored: bool) -> None:
    some = OrderedBatches(IMAGES, np.array([3, 1, 2]), 2, TARGETS, mirrored=mirrored)
    assert [pixels[:, 0, 0, 0].tolist() for pixels, _ in some] == [[3, 1], [2]]
