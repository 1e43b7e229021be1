"""Batches are a function of the seed and the step."""

import hashlib
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.training.augmentation import AUGMENTATIONS, Augmentation, slice_pixels
from scoretable.training.batches import OrderedBatches, TrainingBatches
from scoretable.workspace.errors import InputError

IMAGES = np.arange(20, dtype=np.uint8)[:, None, None, None] * np.ones((20, 8, 10, 3), np.uint8)
SEEDS, STEPS = st.integers(0, 2**31), st.integers(0, 10**6)


def batches(
    images: int, size: int, steps: int | None = None, augment: tuple[str, ...] = (), seed: int = 5
) -> TrainingBatches:
    return TrainingBatches(images, size, steps, Augmentation(augment), 8, 10, seed)


def equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


@given(st.integers(1, 20), st.integers(1, 25), st.integers(1, 7), SEEDS, st.integers(0, 1000))
def test_each_pass_of_the_stream_holds_each_image_once(
    images: int, size: int, steps: int, seed: int, first: int
) -> None:
    some = batches(images, size, steps, seed=seed)
    begin = first * images  # a multiple of the images and of the batch: there a pass and a batch begin
    stream = list(chain.from_iterable(some.batch(begin + step)["positions"].tolist() for step in range(40)))
    for start in range(0, len(stream) - images + 1, images):
        assert sorted(stream[start : start + images]) == list(range(images))


@given(st.integers(1, 200), st.integers(1, 64))
def test_an_epoch_without_steps_given_holds_each_image_at_least_once(images: int, size: int) -> None:
    some = batches(images, size)
    assert images <= some.steps_per_epoch * some.batch_size < images + some.batch_size
    assert len(some.batch(0)["positions"]) == some.batch_size


@given(SEEDS, st.integers(0, 60), st.integers(1, 20))
def test_a_training_that_goes_on_at_any_step_sees_the_batches_of_one_that_was_not_interrupted(
    seed: int, step: int, size: int
) -> None:
    whole = batches(20, size, augment=AUGMENTATIONS, seed=seed)
    for earlier in range(max(0, step - 5), step):
        whole.batch(earlier)
    resumed = batches(20, size, augment=AUGMENTATIONS, seed=seed)
    assert all(equal(whole.batch(later), resumed.batch(later)) for later in range(step, step + 3))


@given(SEEDS, STEPS)
def test_the_order_depends_on_the_seed_and_the_pass_and_on_nothing_else(seed: int, number: int) -> None:
    some, augmented = batches(20, 20, seed=seed), batches(20, 20, steps=3, augment=AUGMENTATIONS, seed=seed)
    order = some.batch(number)["positions"].tolist()
    assert order == augmented.batch(number)["positions"].tolist()
    assert order != some.batch(number + 1)["positions"].tolist()
    assert order != batches(20, 20, seed=seed + 1).batch(number)["positions"].tolist()


@pytest.mark.parametrize("name", AUGMENTATIONS)
@given(SEEDS, STEPS)
def test_each_augmentation_depends_on_the_seed_and_on_the_step(name: str, seed: int, step: int) -> None:
    some, other = (TrainingBatches(64, 64, None, Augmentation((name,)), 32, 32, s) for s in (seed, seed + 1))
    drawn = [
        {**batch.batch(at), "positions": np.zeros(0)} for batch, at in ((some, step), (some, step + 1), (other, step))
    ]
    assert not any(equal(one, another) for one, another in pairwise([*drawn, drawn[0]]))


def test_a_batch_and_its_augmentation_are_those_that_they_always_were() -> None:
    """Another order or another draw would give every saved row another model."""
    names = ("flip", "flip_vertical", "crop", "colour", "cutout", "rotate", "zoom", "mixup", "cutmix")
    batch = TrainingBatches(7, 4, None, Augmentation(names), 20, 30, seed=3).batch(9)
    whole = {name: values.tolist() for name, values in batch.items() if values.dtype.kind in "iu"}
    assert whole == {
        "positions": [1, 6, 5, 4],
        "flip": [1, 0, 1, 0],
        "flip_vertical": [0, 0, 1, 1],
        "shift": [[1, 1], [-2, -3], [-2, -2], [-1, 1]],
        "cutout": [[6, 25, 10, 30], [12, 23, 16, 30], [10, 16, 14, 24], [0, 15, 2, 23]],
        "partner": [2, 3, 0, 1],
        "window": [[0, 6, 7, 28], [5, 1, 20, 25], [2, 16, 18, 30], [4, 0, 20, 29]],
    }
    assert batch["colour"][1] == pytest.approx([1.0249662, 1.1922311, 1.0069671], rel=1e-6)
    assert batch["affine"][0, :6] == pytest.approx(
        [1.1067995, 0.1853000, -3.3089414, -0.1853000, 1.1067995, 1.6722548], rel=1e-5
    )
    assert batch["share"] == pytest.approx([0.7433333, 0.4, 0.6266667, 0.2266667], rel=1e-6)
    assert batch["blend"].tolist() == [1, 1, 1, 1]
    pixels = np.random.default_rng(0).integers(0, 256, (7, 20, 30, 3), np.uint8)
    sliced = slice_pixels(pixels, batch["positions"], batch)
    assert hashlib.sha256(sliced.tobytes()).hexdigest()[:16] == "52a2f433e32bb7ef"


def test_a_batch_of_fewer_images_than_were_asked_for_may_have_no_equal_parts() -> None:
    assert batches(20, 12).part_size(4) == 3
    with pytest.raises(InputError, match="accumulate: 4 does not divide the 10 images of a batch into equal parts"):
        batches(10, 12).part_size(4)


def test_ordered_batches_keep_the_order_of_the_rows_and_are_full() -> None:
    targets = np.eye(4, dtype=np.float32)[np.arange(20) % 4]
    first, second = OrderedBatches(IMAGES, np.array([3, 1, 2]), 2, targets)
    assert first["pixels"][:, 0, 0, 0].tolist() == [3, 1]
    assert second["pixels"][:, 0, 0, 0].tolist()[0] == 2
    assert (first["weights"].tolist(), second["weights"].tolist()) == ([1, 1], [1, 0])
    np.testing.assert_array_equal(first["targets"], targets[[3, 1]])
