"""What a training step computes: the loss that is trained on, and the running figures that are shown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import keras
import numpy as np
from keras import ops

from scoretable.competition.targets import Targets
from scoretable.competition.task import Task
from scoretable.training.augmentation import slice_on_device, transform
from scoretable.training.losses import balanced_weights, build_losses
from scoretable.training.metrics import build_metrics
from scoretable.training.recipe import Recipe
from scoretable.training.second_target import SecondTarget

Figures = dict[str, float]


@dataclass
class Objective:
    """A loss, and what the metrics see of it.

    Args:
        model: from uint8 pixels (B, H, W, 3) to predictions (B, outputs), and to those of `second` where there is one.
        loss: the Keras loss that is trained on.
        shown_loss: the same without label smoothing and without reduction, as it is reported.
        metrics: Keras metrics of targets and predictions.
        second: what is learned beside the labels; its targets stand to the right of theirs.
        class_weights: float32 (classes,) for targets of one label per image, or None.
        xla: whether XLA compiles the step, which has no kernel for some operations.
        own_part: cuts a replica's share out of a batch that all replicas have mixed.
        parts: by how many Keras divides a loss, which it does where TensorFlow has replicas.
    """

    model: keras.Model
    loss: keras.Loss
    shown_loss: keras.Loss
    metrics: list[Any]
    class_weights: Any = None
    second: SecondTarget | None = None
    xla: bool = False
    own_part: Callable[[Any], Any] = lambda array: array
    parts: int = 1
    mean_loss: Any = field(default_factory=lambda: keras.metrics.Mean(name="loss"))

    @classmethod
    def of(
        cls, model: keras.Model, recipe: Recipe, targets: Targets, task: Task, second: SecondTarget | None = None
    ) -> Self:
        """Return what a recipe trains on and shows. targets: of the images that are trained on."""
        example = np.zeros((1, targets.shape[1]), np.float32)
        metrics = build_metrics(recipe.metrics, task)
        for metric in metrics:  # makes their variables
            metric.update_state(example, example)
            metric.reset_state()
        losses = build_losses(recipe.loss, recipe.label_smoothing)
        return cls(model, *losses, metrics, balanced_weights(recipe.class_weights, targets), second)

    def batch(self, resident: Any, feed: dict[str, Any]) -> tuple[Any, Any]:
        """Return the pixels and the targets of one augmented batch."""
        pixels = feed["pixels"] if resident is None else slice_on_device(gather(resident, feed["positions"]), feed)
        pixels, targets = transform(pixels, feed["targets"], feed, self.xla)
        if "partner" in feed:
            pixels, targets = self.own_part(pixels), self.own_part(targets)
        return pixels, targets

    def training_loss(self, pixels: Any, targets: Any) -> tuple[Any, Any]:
        """Return the loss (), a mean over the images, and the predictions (B, outputs)."""
        predictions, beside = self._answers(pixels, training=True)
        own = self._own(targets, predictions)
        loss = self.parts * self.loss(own, predictions, sample_weight=self._image_weights(own))
        if self.second is not None:
            loss += self.second.loss(targets[:, own.shape[1] :], beside)
        return loss + sum(self.model.losses), predictions

    def _answers(self, pixels: Any, training: bool) -> Any:
        """Return the predictions, and the answers of the second head, None where there is none."""
        answers = self.model(pixels, training=training)
        return (answers, None) if self.second is None else answers

    def _own(self, targets: Any, predictions: Any) -> Any:
        """Return the targets of the labels alone."""
        return targets if self.second is None else targets[:, : predictions.shape[1]]

    def _image_weights(self, targets: Any) -> Any:
        if self.class_weights is None:
            return None
        columns = targets if targets.shape[1] > 1 else ops.concatenate([1 - targets, targets], axis=1)
        return ops.sum(columns * self.class_weights, axis=-1)

    def count(self, loss: Any, targets: Any, predictions: Any, weights: Any = None) -> None:
        """Take one batch into the running figures."""
        self.mean_loss.update_state(loss, sample_weight=weights)
        own = self._own(targets, predictions)
        for metric in self.metrics:
            metric.update_state(own, predictions, sample_weight=weights)

    def evaluate(self, feed: dict[str, Any]) -> Any:
        """Take one batch of unchanged images into the running figures, each with its weight; return the predictions."""
        predictions, _ = self._answers(feed["pixels"], training=False)
        self.count(self.shown_loss(feed["targets"], predictions), feed["targets"], predictions, feed["weights"])
        return predictions

    @property
    def metric_variables(self) -> list[keras.Variable]:
        """State of the running figures."""
        return [variable for metric in (self.mean_loss, *self.metrics) for variable in metric.variables]

    def figures(self) -> Figures:
        """Return the figures so far by name."""
        return {metric.name: float(metric.result()) for metric in (self.mean_loss, *self.metrics)}

    def reset(self) -> None:
        """Reset the running figures."""
        for metric in (self.mean_loss, *self.metrics):
            metric.reset_state()


def gather(resident: Any, positions: Any) -> Any:
    """Return the images (B, H, W, 3) at these positions."""
    if hasattr(resident, "sparse_read"):  # a variable: TensorFlow has no kernel that gathers bytes of a tensor on a GPU
        return resident.sparse_read(positions)
    return ops.take(resident, positions, axis=0)
