"""Two operations of one magnitude are drawn for each picture, and change its colours as PIL does."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from scoretable.training.geometry import stand_still
from scoretable.training.randaugment import BLENDS, OPERATIONS, draw_randaugment, recolour

HEIGHT, WIDTH = 24, 30
NEUTRAL = np.array([1, 1, 1, 1, 0, 256, 1], np.float32)
# Neither black nor white, so that autocontrast has something to do.
PICTURE = np.random.default_rng(0).integers(30, 200, (HEIGHT, WIDTH, 3), np.uint8)


def draw(magnitude: int, batch: int = 6000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    return draw_randaugment(magnitude, batch, HEIGHT, WIDTH, np.random.default_rng(seed))


def drawn(*changes: dict[int, float]) -> np.ndarray:
    """What is drawn for one picture, with these changes in its two rounds."""
    rounds = np.stack([NEUTRAL, NEUTRAL])
    for number, change in enumerate(changes):
        for place, value in change.items():
            rounds[number, place] = value
    return rounds[None]


def recoloured(*changes: dict[int, float], picture: np.ndarray = PICTURE) -> np.ndarray:
    return np.asarray(recolour(picture[None].astype(np.float32), drawn(*changes)))[0]


def test_magnitude_zero_changes_nothing_but_by_autocontrast() -> None:
    maps, colours = draw(0)
    np.testing.assert_array_equal(maps, stand_still(6000))
    np.testing.assert_array_equal(np.delete(colours, 4, axis=2), np.broadcast_to(np.delete(NEUTRAL, 4), (6000, 2, 6)))


def test_each_operation_is_as_likely_as_any_other_in_each_round_whatever_the_other_one_is() -> None:
    colours = draw(10)[1] != NEUTRAL
    for turn in range(2):
        assert colours[:, turn].mean(axis=0) == pytest.approx(np.full(7, 1 / len(OPERATIONS)), abs=0.012)
        assert colours[:, turn].sum(axis=1).max() == 1
    both = (colours[:, 0, :, None] & colours[:, 1, None]).mean(axis=0)
    assert both == pytest.approx(np.full((7, 7), 1 / len(OPERATIONS) ** 2), abs=0.006)


@pytest.mark.parametrize(("magnitude", "threshold", "step"), [(10, 0, 16), (5, 128, 4)])
def test_the_magnitude_says_how_far_colours_go_to_either_side(magnitude: int, threshold: int, step: int) -> None:
    colours = draw(magnitude)[1]
    reach = 0.09 * magnitude
    for place in range(len(BLENDS)):
        assert np.unique(colours[:, :, place]) == pytest.approx([1 - reach, 1, 1 + reach])
    assert [np.unique(colours[:, :, place]).tolist() for place in (5, 6)] == [[threshold, 256], [1, step]]


def test_the_magnitude_says_how_far_pixels_move_to_either_side() -> None:
    maps = draw(5)[0]
    kinds = {tuple(np.round(place, 6)) for place in maps[:, :2].reshape(-1, 6)}
    for sign in (1, -1):
        cosine, sine = np.cos(np.deg2rad(15)), sign * np.sin(np.deg2rad(15))
        for one in (
            (cosine, -sine, 0, sine, cosine, 0),
            (1, sign * 0.15, 0, 0, 1, 0),
            (1, 0, 0, sign * 0.15, 1, 0),
            (1, 0, sign * WIDTH * 75 / 331, 0, 1, 0),
            (1, 0, 0, 0, 1, sign * HEIGHT * 75 / 331),
        ):
            assert tuple(np.round(np.array(one, float), 6)) in kinds
    alone = np.isclose(
        np.abs(maps - np.eye(3)).sum(axis=(1, 2)), 0.15
    )  # one shear, and an operation that moves nothing
    assert alone.mean() == pytest.approx(2 * 2 * 8 / len(OPERATIONS) ** 2, abs=0.02)


@pytest.mark.parametrize("factor", [0.1, 1.0, 1.9])
@pytest.mark.parametrize(
    ("place", "enhance"),
    [(0, ImageEnhance.Brightness), (1, ImageEnhance.Contrast), (2, ImageEnhance.Color), (3, ImageEnhance.Sharpness)],
)
def test_brightness_contrast_colour_and_sharpness_are_those_of_pil(place: int, enhance: type, factor: float) -> None:
    wanted = np.asarray(enhance(Image.fromarray(PICTURE)).enhance(factor)).astype(float)
    inner = slice(1, -1)  # PIL smooths no border
    np.testing.assert_allclose(recoloured({place: factor})[inner, inner], wanted[inner, inner], atol=1.0)


def test_solarize_posterize_and_autocontrast_are_those_of_pil() -> None:
    picture = Image.fromarray(PICTURE)
    for change, wanted, within in (
        ({5: 100}, ImageOps.solarize(picture, 100), 0),
        ({6: 16}, ImageOps.posterize(picture, 4), 0),
        ({4: 1}, ImageOps.autocontrast(picture), 1),
    ):
        np.testing.assert_allclose(recoloured(change), np.asarray(wanted).astype(float), atol=within)


def test_a_picture_of_one_colour_has_no_contrast_to_stretch() -> None:
    plain = np.full_like(PICTURE, 77)
    np.testing.assert_array_equal(recoloured({4: 1}, {4: 1}, picture=plain), plain)


def test_the_second_operation_is_done_to_what_the_first_one_made() -> None:
    dark, turned = {0: 0.3}, {5: 100}
    first = recoloured(dark)
    np.testing.assert_array_equal(first, np.rint(PICTURE * np.float32(0.3)))
    np.testing.assert_array_equal(recoloured(dark, turned), recoloured(turned, picture=first.astype(np.uint8)))
    assert np.abs(recoloured(turned, dark) - recoloured(dark, turned)).max() > 30
