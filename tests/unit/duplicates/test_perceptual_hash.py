"""A picture that is saved again keeps nearly all bits of its hash, and another one shares half of them."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from scoretable.decoding.decode import decode_image
from scoretable.duplicates.alike import REACH
from scoretable.duplicates.perceptual_hash import perceptual_hashes
from scoretable.sandbox.photo import draw_leaf
from unit.archives import encode


def leaf(seed: int) -> Image.Image:
    """A drawn photo, which has details as photos have."""
    return Image.fromarray(draw_leaf("blast", np.random.default_rng(seed))).resize((96, 96))


PHOTOS = [leaf(seed) for seed in range(8)]


def apart(first: list[Image.Image], second: list[Image.Image]) -> np.ndarray:
    one, other = (perceptual_hashes(np.stack([np.asarray(image) for image in images])) for images in (first, second))
    return np.bitwise_count(one ^ other).sum(axis=1)


def saved_again(image: Image.Image) -> Image.Image:
    return Image.fromarray(decode_image(encode(image, quality=40), 96, 96, "stretch").pixels)


@pytest.mark.parametrize(
    "change",
    [
        saved_again,
        lambda image: image.resize((50, 50)).resize((96, 96)),
        lambda image: ImageEnhance.Brightness(image).enhance(0.8),
        lambda image: image.convert("L").convert("RGB"),
    ],
    ids=["saved again", "resized", "darker", "grey"],
)
def test_a_copy_is_within_reach(change: Callable[[Image.Image], Image.Image]) -> None:
    assert apart(PHOTOS, [change(image) for image in PHOTOS]).max() <= REACH


def test_other_photos_differ_in_about_half_of_the_bits() -> None:
    distances = apart(PHOTOS[:-1], PHOTOS[1:])
    assert distances.min() > 2 * REACH
    assert abs(distances.mean() - 128) < 16
