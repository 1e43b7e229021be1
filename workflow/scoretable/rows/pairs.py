"""Params of training that do not go together."""

from scoretable.rows.param_groups import TrainingParams
from scoretable.training.averaging import first_averaged


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
