"""Optimizers by name, with weight decay, and a lower rate for some variables."""

from typing import TYPE_CHECKING, Any

from scoretable.training.schedules import build_schedule

if TYPE_CHECKING:
    import keras

# Listed here, since params.yaml is checked before the five seconds that `import keras` takes;
# a test holds the list against keras.optimizers.
_CLASSES = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop",
    "ScheduleFreeAdamW", "SGD",
)  # fmt: skip
OPTIMIZERS = tuple(name.lower() for name in _CLASSES)


def peak_rate(name: str, learning_rate: float | None) -> float:
    """Return the highest learning rate: the one given, or the optimizer's own default."""
    return float(_class_of(name)().learning_rate) if learning_rate is None else learning_rate


def build_optimizer(
    name: str, learning_rate: float | None, schedule: str, total_steps: int, warmup: float = 0.0,
    weight_decay: float | None = None, rates: dict[int, float] | None = None,
) -> "keras.Optimizer":  # fmt: skip
    """Build a Keras optimizer.

    `learning_rate` is the peak; None takes the optimizer's own default, as None does for `weight_decay` (decoupled:
    a share of the weight times the rate). `schedule` and `warmup` as in `build_schedule`. `rates` multiplies the rate
    of the variables with these places in the list that the optimizer is built with.
    """
    kind = _class_of(name)
    configuration = kind().get_config()
    configuration["learning_rate"] = build_schedule(schedule, peak_rate(name, learning_rate), total_steps, warmup)
    if weight_decay is not None:
        configuration["weight_decay"] = weight_decay
    return _with_rates(kind, rates)(**configuration) if rates else kind(**configuration)


def _class_of(name: str) -> Any:
    import keras

    return getattr(keras.optimizers, _CLASSES[OPTIMIZERS.index(name)])


def _with_rates(kind: Any, rates: dict[int, float]) -> Any:
    class Discriminative(kind):  # type: ignore[misc]
        """Moves each variable at its own multiple of the learning rate (arXiv:1801.06146, discriminative tuning)."""

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            multiple = rates.get(self._get_variable_index(variable), 1.0)
            super().update_step(gradient, variable, learning_rate * multiple)

    return Discriminative
