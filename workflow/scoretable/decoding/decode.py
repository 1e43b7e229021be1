"""From an image file to the pixels of the image cache: the part inside a box, at the wanted size."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from scoretable.decoding.image_files import has_more_frames, read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.decoding.value_range import Range, as_rgb

LOBES = 2.5  # of the low-pass filter; half a lobe more brings 0.5 dB and costs 4% of the time

Box = tuple[float, float, float, float]
Crop = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An image for the cache.

    pixels: uint8 (height, width, 3), RGB. source_height, source_width: pixels of the picture as it is shown, that is
    with its EXIF orientation. crop: left, top, right, bottom in those pixels, the part that `pixels` shows.
    more_frames: whether the file has frames or pages after the one that `pixels` shows.
    """

    pixels: np.ndarray
    source_height: int
    source_width: int
    crop: Crop
    more_frames: bool = False


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
    data: bytes,
    height: int,
    width: int,
    aspect: str,
    box: Box | None = None,
    box_margin: float = 0.0,
    value_range: Range | None = None,
) -> DecodedImage:
    """Decode a picture, upright and in RGB, and fit the part inside `box` to `height` x `width` pixels.

    `aspect`: `stretch` the part, `crop` its middle, or `pad` it with black. `box`: x1, y1, x2, y2 in pixels of the
    upright picture; it grows by `box_margin` of its sides and is clipped to the picture. `value_range`: the
    values that become black and white where there are more than 8 bits. Raises UnreadableImage for what `read_pixels`
    refuses, and NoRange where such a range is needed.
    """
    pixels = as_rgb(read_pixels(data), value_range)
    source_height, source_width = pixels.shape[:2]
    crop = place_box(source_height, source_width, box, box_margin)
    if aspect == "crop":
        crop = centre_crop(crop, height, width)
    left, top, right, bottom = crop
    part = np.ascontiguousarray(pixels[top:bottom, left:right])
    fitted = _pad(part, height, width) if aspect == "pad" else resize(part, height, width)
    return DecodedImage(fitted, source_height, source_width, crop, has_more_frames(data))


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
