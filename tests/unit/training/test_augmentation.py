"""Augmentation changes pixels as drawn, alike on the host and in the step."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.training.augmentation import (
    AUGMENTATIONS,
    Augmentation,
    draw_augmentation,
    slice_on_device,
    slice_pixels,
    transform,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 20, 30, 3), np.uint8)
TARGETS = np.eye(6, dtype=np.float32)
FIRST = ("flip", "flip_vertical", "crop", "colour", "cutout", "rotate", "zoom", "mixup", "cutmix")  # as they came


def changed(*names: str, images: np.ndarray = IMAGES, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draws = draw_augmentation(Augmentation(names), len(images), *images.shape[1:3], np.random.default_rng(seed))
    pixels = slice_pixels(images, np.arange(len(images)), draws)
    pixels, targets = transform(pixels, TARGETS[: len(images)], draws)
    return np.asarray(pixels), np.asarray(targets)


@given(st.integers(0, 1000), st.sets(st.sampled_from(["flip", "flip_vertical", "crop"])))
@settings(max_examples=30, deadline=None)
def test_host_and_device_make_the_same_slices(seed: int, names: set[str]) -> None:
    draws = draw_augmentation(Augmentation(tuple(names)), 6, 20, 30, np.random.default_rng(seed))
    on_host = slice_pixels(IMAGES, np.arange(6), draws)
    on_device = keras.ops.convert_to_numpy(slice_on_device(keras.ops.convert_to_tensor(IMAGES), draws))
    np.testing.assert_array_equal(on_host, on_device)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_augmentation_keeps_shape_and_type_and_changes_some_image(name: str) -> None:
    pixels, targets = changed(name)
    assert (pixels.shape, pixels.dtype) == (IMAGES.shape, np.uint8)
    assert targets.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-6)
    assert not np.array_equal(pixels, IMAGES)


def test_the_pixels_of_a_seed_are_those_that_they_always_were() -> None:
    pixels, targets = changed(*FIRST, seed=1)
    quarters = pixels[..., 0].reshape(6, 2, 10, 2, 15).mean(axis=(2, 4)).reshape(6, 4)
    # Processors round differently, which changes a mean by less than a hundredth.
    np.testing.assert_allclose(
        quarters,
        [
            [128.13, 128.56, 122.48, 125.85],
            [129.9, 124.23, 128.45, 126.53],
            [128.03, 123.9, 124.02, 131.53],
            [125.56, 116.59, 115.33, 132.07],
            [149.93, 130.92, 143.91, 142.63],
            [126.31, 132.99, 116.45, 125.19],
        ],
        atol=0.1,
    )
    assert targets.max(axis=1) == pytest.approx([0.503413, 0.999708, 0.712933, 1.0, 0.999230, 0.999992], abs=1e-5)


def test_nothing_asked_for_is_nothing_done() -> None:
    pixels, targets = changed()
    np.testing.assert_array_equal(pixels, IMAGES)
    np.testing.assert_array_equal(targets, TARGETS)


def test_flip_mirrors_about_half_of_the_images_and_changes_nothing_else() -> None:
    gradient = np.tile(np.arange(30, dtype=np.uint8)[None, None, :, None], (200, 4, 1, 3))
    draws = draw_augmentation(Augmentation(("flip",)), 200, 4, 30, np.random.default_rng(0))
    pixels = slice_pixels(gradient, np.arange(200), draws)
    mirrored = (pixels == gradient[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 60 < mirrored.sum() < 140
    assert ((pixels == gradient).all(axis=(1, 2, 3)) | mirrored).all()


def test_rotation_leaves_the_centre_of_the_picture_where_it_is() -> None:
    dot = np.zeros((1, 41, 41, 3), np.uint8)
    dot[0, 18:23, 18:23] = 255
    pixels, _ = changed("rotate", images=dot)
    rows, columns = np.nonzero(pixels[0, :, :, 0] > 100)
    assert rows.mean() == pytest.approx(20, abs=0.6)
    assert columns.mean() == pytest.approx(20, abs=0.6)


def test_cutmix_shares_targets_as_it_shares_pixels() -> None:
    flat = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((6, 20, 30, 3), np.uint8)
    pixels, targets = changed("cutmix", images=flat, seed=3)
    for image, target in zip(pixels, targets, strict=True):
        shares = [(image[:, :, 0] == colour).mean() for colour in range(6)]
        np.testing.assert_allclose(shares, target, atol=1e-6)


def test_mixup_blends_pixels_as_it_blends_targets() -> None:
    flat = 40 * np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((6, 20, 30, 3), np.uint8)
    pixels, targets = changed("mixup", images=flat, seed=3)
    np.testing.assert_allclose(pixels[:, 0, 0, 0], targets @ (40 * np.arange(6)), atol=0.51)


def test_a_crop_keeps_the_share_of_the_area_that_is_asked_for() -> None:
    for least in (0.2, 0.9):
        draws = draw_augmentation(Augmentation(("resized_crop",), least), 500, 20, 30, np.random.default_rng(0))
        kept = draws["affine"][:, 0] * draws["affine"][:, 4]
        assert (kept.min(), kept.max()) == pytest.approx((least, 1), abs=0.01)


def test_the_cache_is_not_changed() -> None:
    before = IMAGES.copy()
    changed(*AUGMENTATIONS)
    np.testing.assert_array_equal(IMAGES, before)
