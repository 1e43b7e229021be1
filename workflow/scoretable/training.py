"""The training loop: a recipe, a cache and a checkpoint in, a trained model and its history out."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from scoretable.batches import OrderedBatches, TrainingBatches
from scoretable.checkpoint import History, load_checkpoint, save_checkpoint
from scoretable.errors import TimeLimitReached
from scoretable.folds import split_fold
from scoretable.image_cache import ImageCache
from scoretable.metrics import build_metrics
from scoretable.model import build_classifier
from scoretable.optimizers import build_optimizer
from scoretable.precision import suggest_precision
from scoretable.progress import EpochBar
from scoretable.targets import measure_units

Figures = dict[str, float]


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained; the fields are the params of the same names.

    Nothing is left open but None for `batch_norm_momentum` (the backbone's own), `learning_rate` (the optimizer's
    own), `steps_per_epoch` (each image once) and `precision` (what the hardware is fast at).
    """

    backbone: str
    weights: str | None
    dropout: float
    batch_norm_momentum: float | None
    activation: str
    loss: str
    metrics: tuple[str, ...]
    optimizer: str
    learning_rate: float | None
    schedule: str
    batch_size: int
    epochs: int
    steps_per_epoch: int | None
    augment: str
    folds: int
    fold: int
    seed: int
    precision: str | None


@dataclass(frozen=True)
class Trained:
    """A trained model, one history entry an epoch, and what it took in this session."""

    model: keras.Model
    history: History
    seconds: float
    images: int


def train(cache: ImageCache, recipe: Recipe, checkpoint: Path, max_hours: float | None = None) -> Trained:
    """Train on one fold's images, going on from `checkpoint` where it exists.

    Epochs already done count as done; an interrupted training ends with the same weights as one that was not.
    Raises TimeLimitReached before the epoch that would pass `max_hours` of this session.
    """
    started = time.monotonic()
    keras.utils.set_random_seed(recipe.seed)
    _make_deterministic()
    keras.config.set_dtype_policy(recipe.precision or suggest_precision())
    rows, held_out = split_fold(cache.labels, recipe.folds, recipe.fold, recipe.seed)
    batches = TrainingBatches(
        cache.train_images, cache.targets, rows,
        recipe.batch_size, recipe.steps_per_epoch, recipe.augment, recipe.seed,
    )  # fmt: skip
    validation = OrderedBatches(cache.train_images, held_out, recipe.batch_size, cache.targets)
    model = _compile(recipe, cache, rows, total_steps=recipe.epochs * len(batches))
    history = load_checkpoint(checkpoint, model)
    resumed_at = len(history)
    with EpochBar(recipe.epochs, len(batches), resumed_at, recipe.metrics[0]) as bar:
        for epoch in range(resumed_at, recipe.epochs):
            epoch_started = time.monotonic()
            figures = _train_epoch(model, batches.epoch(epoch), bar) | _validate(model, validation)
            history.append({"epoch": epoch + 1, **figures, "learning_rate": _learning_rate(model)})
            bar.close_epoch(history[-1])
            if epoch + 1 < recipe.epochs:
                save_checkpoint(checkpoint, model, history)
                now = time.monotonic()
                _stop_in_time(history, recipe.epochs, now - started, now - epoch_started, max_hours)
    images = (len(history) - resumed_at) * batches.images_per_epoch
    return Trained(model, history, time.monotonic() - started, images)


def _train_epoch(model: keras.Model, batches: Iterator[tuple[np.ndarray, np.ndarray]], bar: EpochBar) -> Figures:
    # Not model.fit: it feeds arrays through tf.data's generator, which makes the allocator give memory back after
    # every step (M_TRIM_THRESHOLD); on two cores that took two thirds of the speed. Nor train_on_batch, which starts
    # the metrics anew with each batch.
    model.reset_metrics()
    figures: Figures = {}
    for batch in batches:
        figures = _as_floats(model.train_function(iter([batch])))
        bar.update(figures)
    return figures


def _validate(model: keras.Model, batches: OrderedBatches) -> Figures:
    model.reset_metrics()
    figures: Figures = {}
    for batch in batches:
        figures = _as_floats(model.test_function(iter([batch])))
    return {f"val_{name}": value for name, value in figures.items()}


def _as_floats(figures: dict[str, Any]) -> Figures:
    return {name: float(keras.ops.convert_to_numpy(value)) for name, value in figures.items()}


def _learning_rate(model: keras.Model) -> float:
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))


def _stop_in_time(history: History, epochs: int, seconds: float, epoch_seconds: float, max_hours: float | None) -> None:
    if max_hours is not None and seconds + epoch_seconds > max_hours * 3600:
        raise TimeLimitReached(
            f"max_hours: stopped after {seconds / 3600:.2f} h with epoch {len(history)} of {epochs} done; the same "
            "command goes on from there."
        )


def _make_deterministic() -> None:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _compile(recipe: Recipe, cache: ImageCache, rows: np.ndarray, total_steps: int) -> keras.Model:
    height, width = cache.train_images.shape[1:3]
    model = build_classifier(
        recipe.backbone, recipe.weights, height, width, cache.targets.shape[1], recipe.activation, recipe.dropout,
        recipe.batch_norm_momentum, measure_units(cache.targets[rows], cache.task),
    )  # fmt: skip
    optimizer = build_optimizer(recipe.optimizer, recipe.learning_rate, recipe.schedule, total_steps)
    model.compile(optimizer=optimizer, loss=recipe.loss, metrics=build_metrics(recipe.metrics, cache.task))
    model.optimizer.build(model.trainable_variables)
    model.test_on_batch(cache.train_images[:1], cache.targets[:1])  # builds the metrics
    model.make_train_function()
    model.make_test_function()
    return model
