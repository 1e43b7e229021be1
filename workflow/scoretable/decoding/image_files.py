"""From the bytes of an image file to its pixels: JPEG, PNG and their like, NumPy arrays, DICOM."""

import io
import math

import cv2
import numpy as np
import simplejpeg
from PIL import Image, UnidentifiedImageError

from scoretable.competition.layouts import MOST_CHANNELS
from scoretable.decoding.dicom import is_dicom, read_dicom
from scoretable.decoding.unreadable import MAX_PIXELS, UnreadableImage, refuse_gaps, refuse_size

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
IN_FRAMES = (b"GIF8", b"II*\0", b"MM\0*", b"RIFF")  # how files begin that may have several: GIF, TIFF, WebP
ORIENTATION = 0x0112  # tag of the Exif standard, CIPA DC-008, 4.6.5


def read_pixels(data: bytes) -> np.ndarray:
    """Return the upright pixels (height, width, channels) of an image file.

    uint8 and RGB for most files. Numbers of another type, in one to three channels, are values that are still to be
    scaled (`value_range`): of more than 8 bits a channel, of arrays, and of DICOM without a window. Transparency is
    dropped. Raises UnreadableImage for data that are broken, cut short, or above 100 million pixels.
    """
    if data.startswith(b"\xff\xd8\xff"):
        pixels = _decode_jpeg(data)
        # The first segments of a JPEG hold the EXIF data; opening it with Pillow costs thirty times the search.
        orientation = _open(data).getexif().get(ORIENTATION, 1) if data.find(b"Exif\0\0", 0, 1 << 16) > 0 else 1
        return _turn_upright(pixels, orientation)
    if data.startswith(np.lib.format.MAGIC_PREFIX):
        return _read_array(data)
    if is_dicom(data):
        return read_dicom(data)
    return _turn_upright(*_decode_with_pillow(data))


def has_more_frames(data: bytes) -> bool:
    """Return whether a GIF, TIFF or WebP that can be read has frames or pages after the first, which alone is read."""
    if not data.startswith(IN_FRAMES):
        return False
    try:
        return getattr(_open(data), "n_frames", 1) > 1
    except Exception:  # whatever a broken page leads Pillow's plugins to: it is one more
        return True


def join_channels(parts: list[np.ndarray]) -> np.ndarray:
    """Return (height, width, len(parts)), whose channels are pictures; of one in colour its brightest colour counts.

    So a file is seen whether it is grey or has its grey in one colour only. Raises UnreadableImage where sizes differ.
    """
    if len({part.shape[:2] for part in parts}) > 1:
        sizes = ", ".join(f"{part.shape[1]}x{part.shape[0]}" for part in parts)
        raise UnreadableImage(f"its channels have different sizes ({sizes})")
    return np.stack([part.max(axis=2) for part in parts], axis=2)


def as_file(pixels: np.ndarray) -> bytes:
    """Return pixels as the content of a .npy file."""
    content = io.BytesIO()
    np.save(content, pixels, allow_pickle=False)
    return content.getvalue()


def _read_array(data: bytes) -> np.ndarray:
    """Return (height, width, channels) of a .npy file of that shape, of (height, width), or with the channels first."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, in_columns, dtype = read(file)
    except Exception as error:  # NumPy reads the header as Python, and raises whatever its parser does
        raise UnreadableImage(f"it is no array of numbers ({' '.join(str(error).split())[:80]})") from None
    if dtype.kind not in "buif":  # pickled objects among them, which would run code
        raise UnreadableImage(f"it is an array of {dtype.name}, and not of numbers")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(data) - file.tell():
        raise UnreadableImage(f"it is cut short: its header says {shape} {dtype.name}")
    values = np.frombuffer(data, dtype, offset=file.tell()).reshape(shape, order="F" if in_columns else "C")
    values = _channels_last(values)
    refuse_size(*values.shape[:2])
    return values.astype(np.uint8) * np.uint8(255) if dtype.kind == "b" else refuse_gaps(values)


def _channels_last(values: np.ndarray) -> np.ndarray:
    if values.ndim == 2 and values.size:
        return values[:, :, np.newaxis]
    if values.ndim == 3 and values.size and values.shape[2] <= MOST_CHANNELS:
        return values
    if values.ndim == 3 and values.size and values.shape[0] <= MOST_CHANNELS:
        return values.transpose(1, 2, 0)
    raise UnreadableImage(f"it is an array of {values.shape}, and not of (height, width) in 1 to 3 channels")


def _decode_jpeg(data: bytes) -> np.ndarray:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise UnreadableImage(str(error)) from None
    refuse_size(int(height), int(width))
    in_cmyk = colours in ("CMYK", "YCCK")
    try:
        pixels = simplejpeg.decode_jpeg(data, "CMYK" if in_cmyk else "RGB")
    except ValueError as error:
        # The decoder reports its first warning. At the end-of-image marker (0xd9) the picture is complete.
        if "extraneous bytes before marker 0xd9" not in str(error):
            raise UnreadableImage(str(error)) from None
        pixels = simplejpeg.decode_jpeg(data, "CMYK" if in_cmyk else "RGB", strict=False)
    # Pillow knows whose CMYK is inverted, but not which pictures are cut short: the decoder above found it whole.
    return np.asarray(_open(data).convert("RGB")) if in_cmyk else pixels


def _decode_with_pillow(data: bytes) -> tuple[np.ndarray, int]:
    image = _open(data)
    refuse_size(image.height, image.width)
    deep = any(";16" in str(tile.args) for tile in getattr(image, "tile", ()))
    try:
        image.load()
        orientation = image.getexif().get(ORIENTATION, 1)
        if image.mode[0] in "IF":  # grey of more than 8 bits, which convert() would clip
            return refuse_gaps(np.asarray(image)[:, :, np.newaxis]), orientation
        if deep and (pixels := _decode_deep_colour(data)) is not None:
            return pixels, orientation
        with_alpha = image.convert("RGBA") if "transparency" in image.info else image
        return np.asarray(with_alpha.convert("RGB")), orientation
    except UnreadableImage:
        raise
    except Exception as error:  # Pillow's plugins raise whatever broken data lead to
        raise UnreadableImage(str(error) or type(error).__name__) from None


def _decode_deep_colour(data: bytes) -> np.ndarray | None:
    """Return uint16 (height, width, 3) of colours with 16 bits, of which Pillow keeps 8; None for another file."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)  # a picture that Pillow found whole
    if pixels is None or pixels.dtype != np.uint16 or pixels.ndim != 3:
        return None
    return np.ascontiguousarray(pixels[:, :, 2::-1])


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise UnreadableImage("its content is not a JPEG, PNG, BMP, GIF, TIFF, WebP, DICOM or NumPy picture") from None
    except Image.DecompressionBombError:  # at 179 million, before the caller can look at the size
        raise UnreadableImage(f"it has far more than {MAX_PIXELS // 1_000_000} million pixels") from None
    except Exception as error:  # Pillow's plugins raise whatever broken data lead to
        raise UnreadableImage(str(error) or type(error).__name__) from None


def _turn_upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the EXIF orientation (1 to 8) of pixels (h, w, channels); other values count as upright."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
