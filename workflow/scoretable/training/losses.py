"""Losses by name."""

from typing import TYPE_CHECKING

import numpy as np

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


def balanced_weights(how: str, targets: np.ndarray) -> np.ndarray | None:
    """Return a weight per class that gives all classes of the targets equal influence; None for `none`.

    targets: float32 (n, classes) with a one per image, or (n, 1) with the second of two classes as one. Returns float32
    (classes,): n / (classes * images of the class), as scikit-learn's `balanced`.
    """
    if how == "none":
        return None
    columns = targets if targets.shape[1] > 1 else np.hstack([1 - targets, targets])
    counts = np.maximum(columns.sum(axis=0), 1)
    return (len(columns) / (len(counts) * counts)).astype(np.float32)
