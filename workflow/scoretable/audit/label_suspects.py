"""Training images whose label may be wrong, by a row's answers to images that it had held out."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.task import Task
from scoretable.images.image_cache import ImageCache
from scoretable.prediction.validation_answers import ValidationAnswers


@dataclass(frozen=True)
class Suspect:
    """row: the image's place in the cache; label, answer: what it has, and what the row answers.

    certainty: the probability that the row gives the label, from 0 to 1.
    """

    row: int
    label: str
    answer: str
    certainty: float


def fits(given: ValidationAnswers, cache: ImageCache) -> bool:
    """Return whether answers are to images of this cache, with these labels."""
    if given.classes != cache.classes or given.row.max(initial=-1) >= len(cache.train):
        return False
    ids = cache.train["id"].to_numpy(str)[given.row]
    return ids.tolist() == given.ids and np.array_equal(cache.truth[given.row], given.truth)


def find_suspects(answers: NDArray[np.floating], given: ValidationAnswers) -> list[Suspect]:
    """Return the images whose label is likely wrong, the likeliest first.

    `answers`: (n, classes), probabilities that sum to 1. By confident learning (Northcutt, Jiang and Chuang 2021, JAIR
    70:1373) as cleanlab does it: of each class so many as its estimated share of wrong labels, least certain first.
    """
    from cleanlab.filter import find_label_issues

    truth = given.truth.astype(np.int64)
    there, labels = np.unique(truth, return_inverse=True)  # cleanlab wants each class to have an image
    if len(there) < 2:
        return []
    shares = np.asarray(answers, np.float64)[:, there]
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    with warnings.catch_warnings():  # of each class with few images, a line
        warnings.simplefilter("ignore", UserWarning)
        ranked = find_label_issues(labels, shares, return_indices_ranked_by="self_confidence", n_jobs=1)
    return [
        Suspect(
            int(given.row[place]), given.classes[truth[place]], given.classes[int(answers[place].argmax())],
            float(answers[place, truth[place]]),
        )
        for place in ranked
    ]  # fmt: skip


def as_probabilities(answers: NDArray[np.floating], task: Task) -> NDArray[np.floating]:
    """Return (n, classes) of answers whose rows sum to 1; of two classes the model gives the second one's alone."""
    if task == "binary":
        return np.concatenate([1 - answers, answers], axis=1)
    return np.asarray(answers / answers.sum(axis=1, keepdims=True))
