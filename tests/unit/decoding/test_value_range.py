"""One range of values for all images of a competition, declared or measured over those of training."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError
from scoretable.competition.description import load_competition
from scoretable.decoding.value_range import Extent, NoRange, as_rgb, join, measure
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.preprocessing import CacheSummary, build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, make_zip


def grey(*values: float, dtype: str = "u2") -> np.ndarray:
    return np.array(values, dtype).reshape(1, -1, 1)


def scaled(values: np.ndarray, low: float, high: float) -> list[int]:
    return as_rgb(values, (low, high))[0, :, 0].tolist()


def test_the_ends_of_the_range_become_black_and_white_and_values_beyond_count_as_them() -> None:
    assert scaled(grey(-9, -5, 0, 5, 9, dtype="f4"), -5, 5) == [0, 0, 128, 255, 255]


def test_a_range_without_extent_is_black() -> None:
    assert scaled(grey(3, 3), 3, 3) == [0, 0]


def test_16_bits_are_scaled_to_the_nearest_of_8() -> None:
    assert scaled(grey(0, 128, 129, 257, 65535), 0, 65535) == [0, 0, 1, 1, 255]


def test_values_that_need_a_range_raise_without_one() -> None:
    with pytest.raises(NoRange):
        as_rgb(grey(1), None)


def test_pixels_of_8_bits_stay_as_they_are() -> None:
    assert as_rgb(grey(1, 255, dtype="u1"), (0, 2))[0, :, 0].tolist() == [1, 255]


def test_two_channels_are_red_and_green_with_their_mean_in_blue() -> None:
    assert as_rgb(np.array([[[10, 20]]], np.uint8), None).tolist() == [[[10, 20, 15]]]


@pytest.mark.parametrize(
    ("most", "expected"), [(200, 255), (256, 511), (4000, 4095), (4095, 4095), (4096, 8191), (65535, 65535)]
)
def test_whole_numbers_take_the_bits_of_the_largest(most: int, expected: int) -> None:
    assert join([measure(grey(3, most)), measure(grey(0, 7)), None]) == (0, expected)


def test_other_numbers_reach_from_the_least_to_the_largest() -> None:
    assert join([Extent(-45.5, 3, False), Extent(-20, 34.5, False)]) == (-45.5, 34.5)
    assert join([Extent(-1024, 3000, True)]) == (-1024, 3000)


def test_images_of_8_bits_need_no_range() -> None:
    assert join([measure(grey(1, dtype="u1")), None]) is None


def deep(value: int, kind: str = "PNG") -> bytes:
    return encode(Image.fromarray(np.full((8, 8), value, np.uint16)), kind)


FILES = {
    "train.csv": b"image_id,label\n0,a\n1,b\n2,a\n3,b\n",
    "sample_submission.csv": b"image_id,label\n9,\n",
    **{f"train/{n}.png": deep(n * 1000) for n in range(4)},
    "test/9.png": deep(2000),
}


def build(folder: Path, files: dict[str, bytes] = FILES, **changes: object) -> tuple[CacheSummary, ImageCache, dict]:
    train = {"table": "train.csv", "images": "train/{id}"}
    described = competition(train=train, test={"images": "test/{id}"}, **changes)
    archive = make_zip(folder / "a.zip", files)
    summary = build_cache(archive, described, folder / "cache", 8, 8, "stretch", "ignore", 0.0, "refuse")
    return summary, open_cache(folder / "cache"), json.loads((folder / "cache/manifest.json").read_text())


def levels(images: np.ndarray) -> list[int]:
    return images[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_12_bits_in_16_bit_files_are_measured_over_the_training_images(tmp_path: Path, kind: str) -> None:
    files = {name: deep(4 * 1000, kind) if name == "test/9.png" else content for name, content in FILES.items()}
    summary, cache, manifest = build(tmp_path, files)
    assert levels(cache.train_images) == [0, 62, 125, 187]
    assert levels(cache.test_images) == [249]
    assert summary.value_range == (0, 4095)
    assert manifest["value_range"] == [0, 4095]


def test_a_declared_range_holds_for_both_splits(tmp_path: Path) -> None:
    summary, cache, _ = build(tmp_path, value_range=[1000, 3000])
    assert levels(cache.train_images) == [0, 0, 128, 255]
    assert levels(cache.test_images) == [128]
    assert summary.value_range == (1000, 3000)


def test_where_all_have_8_bits_nothing_is_recorded(tmp_path: Path) -> None:
    small = encode(Image.new("L", (8, 8), 7), "PNG")
    files = {name: small if name.endswith("png") else content for name, content in FILES.items()}
    summary, _, manifest = build(tmp_path, files)
    assert summary.value_range is None
    assert "value_range" not in manifest


def test_test_images_of_more_bits_than_the_training_images_are_refused(tmp_path: Path) -> None:
    small = encode(Image.new("L", (8, 8), 7), "PNG")
    with pytest.raises(InputError, match=r"set value_range: \[black, white\]") as caught:
        build(tmp_path, {name: small if name.startswith("train/") else content for name, content in FILES.items()})
    assert len(str(caught.value)) <= 300


def test_a_range_that_is_no_range_is_refused(tmp_path: Path) -> None:
    parts = competition(value_range=[5, 5]).model_dump(exclude={"name"}, exclude_none=True, exclude_defaults=True)
    (tmp_path / "x.yaml").write_text(json.dumps(parts))
    with pytest.raises(InputError, match=r"value_range must be \[black, white\], the smaller value first"):
        load_competition("x", tmp_path)
    with pytest.raises(ValidationError):
        competition(value_range=[1])
