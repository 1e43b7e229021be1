"""A training that takes seconds: forty noisy pictures, red ones and green ones."""

import numpy as np
import pandas as pd
from scoretable.images.image_cache import ImageCache
from scoretable.training.recipe import Recipe

RECIPE = Recipe(
    model="SmallCNN", weights=None, dropout=0.3, batch_norm_momentum=0.5, activation="softmax",
    loss="categorical_crossentropy", label_smoothing=0.0, class_weights="none", metrics=("accuracy",),
    optimizer="adam", learning_rate=0.003, weight_decay=None, schedule="cosine", warmup=0.0, ema=None,
    freeze_epochs=0, unfreeze_epochs=0, backbone_rate=1.0, batch_size=8, epochs=4, steps_per_epoch=None,
    early_stopping=None, watched="loss", augment=("flip",), folds=4, fold=0, seed=1, precision="float32",
    deterministic=True,
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
