"""Optimizers by name, with a learning-rate schedule."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

# Listed here, since params.yaml is checked before the five seconds that `import keras` takes;
# a test holds the list against keras.optimizers.
_CLASSES = (
    "Adadelta", "Adafactor", "Adagrad", "Adam", "Adamax", "AdamW", "Ftrl", "Lamb", "Lion", "Muon", "Nadam", "RMSprop",
    "ScheduleFreeAdamW", "SGD",
)  # fmt: skip
OPTIMIZERS = tuple(name.lower() for name in _CLASSES)


def build_optimizer(name: str, learning_rate: float | None, schedule: str, total_steps: int) -> "keras.Optimizer":
    """Build a Keras optimizer.

    `learning_rate` is the peak; None takes the optimizer's own default. `schedule` is `constant`, or `cosine`:
    down to zero over `total_steps` steps (SGDR, arXiv:1608.03983, without restarts).
    """
    import keras

    optimizer = getattr(keras.optimizers, _CLASSES[OPTIMIZERS.index(name)])()
    rate = learning_rate if learning_rate is not None else float(optimizer.learning_rate)
    configuration = optimizer.get_config()
    configuration["learning_rate"] = (
        keras.optimizers.schedules.CosineDecay(rate, decay_steps=total_steps) if schedule == "cosine" else rate
    )
    return type(optimizer).from_config(configuration)
