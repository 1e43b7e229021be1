"""Random changes of training images: drawn on the host, made as uint8 slices or inside the compiled step.

Whatever is random is drawn here with numpy, as small arrays (one row per image), from a generator that depends on the
seed and the step only. What is then done to the pixels is a plain function of these draws, so a training can be
entered at any step, and the host and the device make the same pixels of them.

Flips and crops move bytes and nothing else. `slice_pixels` does them on the host while it gathers a batch;
`slice_on_device` does the same in the step for images that live in device memory. The rest needs arithmetic:
`transform` does it in the step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoretable.training.boxes import GREY, cut_out, draw_cutout, draw_erased, draw_squares, erase, inside
from scoretable.training.geometry import as_affine, draw_crops, draw_turns, stand_still
from scoretable.training.randaugment import draw_randaugment, recolour
from scoretable.training.warping import read_pixels, warp

Draws = dict[str, np.ndarray]

CROP_REACH = 0.1  # of a side, by which a crop moves at most; the border is mirrored
COLOUR = 0.2  # brightness, contrast and saturation change by up to this share
MIXUP_ALPHA = 0.2  # of the beta distribution (arXiv:1710.09412)
CUTMIX_ALPHA = 1.0  # (arXiv:1905.04899)


@dataclass(frozen=True)
class Augmentation:
    """Which random changes are made; the fields are the params of the same names. augment: out of AUGMENTATIONS."""

    augment: tuple[str, ...] = ()
    crop_area: float = 0.35
    randaugment_magnitude: int = 9


def draw_augmentation(
    augmentation: Augmentation, batch: int, height: int, width: int, generator: np.random.Generator
) -> Draws:
    """Draw what is done to the images of one batch.

    Returns arrays with one row per image: `flip`, `flip_vertical` uint8 (B,); `shift` int32 (B, 2), down and right;
    `affine` float32 (B, 8), as keras.ops.image.affine_transform takes it; `randaugment` float32 (B, 2, 7), the colours
    of `draw_randaugment`; `colour` float32 (B, 3), factors of brightness, contrast and saturation; `cutout` and `erase`
    int32 (B, 4), top, left, bottom, right, and `noise_row` and `noise_column` uint8 of the latter; `partner` int32
    (B,), `share` float32 (B,) and `window` int32 (B, 4) of mixup and cutmix. Only those that are asked for are there.
    """
    draws: Draws = {}
    names = augmentation.augment
    for name, draw in DRAWN.items():
        if name in names:
            draws |= draw(batch, height, width, generator)
    if set(MOVED) & set(names):
        draws |= _draw_moves(augmentation, batch, height, width, generator)
    if {"mixup", "cutmix"} & set(names):
        draws |= _draw_mix(names, batch, height, width, generator)
    return draws


def _draw_flip(batch: int, height: int, width: int, generator: np.random.Generator) -> Draws:
    return {"flip": generator.integers(0, 2, batch, np.uint8)}


def _draw_flip_vertical(batch: int, height: int, width: int, generator: np.random.Generator) -> Draws:
    return {"flip_vertical": generator.integers(0, 2, batch, np.uint8)}


def _draw_shift(batch: int, height: int, width: int, generator: np.random.Generator) -> Draws:
    reach = np.array([int(height * CROP_REACH), int(width * CROP_REACH)])
    return {"shift": generator.integers(-reach, reach + 1, (batch, 2)).astype(np.int32)}


def _draw_colour(batch: int, height: int, width: int, generator: np.random.Generator) -> Draws:
    return {"colour": generator.uniform(1 - COLOUR, 1 + COLOUR, (batch, 3)).astype(np.float32)}


DRAWN: dict[str, Callable[[int, int, int, np.random.Generator], Draws]] = {
    "flip": _draw_flip,
    "flip_vertical": _draw_flip_vertical,
    "crop": _draw_shift,
    "colour": _draw_colour,
    "cutout": draw_cutout,
    "erase": draw_erased,
}
MOVED = ("rotate", "zoom", "resized_crop", "randaugment")
AUGMENTATIONS = (*DRAWN, *MOVED, "mixup", "cutmix")


def _draw_moves(
    augmentation: Augmentation, batch: int, height: int, width: int, generator: np.random.Generator
) -> Draws:
    """Draw all that moves pixels, as one map, and the colours of RandAugment: the crop comes first, then the latter."""
    maps, draws = stand_still(batch), {}
    if {"rotate", "zoom"} & set(augmentation.augment):
        maps = draw_turns(augmentation.augment, batch, generator)
    if "randaugment" in augmentation.augment:
        size = batch, height, width
        moves, draws["randaugment"] = draw_randaugment(augmentation.randaugment_magnitude, *size, generator)
        maps = moves @ maps
    if "resized_crop" in augmentation.augment:
        maps = draw_crops(augmentation.crop_area, batch, height, width, generator) @ maps
    return {"affine": as_affine(maps, height, width), **draws}


def _draw_mix(names: tuple[str, ...], batch: int, height: int, width: int, generator: np.random.Generator) -> Draws:
    """Partners for a batch. With both names, each batch is mixed in one of the two ways."""
    cut = "cutmix" in names and ("mixup" not in names or generator.random() < 0.5)
    alpha = CUTMIX_ALPHA if cut else MIXUP_ALPHA
    share = generator.beta(alpha, alpha, batch)
    window = np.zeros((batch, 4), np.int32)
    if cut:
        window = draw_squares(np.sqrt(1 - share), height, width, generator)
        area = (window[:, 2] - window[:, 0]) * (window[:, 3] - window[:, 1])
        share = 1 - area / (height * width)
    blend = np.ones(batch) if cut else share
    return {
        "partner": generator.permutation(batch).astype(np.int32),
        "share": share.astype(np.float32),
        "blend": blend.astype(np.float32),
        "window": window,
    }


def slice_pixels(images: Any, rows: np.ndarray, draws: Draws, out: np.ndarray | None = None) -> np.ndarray:
    """Gather `images[rows]` from uint8 (N, H, W, 3), flipped and moved as drawn: uint8 (B, H, W, 3), in `out` if given.

    A picture that does not move is written once, straight to its place.
    """
    import cv2

    if isinstance(images, np.memmap):
        images = np.asarray(images)  # a row of a memory map would be a new np.memmap object, which takes its time
    if out is None:
        out = np.empty((len(rows), *images.shape[1:]), np.uint8)
    nothing = np.zeros(len(rows), np.int32)
    mirrored, upside_down = draws.get("flip", nothing), draws.get("flip_vertical", nothing)
    shifts = draws.get("shift", np.zeros((len(rows), 2), np.int32))
    for place, row in enumerate(rows):
        image, moves = images[row], shifts[place].any()
        if mirrored[place] or upside_down[place]:
            code = -1 if mirrored[place] and upside_down[place] else int(mirrored[place])
            image = cv2.flip(image, code, dst=None if moves else out[place])
        elif not moves:
            out[place] = image
        if moves:
            _move(image, int(shifts[place, 0]), int(shifts[place, 1]), out[place])
    return out


def _move(image: np.ndarray, down: int, right: int, out: np.ndarray) -> None:
    import cv2

    height, width = image.shape[:2]
    kept = image[max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)]
    borders = (max(down, 0), max(-down, 0), max(right, 0), max(-right, 0))
    cv2.copyMakeBorder(kept, *borders, borderType=cv2.BORDER_REFLECT_101, dst=out)


def slice_on_device(pixels: Any, draws: dict[str, Any]) -> Any:
    """Flip and move a batch as `slice_pixels` does, in the compiled step: uint8 (B, H, W, 3)."""
    from keras import ops

    height, width = pixels.shape[1:3]
    if "flip" in draws:
        pixels = ops.where(draws["flip"][:, None, None, None] > 0, pixels[:, :, ::-1], pixels)
    if "flip_vertical" in draws:
        pixels = ops.where(draws["flip_vertical"][:, None, None, None] > 0, pixels[:, ::-1], pixels)
    if "shift" in draws:
        down = _mirror(ops.arange(height)[None] - draws["shift"][:, :1], height)
        right = _mirror(ops.arange(width)[None] - draws["shift"][:, 1:], width)
        # TensorFlow has no kernel that gathers bytes on a GPU.
        pixels = ops.cast(read_pixels(ops.cast(pixels, "int32"), down[:, :, None], right[:, None]), "uint8")
    return pixels


def _mirror(index: Any, size: int) -> Any:
    from keras import ops

    index = ops.abs(index)
    return ops.where(index > size - 1, 2 * (size - 1) - index, index)


def transform(pixels: Any, targets: Any, draws: dict[str, Any], xla: bool = False) -> tuple[Any, Any]:
    """Rotate, zoom, crop, recolour, cut out, erase and mix a batch, in the compiled step.

    pixels: uint8 (B, H, W, 3); targets: float32 (B, outputs); xla: whether XLA compiles the step. Returns the same
    kinds; mixed images have mixed targets.
    """
    from keras import ops

    if not {"affine", "colour", "cutout", "erase", "partner"} & set(draws):
        return pixels, targets
    images = ops.cast(pixels, "float32")
    if "affine" in draws:
        images = warp(images, draws["affine"], xla)
    if "randaugment" in draws:
        images = recolour(images, draws["randaugment"])
    if "colour" in draws:
        images = _recolour(images, draws["colour"][:, :, None, None, None])
    if "cutout" in draws:
        images = cut_out(images, draws["cutout"])
    if "erase" in draws:
        images = erase(images, draws)
    if "partner" in draws:
        images, targets = _mix(images, targets, draws)
    return ops.cast(ops.round(ops.clip(images, 0.0, 255.0)), "uint8"), targets


def _recolour(images: Any, factors: Any) -> Any:
    from keras import ops

    brightness, contrast, saturation = factors[:, 0], factors[:, 1], factors[:, 2]
    images = images * brightness
    images = (images - GREY) * contrast + GREY
    grey = ops.mean(images, axis=-1, keepdims=True)
    return grey + (images - grey) * saturation


def _mix(images: Any, targets: Any, draws: dict[str, Any]) -> tuple[Any, Any]:
    from keras import ops

    others = ops.take(images, draws["partner"], axis=0)
    blend = draws["blend"][:, None, None, None]
    images = blend * images + (1 - blend) * others
    images = ops.where(inside(draws["window"], *images.shape[1:3]), others, images)
    share = draws["share"][:, None]
    return images, share * targets + (1 - share) * ops.take(targets, draws["partner"], axis=0)
