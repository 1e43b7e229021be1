"""Draws the photo-like rice leaves of the `sandbox` competition. Nothing here is a photograph."""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 640, 480  # Paddy Doctor's upright photos
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
PLANTS: Rgb = (62, 92, 44)
# Soil, water, sky and other plants: colour, roughness, lumps high and wide.
BACKDROPS: tuple[tuple[Rgb, int, tuple[int, int]], ...] = (
    ((112, 88, 66), 38, (50, 38)),
    ((112, 122, 122), 14, (50, 12)),
    ((192, 204, 214), 8, (50, 38)),
    (PLANTS, 16, (50, 38)),
)


@dataclass(frozen=True)
class LesionStyle:
    """What tells one label from the others. Pixels are those of the 480x640 photo; ranges are (low, high)."""

    shape: Literal["none", "oval", "spindle", "streak", "beads", "margin"] = "none"
    count: Range = (0, 0)  # lesions a blade, before the photo's severity scales them
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
_SOUND = STYLES["normal"]


def draw_leaf(label: str, generator: np.random.Generator) -> Pixels:
    """Draw one picture of `label`: uint8 RGB, shape (640, 480, 3).

    Everything random comes from `generator`. Raises KeyError for an unknown `label`.
    """
    style = STYLES[label]
    scene = _background(generator)
    angle, zoom, severity = generator.normal(90, 22), generator.uniform(0.85, 1.2), generator.uniform(0.35, 1.1)
    green = np.array([generator.uniform(70, 135), generator.uniform(125, 175), generator.uniform(35, 85)])
    if generator.random() < 0.3:  # an old leaf, dry all over
        old = _blade(_SOUND, generator.uniform(60, 120), _vary(STRAW, 18, generator), 0, generator)
        _paste(scene, old, angle + generator.normal(0, 40), zoom, generator)
    for _ in range(generator.integers(1, 4)):
        blade = _blade(style, generator.uniform(110, 190), _vary(green, 8, generator), severity, generator)
        _paste(scene, blade, angle + generator.normal(0, 14), zoom, generator)
    if style.organ == "heart":
        heart = _blade(_SOUND, generator.uniform(26, 48), _vary(STRAW, 14, generator), 0, generator)
        _paste(scene, heart, angle, zoom, generator)
    if style.organ == "panicle" or generator.random() < 0.3:
        _draw_panicle(scene, style.organ == "panicle", generator)
    _sprinkle(scene, generator)
    return _expose(scene, generator)


def _vary(colour: Rgb | Numbers, spread: float, generator: Rng) -> Numbers:
    return np.clip(np.asarray(colour) + generator.normal(0, spread) + generator.normal(0, spread / 3, 3), 0, 255)


