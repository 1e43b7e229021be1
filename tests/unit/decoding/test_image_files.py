"""NumPy arrays are images, if they are arrays of numbers and of an image's shape, and colours keep 16 bits."""

import contextlib
import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.decoding.image_files import read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from unit.archives import photo


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("channels", [3, 4])
def test_colours_of_16_bits_keep_all_of_them(suffix: str, channels: int) -> None:
    values = np.random.default_rng(0).integers(0, 4096, (9, 7, channels), dtype=np.uint16)
    data = cv2.imencode(suffix, values)[1].tobytes()
    assert np.array_equal(read_pixels(data), values[:, :, 2::-1])


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_colours_of_16_bits_that_are_cut_short_are_unreadable(suffix: str) -> None:
    data = cv2.imencode(suffix, np.random.default_rng(0).integers(0, 4096, (99, 99, 3), dtype=np.uint16))[1].tobytes()
    with pytest.raises(UnreadableImage):
        read_pixels(data[: len(data) // 2])


def npy(values: object, **options: object) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, **options)
    return buffer.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as caught:
        read_pixels(data)
    return str(caught.value)


PHOTO = np.asarray(photo(8, 6))


@pytest.mark.parametrize("values", [PHOTO, PHOTO.transpose(2, 0, 1), np.asfortranarray(PHOTO)])
def test_channels_come_first_or_last(values: np.ndarray) -> None:
    assert np.array_equal(read_pixels(npy(values)), PHOTO)


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "i4", "f2", "f4", "f8"])
def test_grey_of_any_numbers_keeps_them(dtype: str) -> None:
    values = PHOTO[:, :, 0].astype(dtype)
    assert np.array_equal(read_pixels(npy(values))[:, :, 0], values)


def test_yes_and_no_are_white_and_black() -> None:
    assert read_pixels(npy(np.array([[True, False]]))).tolist() == [[[255], [0]]]


@pytest.mark.parametrize("shape", [(5,), (4, 8, 6), (8, 6, 4), (2, 3, 4, 3), (0, 3), ()])
def test_an_array_of_another_shape_is_unreadable(shape: tuple[int, ...]) -> None:
    assert "and not of (height, width) in 1 to 3 channels" in reason(npy(np.zeros(shape, np.uint8)))


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "harm",))

    data = npy(np.array([[Harm()]], dtype=object), allow_pickle=True)
    assert reason(data) == "it is an array of object, and not of numbers"
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gaps_among_the_values_are_unreadable(value: float) -> None:
    assert reason(npy(np.array([[0.0, value]]))) == "it has values that are not finite numbers"


def test_a_header_of_more_pixels_than_there_are_takes_no_memory() -> None:
    buffer = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)}
    np.lib.format.write_array_header_1_0(buffer, header)
    assert "cut short" in reason(buffer.getvalue() + bytes(100))


def test_an_array_above_100_million_pixels_is_refused() -> None:
    assert "more than 100 million" in reason(npy(np.zeros((10_001, 10_000), np.bool_)))


@settings(max_examples=100, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), junk=st.binary(max_size=9))
def test_damage_is_unreadable_or_harmless_and_nothing_else(place: float, junk: bytes) -> None:
    data = npy(PHOTO[:, :, 0].astype(np.uint16))
    start = 6 + int(place * (len(data) - 6))
    with contextlib.suppress(UnreadableImage):
        assert read_pixels(data[:start] + junk + data[start + len(junk) :]).ndim == 3
