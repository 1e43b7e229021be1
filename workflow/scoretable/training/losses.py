"""Losses by name."""

from typing import TYPE_CHECKING

import numpy as np

from scoretable.competition.targets import Targets

if TYPE_CHECKING:
    import keras

_LOSSES = {
    "categorical_crossentropy": "CategoricalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "huber": "Huber",
}


def build_losses(name: str, label_smoothing: float) -> "tuple[keras.Loss, keras.Loss]":
    """Return the loss to train on, and the same without smoothing and one value per image, to report."""
    import keras

    kind = getattr(keras.losses, _LOSSES[name])
    smoothing = {"label_smoothing": label_smoothing} if label_smoothing else {}  # losses of numbers know none
    return kind(**smoothing), kind(reduction=None)


def balanced_weights(how: str, targets: Targets) -> np.ndarray | None:
    """Return a weight per class that gives all classes of the targets equal influence; None for `none`.

    targets: float32 (n, classes) with a one per image, or (n, 1) with the second of two classes as one. Returns float32
    (classes,): n / (classes * images of the class), as scikit-learn's `balanced`.
    """
    if how == "none":
        return None
    counts = targets.sum(axis=0)
    if len(counts) == 1:
        counts = np.concatenate([len(targets) - counts, counts])
    counts = np.maximum(counts, 1)
    return (len(targets) / (len(counts) * counts)).astype(np.float32)
