"""Trainings that take seconds: forty noisy pictures, red ones and green ones, and sixty for each task."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scoretable.competition.targets import build_targets, group_targets
from scoretable.competition.task import Task
from scoretable.images.image_cache import ImageCache
from scoretable.training.recipe import Recipe

IMAGES = 60
COLOURS = ("red", "green", "blue")
ONE_BLOCK = (8,)  # the channels of a SmallCNN that compiles in half the time, which is most of a small training
RECIPE = Recipe(
    model="SmallCNN", weights=None, dropout=0.3, batch_norm_momentum=0.5, activation="softmax",
    loss="categorical_crossentropy", label_smoothing=0.0, class_weights="none", metrics=("accuracy",),
    optimizer="adam", learning_rate=0.003, weight_decay=None, schedule="cosine", warmup=0.0, ema=None,
    swa=None, freeze_epochs=0, unfreeze_epochs=0, backbone_rate=1.0, layer_decay=1.0, batch_size=8, epochs=4,
    early_sizes=(), accumulate=1, steps_per_epoch=None, early_stopping=None, measure=None, augment=("flip",),
    crop_area=0.35, randaugment_magnitude=9, second_target=None, second_weight=0.3, folds=4, fold=0, seed=1,
    precision="float32", deterministic=True,
)  # fmt: skip


def small_cache() -> ImageCache:
    """The cache of forty pictures of 32x32 pixels."""
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
        task="multiclass",
    )


def with_further(cache: ImageCache) -> ImageCache:
    """The small cache with two further columns, a number and a class that go with the label, each with a blank cell."""
    generator = np.random.default_rng(1)
    ages = np.round(cache.labels * 10 + generator.random(len(cache.labels)), 3).astype(str)
    hues = cache.train["label"].to_numpy(str) + generator.choice(["ish", ""], len(cache.labels))
    table = cache.train.assign(**{"further age": ["", *ages[1:]], "further hue": ["", *hues[1:]]})
    return replace(cache, train=table, further_columns={"age": "regression", "hue": "multiclass"})


def change_images(xla: bool) -> np.ndarray:
    """The small cache's first twelve pictures, changed in all ways that mix none: uint8 (12, 32, 32, 3)."""
    import keras
    from scoretable.training.augmentation import AUGMENTATIONS, Augmentation, draw_augmentation, transform

    names = tuple(name for name in AUGMENTATIONS if name not in ("mixup", "cutmix"))
    pixels = small_cache().train_images[:12]
    draws = draw_augmentation(Augmentation(names), *pixels.shape[:3], np.random.default_rng(0))
    changed, _ = transform(keras.ops.convert_to_tensor(pixels), np.zeros((12, 2), np.float32), draws, xla)
    return keras.ops.convert_to_numpy(changed)


def step_in_parts(parts: int) -> tuple[list[np.ndarray], dict[str, float], Any]:
    """Let a network without batch normalisation take one step on a mixed batch of eight, whose images have weights.

    Returns the weights after the step, its figures, and the step with what it was called with.
    """
    import keras
    from scoretable.devices.device import find_device
    from scoretable.devices.replicas import Replicas
    from scoretable.training.augmentation import Augmentation
    from scoretable.training.batches import TrainingBatches
    from scoretable.training.compiled_step import compile_step
    from scoretable.training.image_source import StreamedImages
    from scoretable.training.losses import build_losses
    from scoretable.training.metrics import build_metrics
    from scoretable.training.objective import Objective

    keras.utils.set_random_seed(0)
    cache = small_cache()
    layers = keras.layers
    pixels = keras.Input((32, 32, 3), dtype="uint8")
    features = layers.Conv2D(16, 3, activation="relu", kernel_regularizer="l2")(layers.Rescaling(1 / 255)(pixels))
    model = keras.Model(pixels, layers.Dense(2, "softmax")(layers.GlobalAveragePooling2D()(features)))
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(model.trainable_variables)
    batches = TrainingBatches(40, 8, 1, Augmentation(("mixup", "flip")), 32, 32, seed=0)
    source = StreamedImages(cache.train_images, np.arange(40), cache.targets, batches)
    objective = Objective(
        model, *build_losses("categorical_crossentropy", 0.1), build_metrics(("accuracy", "auc"), "multiclass"),
        np.array([0.2, 3.0], np.float32),
    )  # fmt: skip
    for metric in objective.metrics:  # makes their variables
        metric.update_state(np.zeros((1, 2)), np.zeros((1, 2)))
        metric.reset_state()
    feed = Replicas().put(source.feed(0))
    step = compile_step(objective, optimizer, model.trainable_variables, find_device(), Replicas(), 1, parts)
    step.train(None, [feed])
    figures = step.figures()
    step.write_back()
    return [keras.ops.convert_to_numpy(weight.value) for weight in model.trainable_variables], figures, (step, feed)


def cells(task: Task, shares: np.ndarray) -> list[str]:
    """Labels of images whose colour channels are as bright as `shares` (n, 3), from 0 to 1."""
    if task == "multilabel":
        return [" ".join(np.array(COLOURS)[row > 0.5]) for row in shares]
    if task == "ordinal":
        return [str(level) for level in (3 * shares[:, 0]).astype(int)]
    if task == "multi_regression":
        return [f"{300 + 100 * first:.3f} {second:.4f}" for first, second in shares[:, :2]]
    if task == "regression":
        return [f"{300 + 100 * share:.3f}" for share in shares[:, 0]]
    if task == "unit_regression":
        return [f"{share:.4f}" for share in shares[:, 0]]
    return [COLOURS[index] for index in shares[:, : 2 if task == "binary" else 3].argmax(axis=1)]


def draw_cache(task: Task) -> ImageCache:
    """Noisy pictures whose channels tell the answer."""
    generator = np.random.default_rng(0)
    shares = generator.random((IMAGES, 3))
    if task in ("multiclass", "binary", "multilabel"):
        shares = generator.integers(0, 2, (IMAGES, 3)).astype(float)
    if task in ("multiclass", "binary"):
        shares = np.eye(3)[generator.integers(0, 2 if task == "binary" else 3, IMAGES)]
    images = shares[:, None, None, :] * 180 + generator.integers(0, 60, (IMAGES, 32, 32, 3))
    table = pd.DataFrame({"id": [f"{number}.jpg" for number in range(IMAGES)], "label": cells(task, shares)})
    numbers = {"regression": [], "unit_regression": [], "multi_regression": ["red", "green"]}
    classes = numbers[task] if task in numbers else sorted({part for cell in table["label"] for part in cell.split()})
    labels = group_targets(build_targets(table["label"], classes, task, " "), task)
    pixels = images.astype(np.uint8)
    return ImageCache(pixels, pixels[:4], table, table[["id"]][:4], labels, classes, "none", task)
