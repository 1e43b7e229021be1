"""Boxes are drawn as the papers say, and filled where they lie."""

import numpy as np
import pytest
from scoretable.training.boxes import cut_out, draw_erased, erase, inside

HEIGHT, WIDTH = 60, 80


def draw(batch: int, scale: int = 1) -> dict[str, np.ndarray]:
    return draw_erased(batch, HEIGHT * scale, WIDTH * scale, np.random.default_rng(0))


def test_a_box_holds_its_first_row_and_column_and_not_its_last() -> None:
    found = np.asarray(inside(np.array([[1, 2, 4, 7], [0, 0, 0, 0]], np.int32), 5, 8))
    wanted = np.zeros((2, 5, 8, 1), bool)
    wanted[0, 1:4, 2:7] = True
    np.testing.assert_array_equal(found, wanted)


def test_half_of_the_pictures_are_erased_in_shares_and_aspects_of_the_paper() -> None:
    top, left, bottom, right = draw(4000, scale=10)["erase"].T / 10
    some = bottom > top
    assert some.mean() == pytest.approx(0.5, abs=0.03)
    tall, wide = (bottom - top)[some] / HEIGHT, (right - left)[some] / WIDTH
    assert np.quantile(tall * wide, [0, 0.5, 1]) == pytest.approx([0.02, 0.175, 0.33], abs=0.012)
    aspect = np.log(wide / tall)
    assert np.quantile(aspect, [0, 0.5, 1]) == pytest.approx([-np.log(3.3), 0, np.log(3.3)], abs=0.12)
    assert min(top.min(), left.min()) == 0
    assert (bottom.max(), right.max()) == (HEIGHT, WIDTH)


def test_erased_boxes_hold_noise_of_which_each_byte_is_as_likely_and_the_rest_stays_as_it_is() -> None:
    draws = draw(12)
    pictures = np.full((12, HEIGHT, WIDTH, 3), 300, np.float32)
    erased = np.asarray(erase(pictures, draws))
    where = np.broadcast_to(inside(draws["erase"], HEIGHT, WIDTH), pictures.shape)
    assert (erased[~where] == 300).all()
    noise = erased[where]
    assert 0 < where[..., 0].sum() == len(noise) / 3
    assert (noise.min(), noise.max()) == (0, 255)
    assert (noise == np.rint(noise)).all()
    assert np.histogram(noise, 8, (0, 256))[0] / len(noise) == pytest.approx(np.full(8, 1 / 8), abs=0.02)


def test_neighbours_in_the_noise_say_nothing_about_each_other() -> None:
    draws = draw(40) | {"erase": np.tile(np.array([0, 0, HEIGHT, WIDTH], np.int32), (40, 1))}
    noise = np.asarray(erase(np.zeros((40, HEIGHT, WIDTH, 3), np.float32), draws))
    for one, other in (
        (noise[:, 1:], noise[:, :-1]),
        (noise[:, :, 1:], noise[:, :, :-1]),
        (noise[..., 1:], noise[..., :-1]),
    ):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] == pytest.approx(0, abs=0.03)


def test_what_is_cut_out_is_grey() -> None:
    cut = np.asarray(cut_out(np.zeros((1, 5, 8, 3), np.float32), np.array([[1, 2, 4, 7]], np.int32)))
    assert (cut[0, 1:4, 2:7] == 128).all()
    assert cut.sum() == 128 * 3 * 5 * 3
