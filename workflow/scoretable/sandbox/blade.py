"""Blades of rice with the lesions of each label, laid straight, before they stand in a photo."""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

BLADE_LENGTH = 860  # px, longer than the photo's diagonal, so that a blade crosses it at any angle

Rgb = tuple[int, int, int]
Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]
Numbers = NDArray[np.floating[Any]]
Rng = np.random.Generator
Range = tuple[float, float]

BARK: Rgb = (98, 58, 28)
ASH: Rgb = (190, 184, 168)
CREAM: Rgb = (228, 230, 204)
LEMON: Rgb = (204, 194, 88)
STRAW: Rgb = (206, 182, 118)
RUST: Rgb = (208, 146, 46)


@dataclass(frozen=True)
class LesionStyle:
    """What tells one label from the others. Pixels are those of the 480x640 photo; ranges are (low, high)."""

    shape: Literal["none", "oval", "spindle", "streak", "beads", "margin"] = "none"
    count: Range = (0, 0)  # lesions per blade, before the photo's severity scales them
    length: Range = (0, 0)  # px along the veins
    width: Range = (0, 0)  # px across the veins
    body: Rgb = BARK
    core: Rgb | None = None  # a paler middle
    halo: Rgb | None = None  # a soft ring around
    tint: Rgb | None = None  # discolouring between the veins, from the tip down
    organ: Literal["blade", "heart", "panicle"] = "blade"  # the part of the plant that is sick


# Coarse signs show at any size: margin bands, a tint, a dead heart. Fine signs are lost in a small image: streak
# against bead (hispa, downy mildew), spindle against haloed oval against streak (blast, brown spot, leaf streak), the
# dark base of a grain (panicle blight). Dirt, dew, dry tips, old leaves and sound panicles come with every label.
STYLES: dict[str, LesionStyle] = {
    "bacterial_leaf_blight": LesionStyle("margin", (2, 5), (160, 460), (40, 100), STRAW, halo=LEMON),
    "bacterial_leaf_streak": LesionStyle("streak", (36, 72), (14, 38), (2.2, 3.6)),
    "bacterial_panicle_blight": LesionStyle(organ="panicle"),
    "blast": LesionStyle("spindle", (20, 44), (18, 34), (7, 11), core=ASH),
    "brown_spot": LesionStyle("oval", (46, 96), (6, 11), (5, 8), halo=LEMON),
    "dead_heart": LesionStyle(organ="heart"),
    "downy_mildew": LesionStyle("beads", (70, 126), (18, 60), (3, 3), CREAM),
    "hispa": LesionStyle("streak", (50, 90), (18, 60), (2.0, 3.0), CREAM),
    "normal": LesionStyle(),
    "tungro": LesionStyle("oval", (10, 30), (3, 6), (2, 4), tint=RUST),
}
LABELS = tuple(STYLES)
SOUND = STYLES["normal"]


def vary(colour: Rgb | Numbers, spread: float, generator: Rng) -> Numbers:
    """Return a colour (3,) near another, 0..255."""
    return np.clip(np.asarray(colour) + generator.normal(0, spread) + generator.normal(0, spread / 3, 3), 0, 255)


