"""Freezing the backbone at first, and unfreezing it from the top (gradual unfreezing, arXiv:1801.06146)."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def moving_share(epoch: int, freeze_epochs: int, unfreeze_epochs: int) -> float:
    """Return which share of the backbone's layers, from the top, is trained in an epoch counted from 0.

    None for `freeze_epochs`; then equal parts more in each of `unfreeze_epochs`; then all.
    """
    after = epoch - freeze_epochs
    if after < 0:
        return 0.0
    return min((after + 1) / (unfreeze_epochs + 1), 1.0)


def open_backbone(model: "keras.Model", share: float) -> None:
    """Train the uppermost share of the backbone's layers with weights, and freeze the ones below.

    Frozen batch normalisation uses its moving averages and leaves them as they are.
    """
    layers = _layers(model)
    frozen = len(layers) - math.ceil(share * len(layers))
    for place, layer in enumerate(layers):
        layer.trainable = place >= frozen


def places_of_backbone(model: "keras.Model") -> list[int]:
    """Return the places of the backbone's variables among the model's trainable ones."""
    inside = {id(variable) for variable in model.get_layer("backbone").trainable_variables}
    return [place for place, variable in enumerate(model.trainable_variables) if id(variable) in inside]


def _layers(model: "keras.Model") -> list[Any]:
    return [layer for layer in _from_the_bottom(model.get_layer("backbone")) if layer.weights]


def _from_the_bottom(network: "keras.Model") -> Iterator[Any]:
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from _from_the_bottom(layer)
        else:
            yield layer
