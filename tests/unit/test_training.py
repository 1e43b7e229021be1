"""A small real training learns, repeats itself, and goes on where it stopped."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from scoretable import backbones, training
from scoretable.errors import TimeLimitReached
from scoretable.evaluation import summarise
from scoretable.folds import split_fold
from scoretable.image_cache import ImageCache
from scoretable.inference import predict_answers
from scoretable.training import Recipe, train

RECIPE = Recipe(
    backbone="SmallCNN", weights=None, dropout=0.3, batch_norm_momentum=0.5, activation="softmax",
    loss="categorical_crossentropy", metrics=("accuracy", "auc"), optimizer="adam", learning_rate=0.003,
    schedule="cosine", batch_size=8, epochs=4, steps_per_epoch=None, augment="flip", folds=4, fold=0, seed=1,
    precision="float32",
)  # fmt: skip


@pytest.fixture(scope="module")
def cache() -> ImageCache:
    """Forty noisy pictures, red ones and green ones."""
    generator = np.random.default_rng(0)
    labels = np.arange(40) % 2
    images = generator.integers(0, 100, (40, 32, 32, 3), np.uint8)
    images[np.arange(40), :, :, labels] += 120
    table = pd.DataFrame({"id": [f"{number}.jpg" for number in range(40)], "label": np.array(["green", "red"])[labels]})
    return ImageCache(
        train_images=images,
        test_images=images[:4],
        train=table,
        test=table[["id"]][:4],
        labels=labels,
        classes=["green", "red"],
        fingerprint="none",
    )


@pytest.fixture(autouse=True)
def _plain_float32():
    yield
    keras.config.set_dtype_policy("float32")


def same_weights(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))


class _Killed(Exception):
    pass


def test_equal_recipes_give_equal_weights_and_another_seed_gives_others(cache: ImageCache, tmp_path: Path) -> None:
    one = train(cache, RECIPE, tmp_path / "a.npz")
    other = train(cache, RECIPE, tmp_path / "b.npz")
    assert same_weights(one.model, other.model)
    assert one.history == other.history
    assert not same_weights(one.model, train(cache, replace(RECIPE, seed=2), tmp_path / "c.npz").model)


def test_an_interrupted_training_ends_with_the_weights_of_one_that_was_not(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(cache, RECIPE, tmp_path / "whole.npz")
    save = training.save_checkpoint

    def die_after_the_second_epoch(path: Path, model: keras.Model, history: list) -> None:
        save(path, model, history)
        if len(history) == 2:
            raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(training, "save_checkpoint", die_after_the_second_epoch)
        with pytest.raises(_Killed):
            train(cache, RECIPE, tmp_path / "cut.npz")
    resumed = train(cache, RECIPE, tmp_path / "cut.npz")
    assert resumed.history == whole.history
    assert same_weights(resumed.model, whole.model)


def test_a_time_limit_stops_after_an_epoch_and_the_next_run_goes_on(cache: ImageCache, tmp_path: Path) -> None:
    with pytest.raises(TimeLimitReached):
        train(cache, RECIPE, tmp_path / "limited.npz", max_hours=1e-9)
    assert [entry["epoch"] for entry in train(cache, RECIPE, tmp_path / "limited.npz").history] == [1, 2, 3, 4]


def test_a_training_learns_what_can_be_learnt(cache: ImageCache, tmp_path: Path) -> None:
    recipe = replace(RECIPE, epochs=12, precision="float32", schedule="constant")
    history = train(cache, recipe, tmp_path / "x.npz").history
    assert history[-1]["loss"] < history[0]["loss"] * 0.5
    assert {"loss", "accuracy", "auc", "val_loss", "val_accuracy", "val_auc", "learning_rate"} < set(history[0])


def test_the_recorded_figures_are_those_of_all_images(cache: ImageCache, tmp_path: Path) -> None:
    trained = train(cache, replace(RECIPE, epochs=1, batch_size=7), tmp_path / "x.npz")
    _, held_out = split_fold(cache.labels, RECIPE.folds, RECIPE.fold, RECIPE.seed)
    probabilities = predict_answers(trained.model, cache.train_images, held_out)
    expected = summarise(cache.labels[held_out], probabilities)
    assert trained.history[0]["val_accuracy"] == pytest.approx(expected["accuracy"], abs=1e-6)
    assert trained.history[0]["val_loss"] == pytest.approx(expected["loss"], rel=1e-4)
    assert trained.history[0]["accuracy"] * 30 == pytest.approx(round(trained.history[0]["accuracy"] * 30), abs=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"activation": "sigmoid", "loss": "binary_crossentropy"},
        {"loss": "categorical_focal_crossentropy"},
        {"precision": "mixed_bfloat16"},
        {"precision": "mixed_float16"},
        {"steps_per_epoch": 2, "augment": "flip_shift"},
        {"optimizer": "sgd", "learning_rate": None},
    ],
)
def test_each_kind_of_recipe_trains(cache: ImageCache, tmp_path: Path, change: dict[str, object]) -> None:
    trained = train(cache, replace(RECIPE, epochs=2, **change), tmp_path / "x.npz")
    assert np.isfinite([entry["val_loss"] for entry in trained.history]).all()


@pytest.mark.parametrize("tta", ["none", "flip"])
def test_probabilities_add_up_to_one_in_the_order_of_the_rows(cache: ImageCache, tmp_path: Path, tta: str) -> None:
    model = backbones.build_backbone("SmallCNN", None, 32, 32)
    model = keras.Model(model.input, keras.layers.Dense(2, activation="sigmoid")(model.output))
    rows = np.array([5, 0, 9])
    probabilities = predict_answers(model, cache.train_images, rows, tta, batch_size=2)
    assert probabilities.shape == (3, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    alone = predict_answers(model, cache.train_images, rows[2:], tta)
    np.testing.assert_allclose(probabilities[2:], alone, rtol=1e-4)
