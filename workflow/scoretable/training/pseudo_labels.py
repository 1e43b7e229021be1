"""Pseudo-labels: test images that an earlier row is sure of are trained on with its answer as their label.

Lee 2013 (Pseudo-Label, ICML workshop on challenges in representation learning), with the threshold of Sohn et al. 2020
(FixMatch, arXiv:2001.07685) on the probability of the likeliest class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from scoretable.competition.targets import Targets, build_targets
from scoretable.images.image_cache import ImageCache
from scoretable.workspace.array_file import read_arrays
from scoretable.workspace.errors import InputError


@dataclass(frozen=True, eq=False)
class PseudoLabels:
    """Which test images have one, int (n,), rising, and the label of each."""

    places: np.ndarray
    labels: list[str]

    @classmethod
    def choose(cls, predictions: Path, cache: ImageCache, threshold: float) -> Self:
        """Return the labels whose probability reaches the threshold, of the test images that could be read.

        predictions: a row's, of probabilities that sum to 1. Raises InputError where they are of other classes or
        images, or where none reaches the threshold.
        """
        arrays = read_arrays(predictions)
        if arrays["classes"].tolist() != cache.classes:
            raise InputError("pseudo_labels: that row knows other classes: name one of the same labels.")
        answers = _in_order(arrays["probabilities"], arrays["ids"].tolist(), cache.test["id"].tolist())
        sure = answers.max(axis=1, initial=0) >= threshold
        if "source_height" in cache.test:  # 0 where the image could not be read
            sure &= cache.test["source_height"].to_numpy() > 0
        if not sure.any():
            raise InputError(
                f"pseudo_threshold: {threshold:g} is reached by none of the answers to {len(sure)} test images: lower "
                "it, or set pseudo_labels to null."
            )
        return cls(np.flatnonzero(sure), [cache.classes[place] for place in answers[sure].argmax(axis=1)])

    def join(self, cache: ImageCache, rows: np.ndarray) -> tuple["JoinedImages", Targets, np.ndarray]:
        """Return training and test images as one, their targets, and the rows `rows` together with those chosen here.

        Targets of test images are those of `labels`; the others have the target of the first label, and no row.
        """
        cells = np.full(len(cache.test), self.labels[0], object)
        cells[self.places] = self.labels
        labels = pd.concat([cache.train["label"], pd.Series(cells)], ignore_index=True)
        targets = build_targets(labels, cache.classes, cache.task, cache.label_separator)
        joined = JoinedImages(cache.train_images, cache.test_images)
        return joined, targets, np.concatenate([rows, len(cache.train_images) + self.places])


class JoinedImages:
    """Two arrays of images (N, H, W, 3), which stay where they are, as one to read from."""

    def __init__(self, first: np.ndarray, second: np.ndarray) -> None:
        self.first, self.second = np.asarray(first), np.asarray(second)
        self.shape = (len(first) + len(second), *first.shape[1:])

    def __getitem__(self, rows: int | np.ndarray) -> np.ndarray:
        """Return the images of these rows, or that of one."""
        if np.ndim(rows) == 0:
            return np.asarray(self.first[rows] if rows < len(self.first) else self.second[rows - len(self.first)])
        return np.stack([self[row] for row in np.asarray(rows)])


def _in_order(answers: np.ndarray, ids: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    if list(ids) == list(wanted):
        return answers
    places = {id_: place for place, id_ in enumerate(ids)}
    missing = [id_ for id_ in wanted if id_ not in places]
    if missing:
        raise InputError(f"pseudo_labels: that row has no answer to {missing[0]}: name one of the same test images.")
    return np.asarray(answers[[places[id_] for id_ in wanted]])
