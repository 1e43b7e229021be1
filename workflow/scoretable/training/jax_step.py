"""The training step and the evaluation step on JAX."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from scoretable.devices.replicas import Replicas
from scoretable.training.averaging import Average
from scoretable.training.batches import fill_up, stack_feeds, take_part
from scoretable.training.objective import Figures, Objective


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
