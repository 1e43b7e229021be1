"""A second target: what a further column says of an image is learned beside its label, and then forgotten.

Caruana 1997 (Multitask Learning, doi 10.1023/A:1007379606734): a layer that two tasks share learns features from both.
The network gets a second head while it is trained, on the features that the classifier has; the row's model does not.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable.competition.label_targets import LabelTargets
from scoretable.competition.layouts import FURTHER
from scoretable.competition.targets import Targets, parse_numbers
from scoretable.competition.task import FurtherTask
from scoretable.images.image_cache import ImageCache
from scoretable.training.recipe import Recipe
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class SecondTarget:
    """What is learned beside the label.

    targets: float32 (N, columns). multiclass: one column a class, all 0 where nothing is known. regression: the number
    in standard deviations from the mean, 0 where it is not known, and 1 where it is known, else 0; so images that are
    mixed have the sum of the known parts, and the share that is known. weight: of its loss.
    """

    task: FurtherTask
    targets: Targets
    weight: float

    @classmethod
    def of(cls, cache: ImageCache, recipe: Recipe, images: int, rows: NDArray[np.integer]) -> Self | None:
        """Return what `recipe.second_target` says of so many images, of which test images come last: nothing of them.

        Classes, mean and deviation are of `rows`, which are trained on; a class of other images alone has no column.
        Raises InputError where the cache has no such column, or where it has fewer than two values in these rows.
        """
        name = recipe.second_target
        if name is None:
            return None
        if name not in cache.further_columns:
            raise InputError(
                f"second_target: the table of the training images has no column {name}: set second_target to null, or "
                "name another one of train.further_columns in the competition's file."
            )
        task = cache.further_columns[name]
        cells = cache.train[FURTHER + name].reindex(range(images), fill_value="")
        values = sorted(set(cells.iloc[rows]) - {""})
        if len(values) < 2 or (task == "regression" and np.ptp(parse_numbers(pd.Series(values))) == 0):
            raise InputError(
                f"second_target: {name} has fewer than two values in the images that are trained on: set second_target "
                "to null, or to another column."
            )
        targets = _number_targets(cells, rows) if task == "regression" else _class_targets(cells, values)
        return cls(task, targets, recipe.second_weight)

    def add_head(self, model: "keras.Model") -> "keras.Model":
        """Return a classifier with a second output, (B, classes) probabilities or (B, 1) standard deviations."""
        import keras

        outputs, activation = (1, "linear") if self.task == "regression" else (self.targets.shape[1], "softmax")
        # float32, as in the classifier.
        head = keras.layers.Dense(outputs, activation=activation, dtype="float32", name="second")
        return keras.Model(model.input, [model.output, head(model.get_layer("dropout").output)], name=model.name)

    def loss(self, targets: Any, answers: Any) -> Any:
        """Return its weighted part of the loss (), a mean over the images, which counts those without a value as 0.

        targets: (B, columns), perhaps of mixed images; answers: the second output for them.
        """
        import keras
        from keras import ops

        if self.task == "multiclass":
            return self.weight * ops.mean(keras.losses.categorical_crossentropy(targets, answers))
        total, known = targets[:, 0], targets[:, 1]
        wanted = total / ops.where(known > 0, known, 1.0)
        return self.weight * ops.mean(known * ops.square(answers[:, 0] - wanted))


class JoinedTargets:
    """The targets of the labels with those of a second target to their right, as one array to read from."""

    def __init__(self, main: Targets, second: Targets) -> None:
        self.main, self.second = main, second

    def __getitem__(self, rows: NDArray[np.integer]) -> NDArray[np.float32]:
        """Return the targets of these rows, float32 (rows, columns of both)."""
        return np.concatenate([self.main[rows], self.second[rows]], axis=1)

    def take(self, rows: NDArray[np.integer], axis: int = 0) -> "JoinedTargets":
        """Return the targets of `rows` by themselves, as numpy.take does along the first axis."""
        return JoinedTargets(self.main.take(rows, axis=axis), self.second.take(rows, axis=axis))


def without_second(model: "keras.Model") -> "keras.Model":
    """Return a model that answers with the first of its outputs alone."""
    import keras

    return keras.Model(model.input, model.outputs[0], name=model.name)


def _class_targets(cells: pd.Series, classes: list[str]) -> LabelTargets:
    columns = pd.Index(classes).get_indexer(pd.Index(cells))
    images = np.flatnonzero(columns >= 0)
    return LabelTargets(images, columns[images], (len(cells), len(classes)))


def _number_targets(cells: pd.Series, rows: NDArray[np.integer]) -> NDArray[np.float32]:
    numbers = parse_numbers(cells).astype(np.float64)
    mean, deviation = np.nanmean(numbers[rows]), np.nanstd(numbers[rows])
    known = np.isfinite(numbers)
    return np.stack([np.where(known, (numbers - mean) / deviation, 0.0), known], axis=1).astype(np.float32)
