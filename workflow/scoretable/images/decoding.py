"""From the bytes of an image file to the pixels of the image cache."""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from PIL import Image, UnidentifiedImageError

# Of a picture, whatever it shows: a worker takes 0.3 to 1 GB for so many, and 10 GB for 60,000 x 60,000, of which a
# file of some kilobytes can be made. Cameras make up to 60 million at once.
MAX_PIXELS = 100_000_000
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "TIFF", "WEBP")
LOBES = 2.5  # of the low-pass filter; half a lobe more brings 0.5 dB and costs 4% of the time
ORIENTATION = 0x0112  # tag of the Exif standard, CIPA DC-008, 4.6.5

Box = tuple[float, float, float, float]
Crop = tuple[int, int, int, int]


class UnreadableImage(Exception):
    """The data are not a whole picture that can be decoded; the message says why."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An image for the cache.

    pixels: uint8 (height, width, 3), RGB. source_height, source_width: pixels of the picture as it is shown, that is
    with its EXIF orientation. crop: left, top, right, bottom in those pixels, the part that `pixels` shows.
    """

    pixels: np.ndarray
    source_height: int
    source_width: int
    crop: Crop


@contextmanager
def many_pictures() -> Iterator[None]:
    """Set this process up to decode many pictures in threads of its own.

    OpenCV starts no threads below them, and freed memory is kept: glibc would hand the megabytes of every picture
    back to the system and take them again for the next, which takes a third of the time. The release of a block of
    almost 32 MiB makes it keep up to twice as much (mallopt(3), M_MMAP_THRESHOLD); elsewhere it does nothing.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    np.empty(31 << 20, np.uint8)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


def decode_image(
    data: bytes, height: int, width: int, aspect: str, box: Box | None = None, box_margin: float = 0.0
) -> DecodedImage:
    """Decode a picture, upright and in RGB, and fit the part inside `box` to `height` x `width` pixels.

    `aspect`: `stretch` the part, `crop` its middle, or `pad` it with black. `box`: x1, y1, x2, y2 in pixels of the
    upright picture; it grows by `box_margin` of its sides and is clipped to the picture. Transparency is dropped.
    Raises UnreadableImage for data that are broken, cut short, or above 100 million pixels.
    """
    pixels = _decode(data)
    source_height, source_width = pixels.shape[:2]
    crop = place_box(source_height, source_width, box, box_margin)
    if aspect == "crop":
        crop = centre_crop(crop, height, width)
    left, top, right, bottom = crop
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    fitted = _pad(part, height, width) if aspect == "pad" else resize(part, height, width)
    return DecodedImage(fitted, source_height, source_width, crop)


def encode_grey(pixels: np.ndarray) -> bytes:
    """Return uint8 (height, width) as the bytes of a picture that `decode_image` takes."""
    return cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()


def place_box(height: int, width: int, box: Box | None, margin: float) -> Crop:
    """Return the whole pixels that `box` and its margin touch; raise UnreadableImage where it misses the picture."""
    if box is None:
        return 0, 0, width, height
    x1, y1, x2, y2 = box
    dx, dy = (x2 - x1) * margin, (y2 - y1) * margin
    left, top = max(0, math.floor(x1 - dx)), max(0, math.floor(y1 - dy))
    right, bottom = min(width, math.ceil(x2 + dx)), min(height, math.ceil(y2 + dy))
    if left >= right or top >= bottom:
        raise UnreadableImage(
            f"its box {x1:g}, {y1:g}, {x2:g}, {y2:g} lies outside the picture of {width}x{height} pixels"
        )
    return left, top, right, bottom


def centre_crop(crop: Crop, height: int, width: int) -> Crop:
    """Return the largest centred part of `crop` with the aspect of `height` x `width`."""
    left, top, right, bottom = crop
    have_width, have_height = right - left, bottom - top
    new_width = max(1, min(have_width, round(have_height * width / height)))
    new_height = max(1, min(have_height, round(have_width * height / width)))
    left, top = left + (have_width - new_width) // 2, top + (have_height - new_height) // 2
    return left, top, left + new_width, top + new_height


def resize(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize uint8 (h, w, 3) without aliasing.

    A side that shrinks is first cleared of the detail that the new size cannot hold, by a Lanczos-windowed sinc
    (Duchon 1979, 'Lanczos filtering in one and two dimensions'); then all is interpolated with cubic splines. That
    is about as near to a Lanczos resize as Pillow's bicubic one, at a quarter of its time (benchmarks/preprocess.py).
    """
    pixels, rows, columns = _halve(pixels, height, width)
    kernel_y, kernel_x = _low_pass(rows / height), _low_pass(columns / width)
    if len(kernel_y) > 1 or len(kernel_x) > 1:
        pixels = cv2.sepFilter2D(pixels, -1, kernel_x, kernel_y, borderType=cv2.BORDER_REPLICATE)
    resized = cv2.resize(pixels, None, fx=width / columns, fy=height / rows, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(resized[:height, :width])


def _halve(pixels: np.ndarray, height: int, width: int) -> tuple[np.ndarray, float, float]:
    """Average pairs of pixels while a side is three times its target or more, which leaves the filter short.

    Returns the pixels and how many rows and columns of them are the picture: a side that is odd gets its last
    pixel twice.
    """
    rows, columns = float(pixels.shape[0]), float(pixels.shape[1])
    while rows >= 3 * height or columns >= 3 * width:
        step_y = 2 if rows >= 3 * height else 1
        step_x = 2 if columns >= 3 * width else 1
        missing_y, missing_x = -pixels.shape[0] % step_y, -pixels.shape[1] % step_x
        if missing_y or missing_x:
            pixels = cv2.copyMakeBorder(pixels, 0, missing_y, 0, missing_x, cv2.BORDER_REPLICATE)
        size = (pixels.shape[1] // step_x, pixels.shape[0] // step_y)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        rows, columns = rows / step_y, columns / step_x
    return pixels, rows, columns


def _low_pass(shrink: float) -> np.ndarray:
    """Return the taps, float32 and of sum 1, that remove what is lost at `shrink` source pixels per target pixel."""
    if shrink <= 1:
        return np.ones(1, np.float32)
    reach = math.ceil(LOBES * shrink) - 1
    offsets = np.arange(-reach, reach + 1) / shrink
    taps = np.sinc(offsets) * np.sinc(offsets / LOBES)
    return (taps / taps.sum()).astype(np.float32)


def _pad(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    scale = min(height / pixels.shape[0], width / pixels.shape[1])
    new_height = min(height, max(1, round(pixels.shape[0] * scale)))
    new_width = min(width, max(1, round(pixels.shape[1] * scale)))
    top, left = (height - new_height) // 2, (width - new_width) // 2
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[top : top + new_height, left : left + new_width] = resize(pixels, new_height, new_width)
    return canvas


def _decode(data: bytes) -> np.ndarray:
    if data.startswith(b"\xff\xd8\xff"):
        pixels = _decode_jpeg(data)
        # The first segments of a JPEG hold the EXIF data; opening it with Pillow costs thirty times the search.
        orientation = _open(data).getexif().get(ORIENTATION, 1) if data.find(b"Exif\0\0", 0, 1 << 16) > 0 else 1
    else:
        pixels, orientation = _decode_with_pillow(data)
    return _turn_upright(pixels, orientation)


def _decode_jpeg(data: bytes) -> np.ndarray:
    try:
        height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    except ValueError as error:
        raise UnreadableImage(str(error)) from None
    _refuse_size(height, width)
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
    _refuse_size(image.height, image.width)
    try:
        image.load()
        orientation = image.getexif().get(ORIENTATION, 1)
        if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip
            grey = np.clip(np.asarray(image) >> 8, 0, 255).astype(np.uint8)
            return np.repeat(grey[..., np.newaxis], 3, axis=2), orientation
        with_alpha = image.convert("RGBA") if "transparency" in image.info else image
        return np.asarray(with_alpha.convert("RGB")), orientation
    except Exception as error:  # Pillow's plugins raise whatever broken data lead to
        raise UnreadableImage(str(error) or type(error).__name__) from None


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise UnreadableImage("its content is not a JPEG, PNG, BMP, GIF, TIFF or WebP picture") from None
    except Image.DecompressionBombError:  # at 179 million, before the caller can look at the size
        raise UnreadableImage(f"it has far more than {MAX_PIXELS // 1_000_000} million pixels") from None
    except Exception as error:  # Pillow's plugins raise whatever broken data lead to
        raise UnreadableImage(str(error) or type(error).__name__) from None


def _refuse_size(height: int, width: int) -> None:
    if height * width > MAX_PIXELS:
        raise UnreadableImage(f"it has {width}x{height} pixels, more than {MAX_PIXELS // 1_000_000} million")


def _turn_upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo the EXIF orientation (1 to 8) of pixels (h, w, 3); other values count as upright."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels
