"""What a training takes of earlier rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scoretable.images.image_cache import ImageCache
from scoretable.models.row_weights import load_member
from scoretable.training.pseudo_labels import PseudoLabels
from scoretable.workspace.array_file import read_arrays

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, eq=False)
class Start:
    """Where a training begins.

    model: whose weights it begins with; None: those of its recipe. with_head: with those of its classifier too. pseudo:
    test images that are trained on as well.
    """

    model: "keras.Model | None" = None
    with_head: bool = False
    pseudo: PseudoLabels | None = None

    @classmethod
    def of(cls, model: Path, predictions: Path, cache: ImageCache, fold: int) -> Self:
        """Return that of a row, whose predictions tell its classes: only where they are the same is its head taken."""
        classes = read_arrays(predictions)["classes"].tolist()
        return cls(load_member(model, fold), with_head=bool(classes) and classes == cache.classes)


FRESH = Start()
