"""DICOM files are shown through their window, or by their values."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_windowing, get_decoder
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
    generate_uid,
)
from scoretable.decoding.image_files import read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_zip

STORED = np.array([[0, 100, 200], [300, 400, 4095]], np.uint16)


def draw(stored: np.ndarray = STORED, syntax: str = ExplicitVRLittleEndian, **elements: object) -> bytes:
    """Return the content of a DICOM file of these stored values, (height, width) or (height, width, 3)."""
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = syntax
    file.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    file.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    file.Rows, file.Columns = stored.shape[:2]
    file.SamplesPerPixel = 1 if stored.ndim == 2 else 3
    file.PhotometricInterpretation = "MONOCHROME2" if stored.ndim == 2 else "RGB"
    file.BitsAllocated = stored.dtype.itemsize * 8
    file.BitsStored = 12 if stored.dtype.itemsize == 2 else 8
    file.HighBit = file.BitsStored - 1
    file.PixelRepresentation = int(stored.dtype.kind == "i")
    if stored.ndim == 3:
        file.PlanarConfiguration = 0
    file.PixelData = encapsulate([b"junk"]) if syntax == JPEGLSLossless else stored.tobytes()
    for name, value in elements.items():
        setattr(file, name, value)
    buffer = io.BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def shown(**elements: object) -> list[list[int]]:
    return read_pixels(draw(**elements))[:, :, 0].tolist()


def reason(data: bytes) -> str:
    with pytest.raises(UnreadableImage) as caught:
        read_pixels(data)
    return str(caught.value)


def test_a_window_makes_8_bits() -> None:
    pixels = read_pixels(draw(WindowCenter=200, WindowWidth=401))
    assert pixels.dtype == np.uint8
    assert pixels[:, :, 0].tolist() == [[0, 64, 128], [192, 255, 255]]


def test_the_first_of_several_windows_counts() -> None:
    assert shown(WindowCenter=[200, 9], WindowWidth=[401, 9]) == shown(WindowCenter=200, WindowWidth=401)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("stored", [STORED, np.minimum(STORED, 2300).astype(np.int16) - 300])
def test_a_window_is_that_of_pydicom(stored: np.ndarray, function: str) -> None:
    data = draw(stored, WindowCenter=210, WindowWidth=350, VOILUTFunction=function)
    of_12_bits = apply_windowing(stored, dcmread(io.BytesIO(data))) + (2048 if stored.dtype.kind == "i" else 0)
    assert np.abs(read_pixels(data)[:, :, 0] - of_12_bits / 4095 * 255).max() <= 0.51


def test_a_window_is_of_the_rescaled_values() -> None:
    assert shown(WindowCenter=-600, WindowWidth=801, RescaleSlope=2, RescaleIntercept=-1000)[0] == [0, 64, 128]


def test_a_window_of_width_1_is_black_and_white() -> None:
    assert shown(WindowCenter=200, WindowWidth=1) == [[0, 0, 255], [255, 255, 255]]


def test_monochrome1_is_inverted_with_and_without_a_window() -> None:
    white = {"PhotometricInterpretation": "MONOCHROME1"}
    assert shown(**white, WindowCenter=200, WindowWidth=401) == [[255, 191, 127], [63, 0, 0]]
    assert shown(**white) == (4095 - STORED.astype(int)).tolist()


def test_without_a_window_the_values_are_left_to_be_scaled() -> None:
    assert shown() == STORED.tolist()
    rescaled = read_pixels(draw(RescaleSlope=1, RescaleIntercept=-1024))
    assert rescaled[:, :, 0].tolist() == (STORED.astype(int) - 1024).tolist()
    assert rescaled.dtype.kind == "i"


def test_negative_values_are_read() -> None:
    assert shown(stored=np.array([[-5, 7]], np.int16)) == [[-5, 7]]


def test_a_compressed_picture_is_read() -> None:
    file = dcmread(io.BytesIO(draw()))
    file.compress(RLELossless)
    buffer = io.BytesIO()
    file.save_as(buffer)
    assert np.array_equal(read_pixels(buffer.getvalue())[:, :, 0], STORED)


def test_colours_are_read_as_they_are() -> None:
    stored = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert np.array_equal(read_pixels(draw(stored)), stored)


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        ({"NumberOfFrames": 3}, "it has 3 frames, and not one"),
        ({"Rows": 60_000, "Columns": 60_000}, "more than 100 million"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "those of a palette"),
        ({"PixelData": b"\0\0"}, "no whole DICOM picture"),
        ({"syntax": DeflatedExplicitVRLittleEndian}, "it is deflated, which is not read"),
    ],
)
def test_a_file_of_another_kind_is_unreadable(elements: dict, problem: str) -> None:
    assert problem in reason(draw(**elements))


@settings(max_examples=100, deadline=None)
@pytest.mark.filterwarnings("ignore::UserWarning")
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), cut=st.booleans())
def test_damage_is_unreadable_or_harmless_and_nothing_else(place: float, bits: int, cut: bool) -> None:
    data = bytearray(draw(WindowCenter=200, WindowWidth=401))
    start = 132 + int(place * (len(data) - 132))
    data[start] ^= bits
    try:
        assert read_pixels(bytes(data[:start] if cut else data)).ndim == 3
    except (UnreadableImage, InputError):
        return


def test_without_pydicom_the_command_that_adds_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(InputError, match="type `pip install pydicom python-gdcm`"):
        read_pixels(draw())


@pytest.mark.skipif(get_decoder(JPEGLSLossless).is_available, reason="a package that decodes JPEG-LS is there")
def test_without_a_decoder_the_command_that_adds_one_is_named() -> None:
    with pytest.raises(InputError, match=r"DICOM images in JPEG-LS .*: type `pip install python-gdcm`") as caught:
        read_pixels(draw(syntax=JPEGLSLossless))
    assert len(str(caught.value)) <= 300


@pytest.mark.parametrize("suffix", ["dcm", "dicom"])
def test_dicom_images_without_windows_share_one_range(tmp_path: Path, suffix: str) -> None:
    files = {
        "train.csv": b"image_id,label\n0,a\n1,b\n2,a\n3,b\n",
        "sample_submission.csv": b"image_id,label\n9,\n",
        **{f"train/{n}.{suffix}": draw(np.full((4, 4), 1000 * n, np.uint16)) for n in range(4)},
        f"test/9.{suffix}": draw(np.full((4, 4), 4095, np.uint16)),
    }
    described = competition(train={"table": "train.csv", "images": "train/{id}"}, test={"images": "test/{id}"})
    build_cache(make_zip(tmp_path / "a.zip", files), described, tmp_path / "c", 4, 4, "stretch", "ignore", 0, "refuse")
    cache = open_cache(tmp_path / "c")
    assert cache.train_images[:, 0, 0, 0].tolist() == [0, 62, 125, 187]
    assert cache.test_images[0, 0, 0, 0] == 255
