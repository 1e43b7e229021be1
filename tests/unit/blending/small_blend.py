"""Rows that answer the same images with errors of their own."""

import numpy as np
from scoretable.blending.fitting import Shared
from scoretable.blending.mixing import Domain, Mixing
from scoretable.competition.metric import Score
from scoretable.competition.task import Task
from scoretable.scoring.measure import Measure


def drawn(
    images: int, strengths: tuple[float, ...], metric: Score = "accuracy", classes: int = 3, seed: int = 0,
    task: Task = "multiclass", on: Domain = "probabilities",
) -> Shared:  # fmt: skip
    """strengths: of the rows, how far the logit of the true class stands out of a noise of 1."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, images)
    logits = np.array(strengths)[:, None, None] * np.eye(classes)[truth] + random.normal(
        size=(len(strengths), images, classes)
    )
    answers = np.exp(logits)
    answers /= answers.sum(axis=2, keepdims=True)
    mixing = Mixing(task, on)
    names = tuple(f"row-{number}" for number in range(len(strengths)))
    return Shared(names, truth, mixing.terms(answers), Measure(metric, task, classes), mixing, np.arange(images))
