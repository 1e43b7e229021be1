"""Maps lead to the places where pixels are read."""

import keras
import numpy as np
import pytest
from scoretable.training.geometry import as_affine, draw_crops, draw_parts, draw_turns
from scoretable.training.warping import warp

HEIGHT, WIDTH = 48, 64
# Two bytes a pixel: its column and its row.
PLACES = np.stack(np.broadcast_arrays(np.arange(WIDTH)[None], np.arange(HEIGHT)[:, None], 0), axis=-1)[None]


def read(maps: np.ndarray, pictures: np.ndarray = PLACES) -> np.ndarray:
    pictures = np.repeat(pictures, len(maps), axis=0).astype(np.float32)
    affine = as_affine(maps, *pictures.shape[1:3])
    return keras.ops.convert_to_numpy(warp(pictures, affine, xla=False))


def draw(least: float, batch: int = 4000) -> np.ndarray:
    return draw_crops(least, batch, HEIGHT, WIDTH, np.random.default_rng(0))


def test_a_crop_of_the_whole_area_is_the_picture() -> None:
    np.testing.assert_array_equal(read(draw(1.0, 3)), np.repeat(PLACES, 3, axis=0))


def test_crops_lie_in_the_picture_and_have_every_share_of_its_area_from_the_least_on_equally_often() -> None:
    maps = draw(0.08)
    wide, tall = maps[:, 0, 0], maps[:, 1, 1]
    assert np.quantile(wide * tall, [0, 0.25, 0.5, 0.75, 1]) == pytest.approx([0.08, 0.31, 0.54, 0.77, 1.0], abs=0.02)
    for side, shift, size in ((wide, maps[:, 0, 2], WIDTH), (tall, maps[:, 1, 2], HEIGHT)):
        assert (np.abs(shift) <= (1 - side) / 2 * size + 1e-9).all()
        assert shift.mean() == pytest.approx(0, abs=0.3)
        assert np.abs(shift).max() > 0.3 * size


def test_crops_are_as_often_wide_as_tall_within_the_aspects_of_the_paper() -> None:
    maps = draw(0.08)
    aspect = np.log(maps[:, 0, 0] / maps[:, 1, 1])
    small = maps[:, 0, 0] * maps[:, 1, 1] < 0.7  # for which there is room for any of these aspects
    assert np.quantile(aspect[small], [0, 0.25, 0.5, 0.75, 1]) == pytest.approx(
        np.log([3 / 4, np.sqrt(3 / 4), 1, np.sqrt(4 / 3), 4 / 3]), abs=0.02
    )
    assert np.abs(aspect).max() <= np.log(4 / 3) + 1e-9


def test_the_pixels_of_a_crop_go_to_the_places_that_resizing_gives_them() -> None:
    quarter = np.array([[[0.5, 0, -WIDTH / 4], [0, 0.5, -HEIGHT / 4], [0, 0, 1]]])  # the upper left one
    wanted = np.asarray(keras.ops.image.resize(PLACES[:, :24, :32].astype(np.float32), (HEIGHT, WIDTH)))
    np.testing.assert_allclose(read(quarter)[0, 1:-1, 1:-1], wanted[0, 1:-1, 1:-1], atol=1e-4)


def test_parts_of_a_large_area_get_only_the_aspects_that_fit() -> None:
    top, left, tall, wide = draw_parts((0.9, 0.9), 4.0, 1000, np.random.default_rng(0)).T
    assert tall * wide == pytest.approx(np.full(1000, 0.9))
    assert max(tall.max(), wide.max(), (top + tall).max(), (left + wide).max()) <= 1 + 1e-9
    assert wide.min() == pytest.approx(0.9, abs=0.002)


def test_maps_that_are_multiplied_are_done_one_after_the_other() -> None:
    generator = np.random.default_rng(1)
    crop = draw_crops(0.5, 1, HEIGHT, WIDTH, generator)
    turn = draw_turns(("rotate",), 1, generator)
    smooth = np.asarray(keras.ops.image.resize(np.random.default_rng(0).random((1, 6, 8, 3)), (HEIGHT, WIDTH)))
    step_by_step = read(turn, read(crop, smooth))
    at_once = read(crop @ turn, smooth)
    inner = slice(14, -14)  # beyond the edge the second of two readings sees what the first has mirrored
    np.testing.assert_allclose(at_once[:, inner, inner], step_by_step[:, inner, inner], atol=0.02)
    assert np.abs(read(turn @ crop, smooth) - step_by_step)[:, inner, inner].max() > 0.05
