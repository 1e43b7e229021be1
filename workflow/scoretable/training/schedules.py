"""Learning-rate schedules: a rate for every step, or one that follows the validation."""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

SCHEDULES = ("constant", "cosine", "one_cycle", "reduce_on_plateau")

ONE_CYCLE_RISE = 0.3  # share of the steps; with the divisors below as in fastai's fit_one_cycle (arXiv:1708.07120)
ONE_CYCLE_START = 25.0
ONE_CYCLE_END = 1e4
PLATEAU_FACTOR = 0.3
PLATEAU_PATIENCE = 3  # epochs


def build_schedule(
    name: str, rate: float, total_steps: int, warmup: float
) -> "float | keras.optimizers.schedules.LearningRateSchedule":
    """Return the rate, or a Keras schedule with `rate` as its peak.

    `warmup` is the share of `total_steps` in which the rate rises from zero. `cosine` falls to zero over the rest
    (arXiv:1608.03983, without restarts); `one_cycle` rises and falls by its own course. `reduce_on_plateau` starts
    at `rate` and is lowered by `plateau_rate`.
    """
    from keras.optimizers import schedules

    if name == "one_cycle":
        return _one_cycle()(rate, total_steps)
    rising = round(warmup * total_steps)
    if name == "cosine":
        start, target = (0.0, rate) if rising else (rate, None)
        return schedules.CosineDecay(start, total_steps - rising, warmup_target=target, warmup_steps=rising)
    return schedules.PolynomialDecay(0.0, rising, end_learning_rate=rate) if rising else rate


def plateau_rate(rate: float, ranks: list[tuple[float, float]]) -> float:
    """Return the rate after these epochs: times 0.3 whenever three epochs in a row were not the best so far.

    ranks: of each epoch, larger where it is better (see `early_stopping.rank_epochs`).
    """
    best, waited = (-math.inf, -math.inf), 0
    for rank in ranks:
        best, waited = (rank, 0) if rank > best else (best, waited + 1)
        if waited == PLATEAU_PATIENCE:
            rate, waited = rate * PLATEAU_FACTOR, 0
    return rate


def _one_cycle() -> Any:
    import keras
    from keras import ops

    class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
        """Cosine from rate/25 up to rate, and down to rate/10,000."""

        def __init__(self, rate: float, total_steps: int) -> None:
            self.rate, self.total_steps = rate, total_steps

        def __call__(self, step: Any) -> Any:
            progress = ops.cast(step, "float32") / self.total_steps
            up = _between(self.rate / ONE_CYCLE_START, self.rate, progress / ONE_CYCLE_RISE)
            down = _between(self.rate, self.rate / ONE_CYCLE_END, (progress - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE))
            return ops.where(progress < ONE_CYCLE_RISE, up, down)

        def get_config(self) -> dict[str, Any]:
            return {"rate": self.rate, "total_steps": self.total_steps}

    return OneCycle


def _between(start: float, end: float, progress: Any) -> Any:
    from keras import ops

    return end + (start - end) * (1 + ops.cos(math.pi * ops.clip(progress, 0.0, 1.0))) / 2
