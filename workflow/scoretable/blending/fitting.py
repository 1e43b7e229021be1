"""The weights and the cut of a blend found on some images, and by cross-fitting what they give on others."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from scoretable.blending.mixing import Mixing
from scoretable.blending.weights import Worth, greedy_weights, nnls_weights
from scoretable.competition.metric import METRICS
from scoretable.competition.submission_layout import CutRule
from scoretable.scoring.choices import Choices, Cut
from scoretable.scoring.decision import deal, decide, find_cut
from scoretable.scoring.measure import Measure
from scoretable.scoring.scores import score_choices
from scoretable.table.row_answers import COUNTED

PARTS = 10  # with fewer, weights from fewer images make the estimate too low: see docs/statistics.md
DEALS = 3  # times that the images are dealt out into parts: of one deal, the estimate has a noise of its own

Way = Literal["mean", "greedy", "nnls"]


@dataclass(frozen=True, eq=False)
class Shared:
    """The answers of rows to the same n images.

    names: of the rows; truth: as `ImageCache.truth`; terms: float32 (rows, n, columns), as `Mixing.terms` gives them;
    places: int64 (n,), in the image cache; rule: whether cuts into labels are found;
    ids: of the images.
    """

    names: tuple[str, ...]
    truth: NDArray
    terms: NDArray[np.float32]
    measure: Measure
    mixing: Mixing
    places: NDArray[np.int64]
    rule: CutRule = "half"
    ids: tuple[str, ...] = ()

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.truth)


@dataclass(frozen=True, eq=False)
class Fitted:
    """weights: float (rows,), which add up to 1; cut: where the blend's answers are cut into labels."""

    weights: NDArray[np.float64]
    cut: Cut


@dataclass(frozen=True, eq=False)
class Mixed:
    """Answers to n images beside the truth. choices: the labels that they come to, where the metric needs any."""

    truth: NDArray
    answers: NDArray[np.float32]
    choices: Choices | None
    measure: Measure

    @property
    def images(self) -> int:
        """How many images there are."""
        return len(self.truth)

    def score(self, images: NDArray[np.intp] | slice = slice(None)) -> float:
        """Return the score of these images, of which some may come several times; errors as in `Measure.score`."""
        if self.choices is None:
            return self.measure.score(self.truth[images], self.answers[images])
        some = Choices(self.choices.truth[images], self.choices.chosen[images], self.choices.classes)
        return score_choices(self.measure.metric, some, self.measure.beta)

    def correct(self) -> NDArray[np.bool_] | None:
        """Return which images are answered right, bool (n,), None where the metric is no share of images."""
        if self.choices is None or self.measure.metric not in COUNTED:
            return None
        return self.choices.right


def fit(shared: Shared, way: Way, images: NDArray[np.intp]) -> Fitted:
    """Return the weights and the cut that are best for these images.

    While weights are looked for, answers are cut where the plain mean of the rows is cut best. Among blends of equal
    score, of which an accuracy has many, the one nearer to the truth is better.
    """
    terms, truth, rows = shared.terms[:, images], shared.truth[images], len(shared.names)
    weights = np.full(rows, 1 / rows)
    if way == "nnls":
        weights = nnls_weights(terms, targets_of(truth, terms.shape[2]))
    elif way == "greedy":
        weights = greedy_weights(terms, _worth(shared, truth, _cut(shared, truth, shared.mixing.mix(terms, weights))))
    return with_weights(shared, weights, images)


def with_weights(shared: Shared, weights: NDArray[np.float64], images: NDArray[np.intp]) -> Fitted:
    """Return these weights with the cut that is best for these images."""
    answers = shared.mixing.mix(shared.terms[:, images], weights)
    return Fitted(weights, _cut(shared, shared.truth[images], answers))


def mark(shared: Shared, fitted: Fitted, images: NDArray[np.intp]) -> Mixed:
    """Return the blend's answers to some of the images, cut into labels where the metric needs them."""
    truth, measure = shared.truth[images], shared.measure
    answers = shared.mixing.mix(shared.terms[:, images], fitted.weights)
    if METRICS[measure.metric].needs != "labels":
        return Mixed(truth, answers, None, measure)
    return Mixed(truth, answers, measure.choose(*measure.arrange(truth, answers), fitted.cut), measure)


