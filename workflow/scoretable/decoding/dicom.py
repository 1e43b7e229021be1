"""DICOM files, the pictures of radiology, as their window shows them; pydicom comes with the extra `dicom`.

Sections are those of the standard's part 3 (dicom.nema.org, PS3.3).
"""

import io
from typing import Any

import numpy as np

from scoretable.decoding.unreadable import UnreadableImage, refuse_gaps, refuse_size
from scoretable.workspace.errors import InputError

_PREAMBLE, _MAGIC = 128, b"DICM"  # PS3.10, 7.1
_NARROWEST = 1e-6  # a window of width 1 has no slope
# Of a whole file that is packed; it stands in the header before it, and pydicom would unpack it without a bound.
_DEFLATED, _HEADER = b"1.2.840.10008.1.2.1.99", 4096


def is_dicom(data: bytes) -> bool:
    """Whether the data begin like a DICOM file."""
    return data[_PREAMBLE : _PREAMBLE + len(_MAGIC)] == _MAGIC


def read_dicom(data: bytes) -> np.ndarray:
    """Return the pixels (height, width, channels) of a DICOM file of one frame.

    uint8 where the file has a window (C.11.2), its first one, or colours; else the rescaled values (C.11.1), which are
    still to be scaled. MONOCHROME1, in which the least value is white (C.7.6.3.1.2), is inverted. Raises
    UnreadableImage for a file that is broken or of another kind, InputError where a package is missing.
    """
    try:
        import pydicom
    except ImportError:
        raise InputError(
            "the archive has DICOM images: type `pip install pydicom python-gdcm`, and run the same command again."
        ) from None
    if _DEFLATED in data[:_HEADER]:
        raise UnreadableImage("it is deflated, which is not read")
    try:
        file = pydicom.dcmread(io.BytesIO(data))
        _refuse_kind(file)
        return _read_grey(file) if file.SamplesPerPixel == 1 else _read_colour(file)
    except (UnreadableImage, InputError):
        raise
    except Exception as error:  # pydicom raises whatever broken data lead to
        reason = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnreadableImage(f"it is no whole DICOM picture ({reason})") from None


def _refuse_kind(file: Any) -> None:
    from pydicom.pixels.decoders.base import get_decoder

    refuse_size(int(file.Rows), int(file.Columns))
    frames = int(file.get("NumberOfFrames") or 1)
    if frames != 1:
        raise UnreadableImage(f"it has {frames} frames, and not one")
    if file.PhotometricInterpretation == "PALETTE COLOR":
        raise UnreadableImage("its colours are those of a palette, which is not read")
    syntax = file.file_meta.TransferSyntaxUID
    if syntax.is_compressed and not get_decoder(syntax).is_available:
        raise InputError(
            f"the archive has DICOM images in {syntax.name[:100]}: type `pip install python-gdcm`, and run the same "
            "command again."
        )


def _read_colour(file: Any) -> np.ndarray:
    from pydicom.pixels.utils import pixel_array

    return np.asarray(pixel_array(file))  # in RGB, whatever the file has


def _read_grey(file: Any) -> np.ndarray:
    from pydicom.pixels.processing import apply_modality_lut

    stored, white_first = file.pixel_array, file.PhotometricInterpretation == "MONOCHROME1"
    if not (file.get("WindowCenter") is None or file.get("WindowWidth") is None):
        shown = _window(np.asarray(apply_modality_lut(stored, file), np.float32), file)
        return (255 - shown if white_first else shown)[:, :, np.newaxis]
    if white_first:  # within the bits that are stored, so that these values compare with those of MONOCHROME2
        most = -1 if file.PixelRepresentation else 2 ** int(file.BitsStored) - 1
        stored = (most - stored.astype(np.int32)).astype(stored.dtype)
    values = np.asarray(apply_modality_lut(stored, file))
    if values.dtype.kind == "f" and (values == np.rint(values)).all():
        values = values.astype(np.int32)
    return refuse_gaps(values)[:, :, np.newaxis]


def _window(values: np.ndarray, file: Any) -> np.ndarray:
    """Return uint8 of the same shape (C.11.2.1.2 and C.11.2.1.3)."""
    centre, width = _first(file.WindowCenter), _first(file.WindowWidth)
    function = file.get("VOILUTFunction") or "LINEAR"
    if function == "SIGMOID":
        share = 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -80, 80)))
    elif function == "LINEAR_EXACT":
        share = (values - centre) / width + 0.5
    else:
        share = (values - centre + 0.5) / max(width - 1, _NARROWEST) + 0.5
    return np.rint(255 * np.clip(refuse_gaps(share), 0, 1)).astype(np.uint8)


def _first(value: Any) -> float:
    return float(value if isinstance(value, str | int | float) else value[0])
