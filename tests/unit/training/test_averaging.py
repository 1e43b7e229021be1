"""The average is that of the weights and of batch normalisation's statistics, and becomes the model."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from scoretable.evaluation.classification import summarise
from scoretable.prediction.inference import predict_answers
from scoretable.training.averaging import Average, first_averaged
from scoretable.training.folds import split_fold
from scoretable.training.loop import Trained, train
from unit.small_training import RECIPE, small_cache

CONSTANT = replace(RECIPE, schedule="constant")


@pytest.fixture
def model() -> keras.Model:
    """One number, and batch normalisation of it."""
    pixel = keras.Input((1,))
    return keras.Model(pixel, keras.layers.BatchNormalization()(keras.layers.Dense(1, use_bias=False)(pixel)))


def set_all(model: keras.Model, value: float) -> None:
    model.set_weights([np.full_like(weight, value) for weight in model.get_weights()])


def values(model: keras.Model) -> list[float]:
    return [float(weight.item()) for weight in model.get_weights()]


def test_a_moving_average_follows_weights_and_statistics_by_its_momentum(model: keras.Model) -> None:
    set_all(model, 1.0)
    average = Average(model, momentum=0.75)
    set_all(model, 2.0)
    average.follow()
    average.follow()
    average.swap()
    assert values(model) == [1.4375] * 5  # 1, then 1.25, then 1.25 + 0.75 / 4
    average.swap()
    assert values(model) == [2.0] * 5


def test_what_is_taken_becomes_the_mean_and_where_it_began_does_not_count(model: keras.Model) -> None:
    average = Average(model, momentum=None)
    for number, value in enumerate((3.0, 5.0, 10.0), start=1):
        set_all(model, value)
        average.take(number)
    average.swap()
    assert values(model) == pytest.approx([6.0] * 5)


@pytest.mark.parametrize(("swa", "epochs", "first"), [(0.25, 16, 12), (1.0, 3, 0), (0.5, 5, 3), (0.3, 7, 5)])
def test_the_epochs_that_are_averaged_are_the_last_ones(swa: float, epochs: int, first: int) -> None:
    assert first_averaged(swa, epochs) == first


def test_a_training_ends_with_the_mean_of_its_last_epochs_weights_and_goes_the_way_of_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_block: None
) -> None:
    cache, taken = small_cache(), []
    take = Average.take

    def take_and_note(average: Average, number: int) -> None:
        taken.append([keras.ops.convert_to_numpy(variable.value) for variable in average.followed])
        take(average, number)

    monkeypatch.setattr(Average, "take", take_and_note)
    averaged = train(cache, replace(CONSTANT, swa=0.5), tmp_path / "a.npz")
    plain = train(cache, CONSTANT, tmp_path / "b.npz")
    assert len(taken) == 2
    for mean, *epochs in zip(followed(averaged), *taken, strict=True):
        np.testing.assert_allclose(mean, np.mean(epochs, axis=0), rtol=1e-5, atol=1e-7)
    assert all(np.array_equal(last, end) for last, end in zip(taken[1], followed(plain), strict=True))
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    loss = summarise(cache.labels[held_out], predict_answers(averaged.model, cache.train_images, held_out))["loss"]
    assert averaged.history[-1]["val_loss"] == pytest.approx(loss, rel=1e-4)
    assert averaged.history[1] == plain.history[1]


def followed(trained: Trained) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable.value) for variable in Average(trained.model, None).followed]
