"""Losses and metrics by name."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

# A focal loss is smoothed like its plain form.
_LOSSES = {
    "categorical_crossentropy": "CategoricalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
}


def build_losses(name: str, label_smoothing: float) -> "tuple[keras.Loss, keras.Loss]":
    """Return the loss to train on, and the same without smoothing and one value an image, to report."""
    import keras

    kind = getattr(keras.losses, _LOSSES[name])
    return kind(label_smoothing=label_smoothing), kind(reduction=None)


def build_metrics(names: tuple[str, ...]) -> list[Any]:
    """Return the Keras metrics of these names; `accuracy` comes first and is always there."""
    import keras

    factories = {
        "accuracy": keras.metrics.CategoricalAccuracy,
        "categorical_accuracy": keras.metrics.CategoricalAccuracy,
        "top_k_categorical_accuracy": keras.metrics.TopKCategoricalAccuracy,
        "precision": keras.metrics.Precision,
        "recall": keras.metrics.Recall,
        "auc": keras.metrics.AUC,
    }
    return [factories[name](name=name) for name in dict.fromkeys(("accuracy", *names))]


def balanced_weights(how: str, targets: np.ndarray) -> np.ndarray | None:
    """Return a weight a class, float32 (outputs,), that gives all classes of the targets an equal say; None for `none`.

    As scikit-learn's `balanced`: n / (classes * images of the class).
    """
    if how == "none":
        return None
    counts = np.maximum(targets.sum(axis=0), 1)
    return (len(targets) / (len(counts) * counts)).astype(np.float32)
