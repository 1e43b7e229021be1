"""Where the pixels of a changed picture are read, drawn on the host.

A map, float64 (B, 3, 3), leads from places (x, y, 1) in the changed picture to those in the original where they are
read, in pixels from the centre of the picture. Maps that are multiplied make one, and so one reading of the pixels: the
left one is done to the picture first.
"""

import math

import numpy as np

ROTATION = 20.0  # degrees, either way
ZOOM = (0.8, 1.2)  # side of the shown part against the picture's side
# Width by height of a crop against the picture's, as in Szegedy et al. 2015 (arXiv:1409.4842).
CROP_ASPECT = 4 / 3


def draw_turns(names: tuple[str, ...], batch: int, generator: np.random.Generator) -> np.ndarray:
    """Draw maps that turn pictures and scale them, of `names` with `rotate`, `zoom` or both."""
    angle = np.deg2rad(generator.uniform(-ROTATION, ROTATION, batch)) if "rotate" in names else np.zeros(batch)
    scale = generator.uniform(*ZOOM, batch) if "zoom" in names else np.ones(batch)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    maps = stand_still(batch)
    maps[:, 0, 0], maps[:, 0, 1] = cosine, -sine
    maps[:, 1, 0], maps[:, 1, 1] = sine, cosine
    return maps


def draw_crops(least: float, batch: int, height: int, width: int, generator: np.random.Generator) -> np.ndarray:
    """Draw maps that enlarge a part of at least the share `least` of the area to the whole picture.

    The Inception crop of Szegedy et al. 2015 (arXiv:1409.4842).
    """
    top, left, tall, wide = draw_parts((least, 1.0), CROP_ASPECT, batch, generator).T
    maps = stand_still(batch)
    maps[:, 0, 0], maps[:, 1, 1] = wide, tall
    maps[:, 0, 2], maps[:, 1, 2] = (left + wide / 2 - 0.5) * width, (top + tall / 2 - 0.5) * height
    return maps


def draw_parts(area: tuple[float, float], most_aspect: float, batch: int, generator: np.random.Generator) -> np.ndarray:
    """Draw parts of a picture, anywhere in it: their top, left, height and width, float64 (B, 4), as shares of a side.

    The share of the area is uniform between the two of `area`; the aspect, width by height against those of the
    picture, is log-uniform from 1/most_aspect to most_aspect, or as far as a part of that area fits. (Others draw both
    again where the part does not fit, so that large parts get rarer than the two of `area` say.)
    """
    share = generator.uniform(*area, batch)
    reach = np.minimum(math.log(most_aspect), -np.log(share))
    aspect = np.exp(generator.uniform(-1, 1, batch) * reach)
    sides = np.minimum(np.sqrt([share / aspect, share * aspect]), 1.0).T
    return np.concatenate([generator.uniform(0, 1, (batch, 2)) * (1 - sides), sides], axis=1)


def stand_still(batch: int) -> np.ndarray:
    """Return maps that change nothing."""
    return np.tile(np.eye(3), (batch, 1, 1))


def as_affine(maps: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return maps from the upper left pixel instead of the centre, as affine_transform takes them: float32 (B, 8)."""
    x, y = (width - 1) / 2, (height - 1) / 2
    (a, b, right), (c, d, down) = maps[:, 0].T, maps[:, 1].T
    zero = np.zeros(len(maps))
    rows = [a, b, x - a * x - b * y + right, c, d, y - c * x - d * y + down, zero, zero]
    return np.stack(rows, axis=1).astype(np.float32)