@dataclass(frozen=True, eq=False)
class Nested:
    """The answers to the same n images as several deals into parts gave them; a score is the mean over the deals."""

    deals: tuple[Mixed, ...]

    @property
    def measure(self) -> Measure:
        """How they are scored."""
        return self.deals[0].measure

    @property
    def images(self) -> int:
        """How many images there are."""
        return self.deals[0].images

    def score(self, images: NDArray[np.intp] | slice = slice(None)) -> float:
        """Return the score of these images, as `Mixed.score`."""
        return float(np.mean([deal.score(images) for deal in self.deals]))

    def correct(self) -> NDArray[np.float64] | None:
        """Return the share of the deals in which each image is answered right, None as in `Mixed.correct`."""
        found = [right for deal in self.deals if (right := deal.correct()) is not None]
        return np.mean(found, axis=0) if found else None


def cross_fit(shared: Shared, way: Way, parts: int = PARTS, deals: int = DEALS) -> Nested:
    """Return the answers to all images, those to each part by the weights and the cut that the other parts give.

    So no image has a say in how it is answered: nested cross-validation (Stone 1974, J. R. Stat. Soc. B 36:111), since
    a row's own answer to an image is by a model that has not seen it either.
    """
    return Nested(tuple(_cross_fit(shared, way, deal(shared.truth, parts, seed)) for seed in range(deals)))


def _cross_fit(shared: Shared, way: Way, part_of: NDArray[np.int64]) -> Mixed:
    everything, found = np.arange(shared.images), []
    for part in range(int(part_of.max()) + 1):
        inside = everything[part_of == part]
        found.append((inside, mark(shared, fit(shared, way, everything[part_of != part]), inside)))
    order = np.argsort(np.concatenate([inside for inside, _ in found]))
    answers = np.concatenate([mixed.answers for _, mixed in found])[order]
    parts = [mixed.choices for _, mixed in found if mixed.choices is not None]
    choices = None
    if parts:
        truth, chosen = np.concatenate([part.truth for part in parts]), np.concatenate([part.chosen for part in parts])
        choices = Choices(truth[order], chosen[order], parts[0].classes)
    return Mixed(shared.truth, answers, choices, shared.measure)


def targets_of(truth: NDArray, columns: int) -> NDArray[np.floating]:
    """Return what perfect answers would be, float (n, columns)."""
    if truth.ndim == 2:
        return truth
    return np.eye(columns, dtype=np.float32)[truth] if columns > 1 else truth[:, None].astype(np.float32)


def _worth(shared: Shared, truth: NDArray, cut: Cut) -> Worth:
    """Return how good a mean of terms is: by its score, and then by its squared distance from the truth."""
    sign = 1 if METRICS[shared.measure.metric].larger_is_better else -1

    def worth(mean: NDArray[np.float64]) -> tuple[float, float]:
        answers = shared.mixing.answers(mean)
        distance = float(np.mean((answers - targets_of(truth, answers.shape[1])) ** 2))
        return sign * shared.measure.score(truth, answers, cut), -distance

    return worth


def settle_rule(shared: Shared) -> Shared:
    """Return the answers with the rule 'half' where the plain mean gains nothing from a cut that is found.

    `evaluate` decides the same of each row, so that a found cut that would only lose is not taken.
    """
    measure, equal = shared.measure, np.full(len(shared.names), 1 / len(shared.names))
    if METRICS[measure.metric].needs != "labels" or shared.rule == "half":
        return replace(shared, rule="half")
    figures = decide(measure, shared.truth, shared.mixing.mix(shared.terms, equal)).figures
    return shared if f"{measure.metric}_at_half" in figures else replace(shared, rule="half")


def _cut(shared: Shared, truth: NDArray, answers: NDArray[np.float32]) -> Cut:
    measure = shared.measure
    if shared.rule == "half":
        return Cut(at_least_one=measure.at_least_one)
    return find_cut(measure, *measure.arrange(truth, answers))
