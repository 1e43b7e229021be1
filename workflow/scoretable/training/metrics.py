"""The Keras metrics that are recorded each epoch."""

from typing import Any

import keras

from scoretable.competition.task import Task


def build_metrics(names: tuple[str, ...], task: Task) -> list[Any]:
    """Return the Keras metrics of these names, which fit the task (see `task.resolve_metrics`)."""
    accuracies = {"binary": keras.metrics.BinaryAccuracy, "multilabel": ExactMatch}
    factories = {
        "accuracy": accuracies.get(task, keras.metrics.CategoricalAccuracy),
        "categorical_accuracy": keras.metrics.CategoricalAccuracy,
        "top_k_categorical_accuracy": keras.metrics.TopKCategoricalAccuracy,
        "precision": keras.metrics.Precision,
        "recall": keras.metrics.Recall,
        "auc": keras.metrics.AUC,
        "mae": keras.metrics.MeanAbsoluteError,
        "mse": keras.metrics.MeanSquaredError,
        "rmse": keras.metrics.RootMeanSquaredError,
    }
    return [factories[name](name=name) for name in names]


class ExactMatch(keras.metrics.MeanMetricWrapper):
    """Share of images of which each label is answered right, as scikit-learn's accuracy counts several labels."""

    def __init__(self, name: str) -> None:
        super().__init__(_matches, name)


def _matches(targets: Any, answers: Any) -> Any:
    right = keras.ops.equal(keras.ops.greater_equal(answers, 0.5), keras.ops.greater_equal(targets, 0.5))
    return keras.ops.cast(keras.ops.all(right, axis=-1), "float32")
