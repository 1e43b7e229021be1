"""The first epochs see smaller images, and the same weights go on with larger ones."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from scoretable.training.loop import train
from scoretable.training.sizes import ResizedImages, at_size, size_of_epoch
from unit.small_training import RECIPE, small_cache


@pytest.mark.parametrize(
    ("epochs", "sides"), [(6, [8, 8, 16, 16, 32, 32]), (4, [8, 8, 16, 32]), (3, [8, 16, 32]), (5, [8, 8, 16, 16, 32])]
)
def test_sizes_share_the_epochs_one_after_the_other(epochs: int, sides: list[int]) -> None:
    sizes = [(side, side) for side in (8, 16, 32)]
    assert [size_of_epoch(epoch, epochs, sizes)[0] for epoch in range(epochs)] == sides


def test_a_smaller_image_is_the_mean_over_areas() -> None:
    images = np.zeros((2, 4, 8, 3), np.uint8)
    images[1, :2, :2] = [[[10]], [[20]]]
    smaller = ResizedImages(images, (2, 4))
    assert smaller.shape == (2, 2, 4, 3)
    assert smaller[1][0, :, 0].tolist() == [15, 0, 0, 0]
    assert smaller[np.array([1, 0, 1])][:, 0, 0, 0].tolist() == [15, 0, 15]
    assert at_size(images, (4, 8)) is images


def test_a_training_sees_smaller_images_at_first_and_ends_with_a_model_for_the_last_size(
    tmp_path: Path, one_block: None
) -> None:
    cache, recipe = small_cache(), replace(RECIPE, epochs=2)
    small = [cv2.resize(image, (16, 16), interpolation=cv2.INTER_AREA) for image in cache.train_images]
    growing = train(cache, replace(recipe, early_sizes=((16, 16),)), tmp_path / "a.npz")
    first = train(replace(cache, train_images=np.stack(small)), recipe, tmp_path / "b.npz")
    assert growing.history[0] == first.history[0]
    assert growing.history[1] != first.history[1]
    assert growing.model.input_shape == (None, 32, 32, 3)
    assert growing.history[1]["loss"] < growing.history[0]["loss"]