def noise(height: int, width: int, cells: tuple[int, int], generator: Rng) -> Field:
    """Noise of about -1..1 in `cells` lumps high and wide; lumps of many pixels are smooth."""
    lumps = generator.uniform(-1, 1, cells).astype(np.float32)
    if cells[0] * 8 < height:  # cubic at an eighth of the size and linear from there is a quarter of the work
        coarse = (max(width // 8, cells[1]), height // 8)
        lumps = np.asarray(cv2.resize(lumps, coarse, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(cv2.resize(lumps, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def draw_blade(style: LesionStyle, width: float, colour: Numbers, severity: float, generator: Rng) -> Pixels:
    """One blade laid straight, its veins along the rows: uint8 RGBA, colour times cover, (width, BLADE_LENGTH, 4)."""
    rows, along = int(width), np.linspace(0, 1, BLADE_LENGTH, dtype=np.float32)
    across = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    spacing = generator.uniform(6, 10)
    veins = np.cos(np.arange(rows, dtype=np.float32)[:, None] * np.float32(2 * np.pi / spacing))
    fold = generator.uniform(-0.14, 0.14) * np.tanh(5 * across)
    light = 1 + generator.uniform(0.02, 0.05) * veins + 0.25 * np.exp(-((across * rows / 7) ** 2)) + fold
    light = light.astype(np.float32) + 0.07 * noise(rows, BLADE_LENGTH, (max(rows // 3, 2), 14), generator)
    ragged = 0.6 * noise(rows, BLADE_LENGTH, (5, 12), generator)
    light += 0.1 * ragged
    paint = np.asarray(light * colour.astype(np.float32)[:, None, None], np.float32)
    dry = np.clip((generator.uniform(-0.2, 0.35) - along + 0.1 * ragged)[:, : BLADE_LENGTH // 2] * 9, 0, 1)
    _blend(paint[..., : BLADE_LENGTH // 2], dry, vary(STRAW, 16, generator))
    if style.tint is not None:
        reach = np.clip((generator.uniform(0.5, 1.1) - along + 0.25 * ragged) * 3, 0, 1)
        _blend(paint, reach * (severity * (0.62 - 0.38 * veins)), vary(style.tint, 10, generator))
    if style.shape != "none":
        _mark_lesions(paint, style, severity, generator)
    half = np.sqrt(np.clip(np.minimum(0.06 + 2.5 * along, 0.02 + 3 * (1 - along)), 0, 1))
    cover = np.clip((half - np.abs(across)) * rows / 2, 0, 1)
    planes = [np.clip(plane, 0, 255) * cover for plane in paint]
    return np.asarray(cv2.merge([plane.astype(np.uint8) for plane in (*planes, cover * 255)]), np.uint8)


def _blend(paint: Field, weight: Numbers, colour: Numbers) -> None:
    """Pull `paint`, shape (3, rows, BLADE_LENGTH), towards `colour` by `weight`, 0..1."""
    for plane, value in zip(paint, colour.astype(np.float32), strict=True):
        pull = value - plane
        pull *= weight
        np.add(plane, pull, out=plane)


def _mark_lesions(paint: Field, style: LesionStyle, severity: float, generator: Rng) -> None:
    rows = paint.shape[1]
    number = max(1, round(severity * generator.uniform(*style.count)))
    spots = generator.uniform(
        (0, 0.05 * rows, style.length[0], style.width[0]),
        (BLADE_LENGTH, 0.95 * rows, style.length[1], style.width[1]),
        (number, 4),
    )
    if style.shape == "margin":  # along an edge, where the blade is not tapered
        spots[:, 0] = generator.uniform(0.15, 0.85, number) * BLADE_LENGTH
        spots[:, 1] = generator.choice([0, rows], number)
    body = _beads(rows, spots) if style.shape == "beads" else _stamp(rows, style.shape, spots, generator)
    if style.halo is not None:
        wide = cv2.GaussianBlur(cv2.dilate(body, np.ones((7, 7), np.uint8)), (0, 0), 2.5)
        _blend(paint, 0.7 * wide.astype(np.float32) / 255, vary(style.halo, 10, generator))
    mottled = 0.8 + 0.2 * noise(rows, BLADE_LENGTH, (rows // 4, 120), generator)
    _blend(paint, mottled * (body.astype(np.float32) / 255), vary(style.body, 12, generator))
    if style.core is not None:
        core = _stamp(rows, style.shape, spots * (1, 1, 0.5, 0.5), generator)
        _blend(paint, mottled * (core.astype(np.float32) / 255), vary(style.core, 10, generator))


def _beads(rows: int, spots: Numbers) -> Pixels:
    """Rows of dots of 3 px, one every 5 px of each spot's length; the mask is as in `_stamp`."""
    mask = np.zeros((rows, BLADE_LENGTH), np.uint8)
    steps = np.arange(12) * 5.0
    inside = steps < spots[:, 2:3]
    column = np.clip(spots[:, 0:1] + steps, 0, BLADE_LENGTH - 1)[inside].astype(int)
    row = np.broadcast_to(spots[:, 1:2], inside.shape)[inside].astype(int)
    mask[row, column] = 255
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)


def _stamp(rows: int, shape: str, spots: Numbers, generator: Rng) -> Pixels:
    """All lesions of a blade as one mask, uint8 (rows, BLADE_LENGTH); a spot is x, y, length and width in px."""
    x, y, lengths, widths = spots.T[..., None]
    t = np.linspace(-1, 1, 13)
    half = {
        "oval": np.sqrt(1 - t**2),
        "spindle": (1 - np.abs(t)) ** 0.9,
        "streak": 1 - t**8,
        "margin": np.sqrt(1 - np.abs(t)),
    }[shape]
    ragged = 0.3 if shape == "margin" else 0.12
    upper = half * (1 + ragged * generator.uniform(-1, 1, (len(spots), t.size)))
    outline = np.concatenate([upper, -upper[:, ::-1]], axis=1) * widths / 2 + y
    place = np.concatenate([t, t[::-1]]) * lengths / 2 + x
    mask = np.zeros((rows, BLADE_LENGTH), np.uint8)
    for polygon in np.round(np.stack([place, outline], axis=2) * 16).astype(np.int32):
        cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, shift=4)
    return mask
