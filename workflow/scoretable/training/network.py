"""The network that is trained, as it is built at the start."""

from typing import TYPE_CHECKING

from scoretable.competition.targets import Targets, measure_units
from scoretable.competition.task import Task
from scoretable.models.classifier import build_classifier
from scoretable.models.row_weights import take_weights
from scoretable.training.recipe import Recipe
from scoretable.training.second_target import SecondTarget
from scoretable.training.start import Start

if TYPE_CHECKING:
    import keras


def build_network(
    recipe: Recipe, height: int, width: int, targets: Targets, task: Task, start: Start | None,
    second: SecondTarget | None,
) -> "keras.Model":  # fmt: skip
    """Build a recipe's classifier for images of this size, with a second head where there is a second target.

    targets: of the images that are trained on. start: what the weights begin with; None where they are assigned anyway.
    """
    weights = recipe.weights if start is not None and start.model is None else None
    model = build_classifier(
        recipe.model, weights, height, width, targets.shape[1], recipe.activation, recipe.dropout,
        recipe.batch_norm_momentum, measure_units(targets, task),
    )  # fmt: skip
    if start is not None and start.model is not None:
        take_weights(model, start.model, start.with_head)
    return model if second is None else second.add_head(model)
