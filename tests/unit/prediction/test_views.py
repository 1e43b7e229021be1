"""Each view is the picture turned or enlarged as its name says."""

import numpy as np
import pytest
from scoretable.prediction.views import VIEWS, views_of

PICTURE = np.arange(2 * 3 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 3)
SQUARE = tuple(VIEWS)[:8]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("identity", ["ab", "cd"]),
        ("flip", ["ba", "dc"]),
        ("flip_vertical", ["cd", "ab"]),
        ("rotate_90", ["bd", "ac"]),
        ("rotate_180", ["dc", "ba"]),
        ("rotate_270", ["ca", "db"]),
        ("transpose", ["ac", "bd"]),
        ("transverse", ["db", "ca"]),
    ],
)
def test_a_view_lays_the_corners_where_its_name_says(name: str, rows: list[str]) -> None:
    pixels = np.frombuffer(b"abcd", np.uint8).reshape(1, 2, 2, 1)
    (view,) = [VIEWS[name](pixels)]
    assert [bytes(row).decode() for row in view[0, :, :, 0]] == rows


def test_the_mean_over_all_ways_to_lay_a_square_is_the_same_however_the_picture_lies() -> None:
    weights = np.random.default_rng(0).normal(size=PICTURE.shape[1:])

    def answer(pixels: np.ndarray) -> np.ndarray:
        return np.mean(
            [np.exp(np.sum(view(pixels) / 50 * weights, axis=(1, 2, 3))) for view in views_of(SQUARE)], axis=0
        )

    for name in SQUARE:
        np.testing.assert_allclose(answer(VIEWS[name](PICTURE)), answer(PICTURE), rtol=1e-6)


def test_a_closer_view_has_the_same_size_and_the_middle_of_the_picture() -> None:
    pixels = np.zeros((1, 46, 46, 3), np.uint8)
    pixels[:, 3:-3, 3:-3] = 200
    assert (VIEWS["closer"](pixels) == 200).all()
