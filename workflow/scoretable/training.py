"""The training loop: a recipe, a cache and a checkpoint in, a trained model and its history out."""

import time
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
from scoretable.model import build_classifier
from scoretable.optimizers import build_optimizer
from scoretable.precision import suggest_precision
from scoretable.progress import EpochBar


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained; the fields are the params of the same names, with nothing left open but None
    for `learning_rate` (the optimizer's), `steps_per_epoch` (each image once) and `precision` (the hardware's).
    """

    backbone: str
    weights: str | None
    dropout: float
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
    keras.utils.set_random_seed(recipe.seed)
    _make_deterministic()
    keras.config.set_dtype_policy(recipe.precision or suggest_precision())
    rows, held_out = split_fold(cache.labels, recipe.folds, recipe.fold, recipe.seed)
    classes = len(cache.classes)
    batches = TrainingBatches(
        cache.train_images, cache.labels, classes, rows,
        recipe.batch_size, recipe.steps_per_epoch, recipe.augment, recipe.seed,
    )  # fmt: skip
    validation = OrderedBatches(cache.train_images, held_out, recipe.batch_size, cache.labels, classes)
    model = _compile(recipe, cache, total_steps=recipe.epochs * len(batches))
    history = load_checkpoint(checkpoint, model)
    batches.epoch = len(history)
    session = _Session(checkpoint, history, max_hours)
    model.fit(
        batches,
        initial_epoch=len(history),
        epochs=recipe.epochs,
        validation_data=validation,
        callbacks=[EpochBar(recipe.epochs), session],
        verbose=0,
        shuffle=False,
    )
    images = _count_images(batches, epochs=len(history) - session.resumed_at)
    return Trained(model, history, session.seconds, images)


def _make_deterministic() -> None:
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _compile(recipe: Recipe, cache: ImageCache, total_steps: int) -> keras.Model:
    height, width = cache.train_images.shape[1:3]
    model = build_classifier(
        recipe.backbone, recipe.weights, height, width, len(cache.classes), recipe.activation, recipe.dropout
    )
    optimizer = build_optimizer(recipe.optimizer, recipe.learning_rate, recipe.schedule, total_steps)
    model.compile(optimizer=optimizer, loss=recipe.loss, metrics=build_metrics(recipe.metrics))
    model.optimizer.build(model.trainable_variables)
    return model


def build_metrics(names: tuple[str, ...]) -> list[Any]:
    """Return the Keras metrics of these names; `accuracy` comes first and is always there."""
    factories = {
        "accuracy": lambda: keras.metrics.CategoricalAccuracy(name="accuracy"),
        "categorical_accuracy": keras.metrics.CategoricalAccuracy,
        "top_k_categorical_accuracy": lambda: keras.metrics.TopKCategoricalAccuracy(k=5),
        "precision": keras.metrics.Precision,
        "recall": keras.metrics.Recall,
        "auc": keras.metrics.AUC,
    }
    return [factories[name]() for name in dict.fromkeys(("accuracy", *names))]


def _count_images(batches: TrainingBatches, epochs: int) -> int:
    an_epoch = len(batches) * batches.batch_size if batches.endless else len(batches.rows)
    return epochs * an_epoch


class _Session(keras.callbacks.Callback):
    """Keep the history, write a checkpoint after each epoch, and stop in time."""

    def __init__(self, checkpoint: Path, history: History, max_hours: float | None) -> None:
        super().__init__()
        self.checkpoint, self.history = checkpoint, history
        self.resumed_at = len(history)
        self.limit = np.inf if max_hours is None else max_hours * 3600
        self.started = self.epoch_started = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch_started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        figures = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1, **figures, "learning_rate": rate})
        if epoch + 1 == self.params["epochs"]:
            return
        save_checkpoint(self.checkpoint, self.model, self.history)
        epoch_seconds = time.monotonic() - self.epoch_started
        if self.seconds + epoch_seconds > self.limit:
            raise TimeLimitReached(
                f"max_hours: stopped after {self.seconds / 3600:.2f} h with epoch {epoch + 1} of "
                f"{self.params['epochs']} done; the same command goes on from there."
            )
