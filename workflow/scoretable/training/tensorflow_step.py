"""The training step and the evaluation step on TensorFlow."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from scoretable.devices.replicas import Replicas
from scoretable.training.averaging import Average
from scoretable.training.batches import fill_up, stack_feeds, take_part
from scoretable.training.objective import Figures, Objective


class TensorFlowStep:
    """Steps over Keras variables in place; `trained` are those that the optimizer moves in this phase."""

    def __init__(
        self, objective: Objective, optimizer: Any, trained: list[keras.Variable], xla: bool, replicas: Replicas,
        longest_call: int, accumulate: int, average: Average | None,
    ) -> None:  # fmt: skip
        import tensorflow as tf

        self.tf, self.objective, self.optimizer, self.trained = tf, objective, optimizer, trained
        self.replicas, self.longest_call, self.accumulate = replicas, longest_call, accumulate
        self.average = average
        self._train = tf.function(self._on_all(self._steps), jit_compile=xla)
        self._evaluate = tf.function(self._on_all(objective.evaluate), jit_compile=xla)

    def _on_all(self, step: Callable[..., Any]) -> Callable[..., Any]:
        strategy = self.replicas.strategy
        return step if strategy is None else lambda *arguments: strategy.run(step, args=arguments)

    def train(self, resident: Any, feeds: Sequence[Any]) -> None:
        """Train on the feeds of some steps, as `Replicas.put` gives them."""
        self._train(resident, *fill_up(feeds, self.longest_call))

    def evaluate(self, feed: Any) -> Any:
        """Take one ordered batch into the figures, and return the model's outputs (B, outputs), on the device."""
        return self.replicas.gather(self._evaluate(feed))

    def figures(self) -> Figures:
        """Return the figures since the last reset."""
        return self.objective.figures()

    def reset_figures(self) -> None:
        """Reset the figures."""
        self.objective.reset()

    def write_back(self) -> None:
        """Nothing: the variables are always what the last step left."""

    def read_in(self) -> None:
        """Nothing: steps read the variables."""

    def _steps(self, resident: Any, feeds: list[Any], steps: Any) -> None:
        if self.longest_call == 1:
            self._step(resident, feeds[0])
            return
        stacked = stack_feeds(feeds)

        def body(index: Any) -> Any:
            self._step(resident, {name: array[index] for name, array in stacked.items()})
            return index + 1

        self.tf.while_loop(lambda index: index < steps, body, [self.tf.constant(0)], parallel_iterations=1)

    def _step(self, resident: Any, feed: dict[str, Any]) -> None:
        pixels, targets = self.objective.batch(resident, feed)
        gradients = self._part(pixels, targets) if self.accumulate == 1 else self._accumulated(pixels, targets)
        self.optimizer.apply(gradients, self.trained)
        if self.average is not None:
            self.average.follow()

    def _accumulated(self, pixels: Any, targets: Any) -> list[Any]:
        def add(index: Any, *sums: Any) -> tuple[Any, ...]:
            more = self._part(*(take_part(array, index, self.accumulate) for array in (pixels, targets)))
            return index + 1, *(a if b is None else a + b for a, b in zip(sums, more, strict=True))

        start = self.tf.constant(0), *(ops.zeros_like(variable.value) for variable in self.trained)
        gradients = self.tf.while_loop(lambda index, *_: index < self.accumulate, add, start, parallel_iterations=1)[1:]
        return list(gradients)

    def _part(self, pixels: Any, targets: Any) -> list[Any]:
        """Count a part of a batch, or all of it, and return what it adds to the gradients."""
        with self.tf.GradientTape() as tape:
            loss, predictions = self.objective.training_loss(pixels, targets)
            # The gradients of replicas and of parts are added.
            scaled = self.optimizer.scale_loss(loss) / (self.replicas.count * self.accumulate)
        gradients = tape.gradient(scaled, [variable.value for variable in self.trained])
        self.objective.count(loss, targets, predictions)
        return gradients
