"""Params of training that do not go together."""

from collections.abc import Sequence

from scoretable.models.backbones import BACKBONES
from scoretable.rows.param_groups import TrainingParams
from scoretable.training.averaging import first_averaged
from scoretable.training.sizes import Size


def refuse_warmup(params: TrainingParams) -> None:
    """Raise ValueError where the learning rate is to rise in a schedule that has a course of its own."""
    if params.warmup and params.schedule in {"one_cycle", "reduce_on_plateau"}:
        raise ValueError(
            f"warmup: {params.warmup:g} does not go with schedule: {params.schedule}: set warmup to 0, or schedule to "
            "cosine or constant"
        )


def refuse_averages(params: TrainingParams, epochs: int) -> None:
    """Raise ValueError where the weights cannot be averaged as asked for."""
    if params.swa is None:
        return
    for other in ("ema", "early_stopping"):
        if getattr(params, other) is not None:
            raise ValueError(f"swa and {other} each say which weights become the model: set one of the two to null")
    if epochs - first_averaged(params.swa, epochs) < 2:
        raise ValueError(
            f"swa: {params.swa:g} of epochs: {epochs} is less than two epochs, and a mean takes two: raise one, or set "
            "swa to null"
        )


def refuse_sizes(params: TrainingParams, epochs: int, early: Sequence[Size], last: Size, model: str) -> None:
    """Raise ValueError where the images cannot have the sizes `early` before the size `last`, in pixels."""
    if not early:
        return
    smallest, patch = BACKBONES[model].minimum_size, BACKBONES[model].patch
    if patch > 1:
        raise ValueError(
            f"early_sizes do not go with model: {model}, which is built for images of one size: set "
            "early_sizes to null, or choose a convolutional network"
        )
    if params.early_stopping is not None:
        raise ValueError("early_sizes and early_stopping do not go together, as epochs of other sizes do not compare")
    if len(early) >= epochs:
        raise ValueError(f"early_sizes: {len(early)} sizes and image_size take more than epochs: {epochs}: name fewer")
    for height, width in early:
        if min(height, width) < smallest or height > last[0] or width > last[1]:
            raise ValueError(
                f"early_sizes: {height}x{width} must be within image_size: {last[0]}x{last[1]}, and have at least "
                f"{smallest} pixels per side for this model"
            )
