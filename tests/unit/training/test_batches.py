"""Batches are a function of the seed and the step."""

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scoretable.training.augmentation import AUGMENTATIONS
from scoretable.training.batches import OrderedBatches, TrainingBatches

IMAGES = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((20, 8, 10, 3), np.uint8)


def batches(images: int, size: int, steps: int | None = None, augment: tuple[str, ...] = ()) -> TrainingBatches:
    return TrainingBatches(images, size, steps, augment, 8, 10, seed=5)


@given(st.integers(1, 20), st.integers(1, 25), st.integers(1, 7))
def test_each_pass_of_the_stream_holds_each_image_once(images: int, size: int, steps: int) -> None:
    some = batches(images, size, steps)
    stream = list(chain.from_iterable(some.batch(step)["positions"].tolist() for step in range(40)))
    for start in range(0, len(stream) - images + 1, images):
        assert sorted(stream[start : start + images]) == list(range(images))


@given(st.integers(1, 200), st.integers(1, 64))
def test_an_epoch_without_steps_given_holds_each_image_at_least_once(images: int, size: int) -> None:
    some = batches(images, size)
    assert images <= some.steps_per_epoch * some.batch_size < images + some.batch_size
    assert len(some.batch(0)["positions"]) == some.batch_size


def test_a_batch_is_the_same_whether_or_not_those_before_it_were_drawn() -> None:
    some = batches(20, 6, augment=AUGMENTATIONS)
    for step in range(5):
        some.batch(step)
    again = batches(20, 6, augment=AUGMENTATIONS).batch(5)
    assert all(np.array_equal(array, again[name]) for name, array in some.batch(5).items())


def test_epochs_have_different_orders() -> None:
    some = batches(20, 20)
    assert some.batch(0)["positions"].tolist() != some.batch(1)["positions"].tolist()


def test_ordered_batches_keep_the_order_of_the_rows_and_are_full() -> None:
    targets = np.eye(4, dtype=np.float32)[np.arange(20) % 4]
    first, second = OrderedBatches(IMAGES, np.array([3, 1, 2]), 2, targets)
    assert first["pixels"][:, 0, 0, 0].tolist() == [3, 1]
    assert second["pixels"][:, 0, 0, 0].tolist()[0] == 2
    assert (first["weights"].tolist(), second["weights"].tolist()) == ([1, 1], [1, 0])
    np.testing.assert_array_equal(first["targets"], targets[[3, 1]])
