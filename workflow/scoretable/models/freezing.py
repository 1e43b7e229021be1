"""Freezing the backbone at first, unfreezing it from the top, and lower learning rates for what is further down.

Gradual unfreezing and discriminative fine-tuning are from Howard & Ruder 2018 (arXiv:1801.06146).
"""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras

# How keras.applications and this project name a block: block3b, conv2_block1, stage_0_block_2, expanded_conv_4, and
# conv_dw_5, which conv_pw_5 follows.
_BLOCK = re.compile(r"(?:(?:stage|conv)_?\d+_)?block_?\d+[a-z]?|expanded_conv(?:_\d+)?|conv_dw_\d+")


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


def rates_of_backbone(model: "keras.Model", rate: float, decay: float) -> dict[int, float]:
    """Return by how much the learning rate of the backbone's variables is multiplied, by their trainable place.

    That is `rate`, times `decay` for each block from the head down: once for the uppermost one (as in BEiT, Bao et al.
    2021, arXiv:2106.08254). Empty where all are 1. Raises InputError where the names of layers tell of no blocks.
    """
    if rate == decay == 1:
        return {}
    depths = _depths(model) if decay != 1 else {}
    inside = {id(variable) for variable in model.get_layer("backbone").trainable_variables}
    places = [(place, id(variable)) for place, variable in enumerate(model.trainable_variables)]
    return {place: rate * decay ** depths.get(key, 0) for place, key in places if key in inside}


def _depths(model: "keras.Model") -> dict[int, int]:
    """Return the place of each variable's block, counted from 1 at the head, by the variable's id.

    What lies below the first block counts as one, and layers between two blocks belong to the lower one.
    """
    blocks: dict[str, int] = {}
    numbers: dict[int, int] = {}
    number = 0
    for layer in _layers(model):
        named = _BLOCK.search(layer.name)
        number = blocks.setdefault(named[0], len(blocks) + 1) if named else number
        numbers |= {id(variable): number for variable in layer.trainable_variables}
    if not blocks:
        raise InputError(
            f"layer_decay: the layers of model: {model.name} are not named after blocks: set layer_decay to 1.0, or "
            "choose another model."
        )
    return {key: len(blocks) - number + 1 for key, number in numbers.items()}


def _layers(model: "keras.Model") -> list[Any]:
    return [layer for layer in from_the_bottom(model.get_layer("backbone")) if layer.weights]


def from_the_bottom(network: "keras.Model") -> Iterator[Any]:
    """Yield a network's layers in order, those of networks within it too."""
    for layer in network.layers:
        if hasattr(layer, "layers"):
            yield from from_the_bottom(layer)
        else:
            yield layer
