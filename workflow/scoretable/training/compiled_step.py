"""The training step and the evaluation step, compiled: all arithmetic in Keras' portable operations.

Only how a backend compiles a function and takes a gradient differs, so there is one class per backend.

A step can put its batch through the network in parts, one after the other (`accumulate`), so that only a part's layers
are in memory: the gradients of the parts' means add up to that of the batch's mean, since all parts are of one size and
Keras divides a loss by the images, also where they have weights. The optimizer sees one gradient a batch. That is not
left to its `gradient_accumulation_steps`, for which each part is a step: schedules, averages, checkpoints and epochs
would count parts, and mixed images could find no partner in another part. Batch normalisation takes its statistics
over a part, and its averages move once a part.

A call makes up to `longest_call` steps: it always gets feeds for all of them, of which the last ones may be the same,
and the number of steps that it makes. So calls of fewer steps are not compiled anew.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas, own_part
from scoretable.models.max_pooling import pool_by_slices
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


class JaxStep:
    """Steps that take the whole state and return it; Keras variables are brought up to date on `write_back`."""

    def __init__(
        self, objective: Objective, optimizer: Any, trained: list[keras.Variable], xla: bool, replicas: Replicas,
        longest_call: int, accumulate: int, average: Average | None,
    ) -> None:  # fmt: skip
        import jax

        self.jax, self.objective, self.optimizer, self.replicas = jax, objective, optimizer, replicas
        self.longest_call, self.accumulate, self.average = longest_call, accumulate, average
        inner = getattr(optimizer, "inner_optimizer", optimizer)
        self.weights: list[keras.Variable] = list(inner._trainable_variables)
        moved = {id(variable) for variable in trained}
        self.moves = [id(variable) in moved for variable in self.weights]
        known = {id(variable) for variable in self.weights}
        self.others = [variable for variable in objective.model.variables if id(variable) not in known]
        self.others += average.variables if average is not None else []
        self._train = jax.jit(self._steps, donate_argnums=0)
        self._evaluate = jax.jit(self._evaluate_step, donate_argnums=2)
        self.read_in()

    def read_in(self) -> None:
        """Take the state from the Keras variables."""
        self.state: Any = tuple(self._values(group) for group in self._groups())

    def write_back(self) -> None:
        """Give the state to the Keras variables."""
        for group, values in zip(self._groups(), self.state, strict=True):
            self._assign(group, values)

    def _values(self, variables: list[keras.Variable]) -> list[Any]:
        return [self.replicas.replicate(self._copy(variable.value)) for variable in variables]

    def _assign(self, variables: list[keras.Variable], values: list[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(self._copy(value))

    def _copy(self, value: Any) -> Any:
        """Copy a value, since the buffers of the state are given away to the next step; to a device that is named.

        JAX compiles a step anew for arrays that are bound to the same device as before, but in another way.
        """
        return self.jax.device_put(self.jax.numpy.array(value), self.jax.devices()[0])

    def _groups(self) -> tuple[list[keras.Variable], ...]:
        return self.weights, self.others, self.optimizer.variables, self.objective.metric_variables

    def train(self, resident: Any, feeds: Sequence[Any]) -> None:
        """Train on the feeds of some steps, as `Replicas.put` gives them."""
        self.state = self._train(self.state, resident, *fill_up(feeds, self.longest_call))

    def evaluate(self, feed: Any) -> Any:
        """Take one ordered batch into the figures, and return the model's outputs (B, outputs), on the device."""
        weights, others, optimizer, metrics = self.state
        metrics, outputs = self._evaluate(weights, others, metrics, feed)
        self.state = weights, others, optimizer, metrics
        return outputs

    def figures(self) -> Figures:
        """Return the figures since the last reset."""
        self._assign(self.objective.metric_variables, self.state[3])
        return self.objective.figures()

    def reset_figures(self) -> None:
        """Reset the figures."""
        self.objective.reset()
        self.state = *self.state[:3], self._values(self.objective.metric_variables)

    def _steps(self, state: Any, resident: Any, feeds: Any, steps: Any) -> Any:
        if self.longest_call == 1:  # on a CPU, XLA is many times slower within a loop
            return self._step(state, resident, feeds[0])
        stacked = stack_feeds(feeds)

        def body(index: Any, state: Any) -> Any:
            return self._step(state, resident, {name: array[index] for name, array in stacked.items()})

        return self.jax.lax.fori_loop(0, steps, body, state)

    def _step(self, state: Any, resident: Any, feed: Any) -> Any:
        weights, _, optimizer, _ = state
        pixels, targets = self.objective.batch(resident, feed)
        part = self._part if self.accumulate == 1 else self._accumulated
        gradients, others, metrics = part(state, pixels, targets)
        gradients = [g if moves else ops.zeros_like(g) for g, moves in zip(gradients, self.moves, strict=True)]
        stepped, optimizer = self.optimizer.stateless_apply(optimizer, gradients, weights)
        weights = [new if moves else old for new, old, moves in zip(stepped, weights, self.moves, strict=True)]
        if self.average is not None:
            others = self._averaged(self.average, weights, others)
        return weights, others, optimizer, metrics

    def _averaged(self, average: Average, weights: list[Any], others: list[Any]) -> list[Any]:
        mapping = self._mapping((self.weights, weights), (self.others, others))
        with keras.StatelessScope(state_mapping=mapping) as scope:
            average.follow()
        return [scope.get_current_value(variable) for variable in self.others]

    def _accumulated(self, state: Any, pixels: Any, targets: Any) -> tuple[list[Any], list[Any], list[Any]]:
        weights, others, optimizer, metrics = state

        def add(index: Any, sums: Any) -> Any:
            part = (take_part(array, index, self.accumulate) for array in (pixels, targets))
            more, others, metrics = self._part((weights, sums[1], optimizer, sums[2]), *part)
            return [a + b for a, b in zip(sums[0], more, strict=True)], others, metrics

        return self.jax.lax.fori_loop(0, self.accumulate, add, ([ops.zeros_like(w) for w in weights], others, metrics))

    def _part(self, state: Any, pixels: Any, targets: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Count a part of a batch, or all of it; return what it adds to the gradients, other variables and metrics."""
        weights, others, optimizer, metrics = state

        def loss_of(weights: Any) -> Any:
            mapping = self._mapping(
                (self.weights, weights), (self.others, others), (self.optimizer.variables, optimizer)
            )
            with keras.StatelessScope(state_mapping=mapping) as scope:
                loss, predictions = self.objective.training_loss(pixels, targets)
                scaled = self.optimizer.scale_loss(loss) / self.accumulate
            after = [scope.get_current_value(variable) for variable in self.others]
            return scaled, (loss, predictions, after)

        (_, seen), gradients = self.jax.value_and_grad(loss_of, has_aux=True)(weights)
        loss, predictions, others = seen
        mapping = self._mapping((self.objective.metric_variables, metrics))
        count, _ = self._counted(mapping, lambda: self.objective.count(loss, targets, predictions))
        return gradients, others, count

    def _evaluate_step(self, weights: Any, others: Any, metrics: Any, feed: Any) -> tuple[list[Any], Any]:
        groups = (self.weights, weights), (self.others, others), (self.objective.metric_variables, metrics)
        return self._counted(self._mapping(*groups), lambda: self.objective.evaluate(feed))

    def _counted(self, mapping: list[tuple[keras.Variable, Any]], count: Callable[[], Any]) -> tuple[list[Any], Any]:
        with keras.StatelessScope(state_mapping=mapping) as scope:
            returned = count()
        return [scope.get_current_value(variable) for variable in self.objective.metric_variables], returned

    @staticmethod
    def _mapping(*groups: tuple[list[keras.Variable], Any]) -> list[tuple[keras.Variable, Any]]:
        return [pair for variables, values in groups for pair in zip(variables, values, strict=True)]


def compile_step(
    objective: Objective, optimizer: Any, trained: list[keras.Variable], device: Device, replicas: Replicas,
    longest_call: int, accumulate: int, average: Average | None = None,
) -> Any:  # fmt: skip
    """Return the step of the backend that Keras runs on, compiled by XLA for JAX, and for TensorFlow on one GPU.

    average: what follows each step, if anything does.

    On a CPU, TensorFlow's own kernels are faster, and several GPUs add up their gradients outside of what XLA compiles.
    """
    xla = objective.xla = keras.backend.backend() == "jax" or (device.is_gpu and replicas.count == 1)
    if xla:
        pool_by_slices(objective.model)
    if replicas.strategy is not None:
        objective.own_part, objective.parts = own_part(replicas), replicas.count
    kinds = {"tensorflow": TensorFlowStep, "jax": JaxStep}
    parts = objective, optimizer, trained, xla, replicas, longest_call, accumulate, average
    return kinds[keras.backend.backend()](*parts)
