"""Which two rows to hand in as finals: the pair of which the better one scores best on the private part.

A final is chosen before the private scores are known, and the better of the two counts. So the second one is worth what
it adds where the first one fails. How rows rise and fall together is seen on the images that both answered: these are
drawn again and again, for all rows alike (the bootstrap of Efron 1979, Ann. Stat. 7:1).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from scoretable.advice.outlook import Outlook, Split
from scoretable.table.comparison import Pairing, count_pair
from scoretable.table.row_answers import RowAnswers
from scoretable.uncertainty.resampling import ROUNDS
from scoretable.workspace.errors import InputError

MOST = 12  # rows of which pairs are looked at, the best ones
SEED = 0


@dataclass(frozen=True)
class Finals:
    """Two rows for the private part.

    alone: the expected score of the first one; together: that of the better of the two; best: how often each is the
    best of all rows. rows: how many were looked at; joint: how many of these answered the same validation images.
    pairing: of the validation images of the two, None where they are not the same, or the metric counts none.
    """

    first: Outlook
    second: Outlook
    alone: float
    together: float
    best: tuple[float, float]
    rows: int
    joint: int
    pairing: Pairing | None


def choose_finals(found: Sequence[Outlook], split: Split) -> Finals | None:
    """Return the best pair of rows, which are given the best first; None where there are not two."""
    rows = found[:MOST]
    if len(rows) < 2:
        return None
    sign = 1.0 if rows[0].setting.larger_is_better else -1.0
    group = _same_images(rows)
    drawn = sign * draw_scores(rows, group, split)
    means = drawn.mean(axis=1)
    first, second = max(combinations(range(len(rows)), 2), key=lambda pair: np.maximum(*drawn[list(pair)]).mean())
    if means[second] > means[first]:
        first, second = second, first
    best = np.bincount(drawn.argmax(axis=0), minlength=len(rows)) / drawn.shape[1]
    together = float(sign * np.maximum(drawn[first], drawn[second]).mean())
    one, two = rows[first].answers, rows[second].answers
    pairing = count_pair((one, two)) if one and two and {first, second} <= set(group) else None
    return Finals(
        rows[first], rows[second], float(sign * means[first]), together, (float(best[first]), float(best[second])),
        len(rows), len(group), pairing,
    )  # fmt: skip


def _same_images(rows: Sequence[Outlook]) -> list[int]:
    """Return the places of the largest group of rows that answered the same validation images."""
    groups: list[list[int]] = []
    for place, row in enumerate(rows):
        for group in groups if row.answers else ():
            other = rows[group[0]].answers
            if row.answers and other and row.answers.answers_same(other):
                group.append(place)
                break
        else:
            groups.append([place])
    return max(groups, key=len)


def draw_scores(rows: Sequence[Outlook], group: Sequence[int], split: Split) -> NDArray[np.float64]:
    """Return private scores as they may come out, float (rows, rounds).

    Rows of the group are drawn on the same images. Their number makes the noise of both the local and the private
    ones, and what the public score moved a row's estimate by moves each draw. All others are drawn by themselves.
    """
    random, scale = np.random.default_rng(SEED), rows[0].setting.scale
    middle, spread = np.array([row.place for row in rows]), [row.variance + row.private_variance for row in rows]
    drawn = middle[:, None] + np.sqrt(spread)[:, None] * random.standard_normal((len(rows), ROUNDS))
    answers = [answers for place in group if (answers := rows[place].answers)]
    if len(answers) > 1:
        images = len(answers[0].row)
        size = max(1, round(1 / (1 / images + 1 / split.private)))
        for number in range(ROUNDS):
            scores = _score_all(answers, random.integers(0, images, size))
            if scores is not None:
                moved = middle[group] - scale.forward([rows[place].validation for place in group])
                drawn[group, number] = scale.forward(scores) + moved
    return np.asarray(scale.back(drawn))


def _score_all(answers: Sequence[RowAnswers], chosen: NDArray[np.intp]) -> list[float] | None:
    try:
        return [row.score(chosen) for row in answers]
    except InputError:  # a metric that has no value for these images
        return None
