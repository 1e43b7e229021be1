"""The parts of a drawn archive: pictures, tables and zips, as bytes and text."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

HUES = ((220, 60, 60), (60, 200, 80), (70, 90, 230), (220, 210, 70), (200, 80, 210))
FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "tif": "TIFF"}


def picture(kind: int, seed: int, suffix: str = "jpg", size: int = 40, mode: str = "RGB") -> bytes:
    """Return a drawing whose colour and shape tell `kind`, with noise, as the content of a file."""
    rng = np.random.default_rng(1000 * kind + seed)
    image = Image.new("RGB", (size, size), (40, 40, 40))
    draw = ImageDraw.Draw(image)
    left, top = rng.integers(2, size // 2, 2)
    shape = (draw.ellipse, draw.rectangle)[kind // 5 % 2]
    corners = [int(left), int(top), int(left) + size // 2 - 2, int(top) + size // 2 - 2]
    shape(corners, fill=HUES[kind % 5])
    noisy = np.clip(np.asarray(image, np.int16) + rng.integers(-20, 20, (size, size, 3)), 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).convert(mode).save(buffer, FORMATS[suffix])
    return buffer.getvalue()


def table(header: str, rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV of that header and those rows."""
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def zipped(files: dict[str, Any]) -> bytes:
    """Return a zip of those members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return buffer.getvalue()
