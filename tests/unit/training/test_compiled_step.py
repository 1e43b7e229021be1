"""A step on parts of a batch is a step on the batch."""

import numpy as np
import pytest
from scoretable.training.batches import take_part
from unit.small_training import step_in_parts


def test_parts_of_a_batch_hold_each_image_once_and_each_half_of_it_in_equal_numbers() -> None:
    images = np.arange(24).reshape(12, 2)
    parts = [np.asarray(take_part(images, index, 3)) for index in range(3)]
    assert sorted(np.concatenate(parts)[:, 0].tolist()) == images[:, 0].tolist()
    assert all((part[:, 0] < 12).sum() == 2 for part in parts)


@pytest.mark.parametrize("parts", [2, 8])
def test_a_step_in_parts_has_the_weights_and_the_figures_of_one_on_the_whole_batch(parts: int) -> None:
    (whole, whole_figures, _), (parted, parted_figures, _) = step_in_parts(1), step_in_parts(parts)
    for one, other in zip(whole, parted, strict=True):
        np.testing.assert_allclose(one, other, atol=3e-5)  # of sums over thousands of pixels
    assert parted_figures == pytest.approx(whole_figures, rel=1e-5)
