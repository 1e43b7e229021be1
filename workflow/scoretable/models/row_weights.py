"""Starting from the model of an earlier row."""

from pathlib import Path
from typing import TYPE_CHECKING

from scoretable.models.classifier import load_model, members_of
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras


def load_member(path: Path, fold: int) -> "keras.Model":
    """Load a row's model, or the part of it that has not seen the images of `fold` where the row has a part a fold."""
    members = members_of(load_model(path))
    return members[fold] if len(members) > 1 else members[0]


def take_weights(model: "keras.Model", earlier: "keras.Model", with_head: bool) -> None:
    """Give a classifier the backbone's weights of an earlier one, and those of its classifier where `with_head`.

    Only sizes that no weight depends on may differ, such as that of the images, as long as no weight depends on it.
    A classifier of another shape or activation is left as it is. Raises InputError where the backbones differ.
    """
    try:
        model.get_layer("backbone").set_weights(earlier.get_layer("backbone").get_weights())
    except ValueError:
        raise InputError(
            f"weights: the earlier row's backbone does not fit model: {model.name} at this image_size: set both to "
            "those of that row."
        ) from None
    head, other = (one.get_layer("classifier") for one in (model, earlier))
    if with_head and (head.kernel.shape, head.activation) == (other.kernel.shape, other.activation):
        head.set_weights(other.get_weights())
