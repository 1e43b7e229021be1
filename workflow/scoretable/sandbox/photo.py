"""Draws the photo-like rice leaves of the `sandbox` competition. Nothing here is a photograph."""

import cv2
import numpy as np

from scoretable.sandbox.blade import (
    BARK,
    BLADE_LENGTH,
    SOUND,
    STRAW,
    STYLES,
    Pixels,
    Rgb,
    Rng,
    draw_blade,
    noise,
    vary,
)

HEIGHT, WIDTH = 640, 480  # Paddy Doctor's upright photos

PLANTS: Rgb = (62, 92, 44)
# Soil, water, sky and other plants: colour, roughness, lumps high and wide.
BACKDROPS: tuple[tuple[Rgb, int, tuple[int, int]], ...] = (
    ((112, 88, 66), 38, (50, 38)),
    ((112, 122, 122), 14, (50, 12)),
    ((192, 204, 214), 8, (50, 38)),
    (PLANTS, 16, (50, 38)),
)


def draw_leaf(label: str, generator: np.random.Generator) -> Pixels:
    """Draw one picture of `label`: uint8 RGB, shape (640, 480, 3).

    Everything random comes from `generator`. Raises KeyError for an unknown `label`.
    """
    style = STYLES[label]
    scene = _background(generator)
    angle, zoom, severity = generator.normal(90, 22), generator.uniform(0.85, 1.2), generator.uniform(0.35, 1.1)
    green = np.array([generator.uniform(70, 135), generator.uniform(125, 175), generator.uniform(35, 85)])
    if generator.random() < 0.3:  # an old leaf, dry all over
        old = draw_blade(SOUND, generator.uniform(60, 120), vary(STRAW, 18, generator), 0, generator)
        _paste(scene, old, angle + generator.normal(0, 40), zoom, generator)
    for _ in range(generator.integers(1, 4)):
        blade = draw_blade(style, generator.uniform(110, 190), vary(green, 8, generator), severity, generator)
        _paste(scene, blade, angle + generator.normal(0, 14), zoom, generator)
    if style.organ == "heart":
        heart = draw_blade(SOUND, generator.uniform(26, 48), vary(STRAW, 14, generator), 0, generator)
        _paste(scene, heart, angle, zoom, generator)
    if style.organ == "panicle" or generator.random() < 0.3:
        _draw_panicle(scene, style.organ == "panicle", generator)
    _sprinkle(scene, generator)
    return _expose(scene, generator)


def _background(generator: Rng) -> Pixels:
    """Soil, water, sky or other plants, all out of focus: drawn at a quarter of the size."""
    height, width = HEIGHT // 4, WIDTH // 4
    base, rough, cells = BACKDROPS[generator.integers(len(BACKDROPS))]
    lumps = noise(height, width, (9, 7), generator) + noise(height, width, cells, generator)
    scene = vary(base, 16, generator).astype(np.float32) + rough * lumps[..., None]
    small = np.ascontiguousarray(np.clip(scene, 0, 255).astype(np.uint8))
    for _ in range(generator.integers(10, 26) if base == PLANTS else generator.integers(0, 5)):
        ends = generator.uniform([-20, -20], [width + 20, height + 20], (2, 2)).astype(int)
        tone = vary((86, 122, 52), 22, generator).tolist()
        cv2.line(small, ends[0].tolist(), ends[1].tolist(), tone, int(generator.integers(4, 22)), cv2.LINE_AA)
    blurred = cv2.GaussianBlur(small, (0, 0), generator.uniform(0.6, 3))
    return np.asarray(cv2.resize(blurred, (WIDTH, HEIGHT)), np.uint8)


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
    tone = vary((178, 164, 82), 18, generator)
    for (x, y), tilt in zip(centres, generator.normal(90, 24, count), strict=True):
        grain = ((float(x), float(y)), (16.0, 7.0), float(tilt))
        cv2.ellipse(scene, grain, vary(tone, 8, generator).tolist(), -1, cv2.LINE_AA)
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
    light = generator.uniform(0.7, 1.25) * (1 + 0.25 * noise(HEIGHT, WIDTH, (3, 3), generator))
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
