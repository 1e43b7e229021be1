"""Optimizers by name, with a schedule."""

import keras
import pytest
from scoretable.optimizers import OPTIMIZERS, build_optimizer


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_name_is_an_optimizer_of_keras(name: str) -> None:
    assert build_optimizer(name, 0.01, "constant", 10).__class__.__name__.lower() == name


def test_the_list_is_all_that_keras_has() -> None:
    classes = [value for value in vars(keras.optimizers).values() if isinstance(value, type)]
    concrete = {cls.__name__.lower() for cls in classes if issubclass(cls, keras.optimizers.Optimizer)}
    assert concrete - {"optimizer", "lossscaleoptimizer", "multioptimizer"} == set(OPTIMIZERS)


def test_without_a_rate_the_optimizer_keeps_its_own() -> None:
    assert float(build_optimizer("sgd", None, "constant", 10).learning_rate) == pytest.approx(0.01)


def test_cosine_goes_from_the_peak_to_zero() -> None:
    schedule = build_optimizer("adam", 0.5, "cosine", 10)._learning_rate
    assert float(schedule(0)) == pytest.approx(0.5)
    assert float(schedule(5)) == pytest.approx(0.25)
    assert float(schedule(10)) == pytest.approx(0.0, abs=1e-7)
