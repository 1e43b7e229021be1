"""Pictures within the page: small JPEGs as text."""

import base64
from collections.abc import Sequence

import cv2
import numpy as np
import simplejpeg

SIDE = 96  # pixels of the longer side


def thumbnail(image: np.ndarray) -> str:
    """Return the address of a picture, uint8 (H, W, 3), that holds the picture itself."""
    return _address(_shrink(image))


def contact_sheet(images: np.ndarray, rows: Sequence[int]) -> str:
    """Return the address of a picture with those rows of `images`, uint8 (n, H, W, 3), side by side."""
    return _address(np.concatenate([_shrink(images[row]) for row in rows], axis=1))


def _shrink(image: np.ndarray) -> np.ndarray:
    height, width = image.shape[:2]
    scale = SIDE / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    return cv2.resize(np.asarray(image), size, interpolation=cv2.INTER_AREA)


def _address(pixels: np.ndarray) -> str:
    data = simplejpeg.encode_jpeg(np.ascontiguousarray(pixels), quality=80, colorsubsampling="444")
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