def _noise(height: int, width: int, cells: tuple[int, int], generator: Rng) -> Field:
    """Noise of about -1..1 in `cells` lumps high and wide; lumps of many pixels are smooth."""
    lumps = generator.uniform(-1, 1, cells).astype(np.float32)
    if cells[0] * 8 < height:  # cubic at an eighth of the size and linear from there is a quarter of the work
        coarse = (max(width // 8, cells[1]), height // 8)
        lumps = np.asarray(cv2.resize(lumps, coarse, interpolation=cv2.INTER_CUBIC), np.float32)
    return np.asarray(cv2.resize(lumps, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _background(generator: Rng) -> Pixels:
    """Soil, water, sky or other plants, all out of focus: drawn at a quarter of the size."""
    height, width = HEIGHT // 4, WIDTH // 4
    base, rough, cells = BACKDROPS[generator.integers(len(BACKDROPS))]
    lumps = _noise(height, width, (9, 7), generator) + _noise(height, width, cells, generator)
    scene = _vary(base, 16, generator).astype(np.float32) + rough * lumps[..., None]
    small = np.ascontiguousarray(np.clip(scene, 0, 255).astype(np.uint8))
    for _ in range(generator.integers(10, 26) if base == PLANTS else generator.integers(0, 5)):
        ends = generator.uniform([-20, -20], [width + 20, height + 20], (2, 2)).astype(int)
        tone = _vary((86, 122, 52), 22, generator).tolist()
        cv2.line(small, ends[0].tolist(), ends[1].tolist(), tone, int(generator.integers(4, 22)), cv2.LINE_AA)
    blurred = cv2.GaussianBlur(small, (0, 0), generator.uniform(0.6, 3))
    return np.asarray(cv2.resize(blurred, (WIDTH, HEIGHT)), np.uint8)


def _blade(style: LesionStyle, width: float, colour: Numbers, severity: float, generator: Rng) -> Pixels:
    """One blade laid straight, its veins along the rows: uint8 RGBA, colour times cover, (width, BLADE_LENGTH, 4)."""
    rows, along = int(width), np.linspace(0, 1, BLADE_LENGTH, dtype=np.float32)
    across = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    spacing = generator.uniform(6, 10)
    veins = np.cos(np.arange(rows, dtype=np.float32)[:, None] * np.float32(2 * np.pi / spacing))
    fold = generator.uniform(-0.14, 0.14) * np.tanh(5 * across)
    light = 1 + generator.uniform(0.02, 0.05) * veins + 0.25 * np.exp(-((across * rows / 7) ** 2)) + fold
    light = light.astype(np.float32) + 0.07 * _noise(rows, BLADE_LENGTH, (max(rows // 3, 2), 14), generator)
    ragged = 0.6 * _noise(rows, BLADE_LENGTH, (5, 12), generator)
    light += 0.1 * ragged
    paint = light * colour.astype(np.float32)[:, None, None]
    dry = np.clip((generator.uniform(-0.2, 0.35) - along + 0.1 * ragged)[:, : BLADE_LENGTH // 2] * 9, 0, 1)
    _blend(paint[..., : BLADE_LENGTH // 2], dry, _vary(STRAW, 16, generator))
    if style.tint is not None:
        reach = np.clip((generator.uniform(0.5, 1.1) - along + 0.25 * ragged) * 3, 0, 1)
        _blend(paint, reach * (severity * (0.62 - 0.38 * veins)), _vary(style.tint, 10, generator))
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
        _blend(paint, 0.7 * wide.astype(np.float32) / 255, _vary(style.halo, 10, generator))
    mottled = 0.8 + 0.2 * _noise(rows, BLADE_LENGTH, (rows // 4, 120), generator)
    _blend(paint, mottled * (body.astype(np.float32) / 255), _vary(style.body, 12, generator))
    if style.core is not None:
        core = _stamp(rows, style.shape, spots * (1, 1, 0.5, 0.5), generator)
        _blend(paint, mottled * (core.astype(np.float32) / 255), _vary(style.core, 10, generator))


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


def _paste(scene: Pixels, blade: Pixels, angle: float, zoom: float, generator: Rng) -> None:
    """Lay `blade` into `scene`, turned by `angle` degrees, bent, with a shadow."""
    turn = np.deg2rad(angle)
    cosine, sine = np.float32(np.cos(turn) / zoom), np.float32(np.sin(turn) / zoom)
    x = np.arange(WIDTH, dtype=np.float32) - np.float32(WIDTH * generator.uniform(0.2, 0.8))
    y = np.arange(HEIGHT, dtype=np.float32)[:, None] - np.float32(HEIGHT * generator.uniform(0.3, 0.7))
    along, across = x * cosine + y * sine, y * cosine - x * sine
    bend = along * along
    bend *= np.float32(generator.normal(0, 2.5e-4))
    across -= bend
    across += np.float32(blade.shape[0] / 2)
    along += np.float32(BLADE_LENGTH * generator.uniform(0.4, 0.6))
    placed = cv2.remap(blade, along, across, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(0, 0, 0, 0))
    cover = cv2.extractChannel(placed, 3)
    small = cv2.resize(cover, (WIDTH // 8, HEIGHT // 8), interpolation=cv2.INTER_AREA)
    shadow = cv2.GaussianBlur(np.roll(small, generator.integers(-3, 4, 2), (0, 1)), (0, 0), 1.5)
    shade = cv2.resize((255 - 0.45 * shadow).astype(np.uint8), (WIDTH, HEIGHT))
    keep = cv2.multiply(255 - cover, shade, scale=1 / 255)
    cv2.multiply(scene, cv2.merge([keep, keep, keep]), scene, scale=1 / 255)
    cv2.add(scene, cv2.cvtColor(placed, cv2.COLOR_RGBA2RGB), scene)


def _draw_panicle(scene: Pixels, sick: bool, generator: Rng) -> None:
    """A drooping ear of grains of about 16x7 px; the grains of a sick one have a dark base."""
    count = int(generator.integers(50, 90))
    t = np.sort(generator.uniform(0, 1, count))
    start, bend, drop = generator.uniform([60, 40], [WIDTH - 60, 160]), *generator.uniform([-160, 260], [160, 420])
    centres = start + np.stack([bend * t**2, drop * t], axis=1) + generator.normal(0, 12, (count, 2))
    tone = _vary((178, 164, 82), 18, generator)
    for (x, y), tilt in zip(centres, generator.normal(90, 24, count), strict=True):
        grain = ((float(x), float(y)), (16.0, 7.0), float(tilt))
        cv2.ellipse(scene, grain, _vary(tone, 8, generator).tolist(), -1, cv2.LINE_AA)
        if sick and generator.random() < 0.7:
            base = ((float(x), float(y) - 5), (6.0, 5.0), float(tilt))
            cv2.ellipse(scene, base, BARK, -1, cv2.LINE_AA)


def _sprinkle(scene: Pixels, generator: Rng) -> None:
    """Dirt and dew, of the size of small lesions, on every label alike."""
    for tone, most in (((92, 70, 48), 50), ((232, 236, 232), 30)):
        number = int(most * generator.random() ** 2)
        for x, y in generator.uniform([0, 0], [WIDTH, HEIGHT], (number, 2)):
            size = tuple(generator.uniform(2, 7, 2).tolist())
            cv2.ellipse(scene, ((x, y), size, generator.uniform(0, 180)), tone, -1, cv2.LINE_AA)


def _expose(scene: Pixels, generator: Rng) -> Pixels:
    """Focus, light, white balance and the sensor's noise."""
    blurred = cv2.GaussianBlur(scene, (0, 0), generator.uniform(0.3, 1.0))
    light = generator.uniform(0.7, 1.25) * (1 + 0.25 * _noise(HEIGHT, WIDTH, (3, 3), generator))
    grain = generator.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8).astype(np.float32) - 127.5
    grain *= np.float32(generator.uniform(0.015, 0.07))
    gains = generator.normal(1, 0.045, 3)
    exposed = []
    for gain, plane in zip(gains, cv2.split(blurred), strict=True):
        lit = light * plane  # in place from here on: fresh pages cost more than the sums
        lit *= np.float32(gain)
        lit += grain
        exposed.append(np.clip(lit, 0, 255, out=lit).astype(np.uint8))
    return np.asarray(cv2.merge(exposed), np.uint8)
