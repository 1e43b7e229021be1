"""The params that rerun a reported row, at full size or scaled down."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from scoretable.competition.description import COMPETITIONS, Competition
from scoretable.models.backbones import BACKBONES, nearest_side
from scoretable.rows.params import Params, parse_image_size
from scoretable.table.reported_rows import TABLES, ReportedRow
from scoretable.workspace.errors import InputError

SCALED_MOMENTUM = 0.9  # the default of params.yaml, for short trainings
FULL_SIZE: Mapping[str, float] = {"images": 1.0, "epochs": 1.0, "size": 1.0}
NEEDED = ("model", "image_size", "epochs")


def row_params(
    row: ReportedRow, scale: Mapping[str, float], competition: str, home: Competition, is_drawn: bool = False
) -> dict[str, Any]:
    """Return the params that rerun a row, on any competition, scaled down where `scale` has factors below 1.

    home: the row's own competition, whose number of images the factor is of. What the row leaves open is what it says
    to assume, or else the default of params.yaml. An image is no smaller than its network takes, a number of epochs or
    steps no smaller than 1. A sandbox (is_drawn) draws the scaled number of images; of other competitions an epoch
    takes the scaled number of batches. Scaled rows take fewer steps than the moving averages of batch normalisation
    need at Keras' own momentum, so theirs is lower. Raises InputError where the row or `home` says too little.
    """
    params = {**row.assumed, **row.params}
    lacking = [name for name in NEEDED if params.get(name) is None]
    if lacking:
        raise InputError(
            f"row {row.number} of {TABLES}/{row.table}.csv does not say its {', '.join(lacking)}, which a rerun "
            "needs: fill in the cells."
        )
    params |= {
        "competition": competition,
        "image_size": _scaled_size(params["image_size"], scale["size"], params["model"]),
        "epochs": _scaled(params["epochs"], scale["epochs"]),
    }
    if scale["images"] < 1 or scale["epochs"] < 1:
        params["batch_norm_momentum"] = SCALED_MOMENTUM
    if is_drawn and (scale["images"] < 1 or home.train_images):
        params["sandbox_images"] = max(40, round(sum(_count_images(home)) * scale["images"]))
    if scale["images"] == 1:
        return params
    if params.get("steps_per_epoch") is not None:
        params["steps_per_epoch"] = _scaled(params["steps_per_epoch"], scale["images"])
    elif not is_drawn:
        whole = Params(**{name: params[name] for name in ("batch_size", "validation") if name in params})
        trained = _count_images(home)[0] * (1 - whole.validation)
        params["steps_per_epoch"] = _scaled(math.ceil(trained / whole.batch_size), scale["images"])
    return params


def parse_scale(texts: Sequence[str]) -> dict[str, float]:
    """Return the factors of `--scale`: one number for all, or images=0.1, epochs=0.2, size=0.5; the others are 1."""
    scale = dict(FULL_SIZE)
    for text in (part for given in texts for part in given.split(",")):
        name, separator, factor = text.rpartition("=")
        names = [name] if separator else list(scale)
        try:
            value = float(factor)
        except ValueError:
            value = 0.0
        if not 0 < value <= 1 or not set(names) <= set(scale):
            raise InputError(
                f"--scale {text} is not a factor: give one above 0 and up to 1, such as 0.1, or "
                "images=0.1,epochs=0.2,size=0.5."
            )
        scale |= dict.fromkeys(names, value)
    return scale


def describe_scale(scale: Mapping[str, float]) -> str:
    """Return 'images x 0.1, epochs x 0.2', or '' at full size."""
    return ", ".join(f"{name} x {factor:g}" for name, factor in scale.items() if factor != 1)


def _count_images(home: Competition) -> tuple[int, int]:
    """Return the numbers of a competition's training and test images."""
    if home.train_images is None or home.test_images is None:
        raise InputError(
            f"{COMPETITIONS}/{home.name}.yaml does not say train_images and test_images, of which --scale takes a "
            "share: add both keys, or scale epochs and size only, as with --scale epochs=0.1,size=0.5."
        )
    return home.train_images, home.test_images


def _scaled_size(size: int | str, factor: float, model: str) -> int | str:
    if factor == 1 or model not in BACKBONES:  # of which the latter is refused later
        return size
    height, width = (nearest_side(model, side * factor) for side in parse_image_size(size))
    return height if height == width else f"{height}x{width}"


def _scaled(number: int, factor: float) -> int:
    return max(1, round(number * factor))
