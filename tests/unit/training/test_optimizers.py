"""Optimizers by name."""

import keras
import numpy as np
import pytest
from scoretable.training.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_name_is_an_optimizer_of_keras_that_moves_a_weight(name: str) -> None:
    optimizer = build_optimizer(name, 0.01, "constant", 10, weight_decay=0.001)
    assert optimizer.__class__.__name__.lower() == name
    weight = keras.Variable(np.ones((4, 4), np.float32), name="kernel")
    optimizer.build([weight])
    optimizer.apply([keras.ops.ones((4, 4))])
    optimizer.apply([keras.ops.ones((4, 4))])
    assert not np.array_equal(np.asarray(weight), np.ones((4, 4)))


def test_the_list_is_all_that_keras_has() -> None:
    classes = [value for value in vars(keras.optimizers).values() if isinstance(value, type)]
    concrete = {cls.__name__.lower() for cls in classes if issubclass(cls, keras.optimizers.Optimizer)}
    assert concrete - {"optimizer", "lossscaleoptimizer", "multioptimizer"} == set(OPTIMIZERS)


def test_without_a_rate_the_optimizer_keeps_its_own() -> None:
    assert float(build_optimizer("sgd", None, "constant", 10).learning_rate) == pytest.approx(0.01)


def test_a_lower_rate_moves_its_variable_less() -> None:
    optimizer = build_optimizer("adam", 0.1, "constant", 10, rates={1: 0.1})
    weights = [keras.Variable(np.zeros(3, np.float32)) for _ in range(2)]
    optimizer.build(weights)
    optimizer.apply([keras.ops.ones(3), keras.ops.ones(3)])
    whole, tenth = (np.asarray(weight) for weight in weights)
    np.testing.assert_allclose(tenth, whole / 10, rtol=1e-4)
