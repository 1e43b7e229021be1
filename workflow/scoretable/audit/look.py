"""A look at the data: everything that is found out about the images of a cache, and the answers of a row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.audit.classes import Class, hold_out, list_classes
from scoretable.audit.label_suspects import Suspect, as_probabilities, find_suspects, fits
from scoretable.audit.measures import Measures, measure_images
from scoretable.audit.repeats import Repeat, count_leaks, find_repeats
from scoretable.audit.shift import Shift, tell_apart
from scoretable.images.image_cache import ImageCache
from scoretable.prediction.validation_answers import ValidationAnswers

ONE_LABEL = ("multiclass", "binary")  # tasks whose answers are probabilities of which one is right


@dataclass(frozen=True, eq=False)
class Look:
    """What was found.

    train, test: of the images that could be read; known: int64, the places of these test images in the cache. leaks: of
    each fold, how many images it holds out, and how many of them have a near duplicate in training. suspects: None
    where no answers tell; why: the reason then. answered: images that a row has answered.
    """

    cache: ImageCache
    train: Measures
    test: Measures
    known: NDArray[np.int64]
    classes: list[Class]
    repeats: list[Repeat]
    leaks: list[tuple[int, int]]
    shift: Shift | None
    suspects: list[Suspect] | None
    why: str
    answered: int


def look_at(cache: ImageCache, folds: int, seed: int, given: ValidationAnswers | None) -> Look:
    """Look at a cache, and at a row's answers to images that it had held out, where there are some.

    folds, seed: as params.yaml has them, which say which images are held out.
    """
    known = np.flatnonzero(cache.test["source_height"].to_numpy() > 0)  # a test image that cannot be read is black
    train = measure_images(cache.train_images, cache.train)
    test = measure_images(_Rows(cache.test_images, known), cache.test.iloc[known])
    places = np.concatenate([np.arange(len(cache.train)), known])
    hashes, pixels = np.concatenate([train.hashes, test.hashes]), np.concatenate([train.pixels, test.pixels])
    repeats = find_repeats(hashes, pixels, places, cache.train["label"].tolist())
    held_out = hold_out(cache, folds, seed)
    suspects, why = _suspects(cache, given)
    return Look(
        cache, train, test, known, list_classes(cache, held_out), repeats,
        [(len(out), count_leaks(repeats, out)) for out in held_out],
        tell_apart(train.features, test.features), suspects, why, 0 if given is None else len(given.ids),
    )  # fmt: skip


class _Rows:
    """Some rows of a memory-mapped array, read a block at a time."""

    def __init__(self, images: np.ndarray, rows: NDArray[np.int64]) -> None:
        self.images, self.rows = images, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, block: slice, /) -> np.ndarray:
        return np.asarray(self.images[self.rows[block]])


def _suspects(cache: ImageCache, given: ValidationAnswers | None) -> tuple[list[Suspect] | None, str]:
    if cache.task not in ONE_LABEL:
        return None, f"task: {cache.task} has no single label with a probability, which this takes."
    if given is None:
        return None, "there is no row yet: make one with `snakemake --cores 1 submission`, and look again."
    if not fits(given, cache):
        return (
            None,
            "the row here is of other data: make one with `snakemake --cores 1 submission`, and look again.",
        )
    return find_suspects(as_probabilities(given.answers, cache.task), given), ""
