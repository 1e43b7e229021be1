"""What XLA does in place of an operation that it has no kernel for is the same."""

import numpy as np
import pytest
from scoretable.training.warping import warp

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 20, 30, 3)).astype(np.float32)
ANGLES = np.array([0.3, -2.0, 0.0, 1.0])
SIZES = np.array([0.5, 1.1, 1.0, 2.5])  # which show less than the picture, all of it and, mirrored, more
SHIFTS = np.array([3.3, -40.0, 7.0, 25.5])


def test_pixels_are_those_of_keras_affine_transform_also_beyond_the_border() -> None:
    cosine, sine, zero = SIZES * np.cos(ANGLES), SIZES * np.sin(ANGLES), np.zeros(4)
    affine = np.stack([cosine, -sine, SHIFTS, sine, cosine, -SHIFTS, zero, zero], axis=1).astype(np.float32)
    kept, turned = (np.asarray(warp(IMAGES, affine, xla)) for xla in (False, True))
    assert turned == pytest.approx(kept, abs=0.05)
