"""An average of the weights, beside those that are trained, which becomes the model: EMA and SWA.

Batch normalisation's moving statistics are averaged as the weights are, since they belong to weights of their time: so
timm's ModelEmaV2 does, and torch.optim.swa_utils with `use_buffers=True`. SWA's paper (Izmailov et al. 2018,
arXiv:1803.05407) takes them anew in one more pass over the images instead; but the average is the model of each
validation on the way, too, so that would be a pass an epoch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def first_averaged(swa: float, epochs: int) -> int:
    """Return from which epoch on, counted from 0, weights are averaged: over the share `swa` at the end."""
    return epochs - round(swa * epochs)


class Average:
    """The average of a model's weights and of its batch normalisation's statistics.

    Args:
        model: before any of its layers is frozen.
        momentum: of a moving average that follows each step (EMA), which begins at the weights as they are now; None
            where `take` is called with the weights of some epochs (SWA).
    """

    def __init__(self, model: "keras.Model", momentum: float | None) -> None:
        import keras

        norms = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
        statistics = [variable for layer in norms for variable in (layer.moving_mean, layer.moving_variance)]
        self.momentum = momentum
        self.followed: list[Any] = [*model.trainable_variables, *statistics]
        self.variables = [
            keras.Variable(
                keras.ops.convert_to_numpy(variable.value), trainable=False, dtype=variable.dtype,
                aggregation="only_first_replica", name=f"average_{place}",
            )
            for place, variable in enumerate(self.followed)
        ]  # fmt: skip

    def follow(self) -> None:
        """Let the moving average follow a step; part of the compiled step."""
        assert self.momentum is not None
        self._move(1 - self.momentum)

    def take(self, number: int) -> None:
        """Take in the weights as they are, the `number`-th ones, counted from 1, of those whose mean it is."""
        self._move(1 / number)

    def _move(self, share: float) -> None:
        for average, variable in zip(self.variables, self.followed, strict=True):
            average.assign(average + share * (variable - average))

    @contextmanager
    def in_place(self, step: Any) -> Iterator[None]:
        """Have the average for the weights within the block, also in a compiled step."""
        self.swap()
        step.read_in()
        yield
        self.swap()
        step.read_in()

    def swap(self) -> None:
        """Exchange the weights and their average; a second call puts them back."""
        import keras

        for variable, average in zip(self.followed, self.variables, strict=True):
            kept = keras.ops.convert_to_numpy(variable.value)
            variable.assign(average)
            average.assign(kept)
