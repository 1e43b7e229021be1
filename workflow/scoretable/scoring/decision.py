"""Where a submission cuts answers into labels, and what is handed in then scores.

A threshold and cut points that were found on some images are too good on the same images. So each of five parts of them
is cut where the other parts say, and the score of all these choices tells what other images may expect (cross-fitting).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.metric import METRICS
from scoretable.competition.submission_layout import CutRule
from scoretable.competition.targets import THRESHOLD
from scoretable.scoring.choices import ELSE_LIKELIEST, PLAIN, Choices, Cut
from scoretable.scoring.cut_points import find_cut_points, find_threshold, has_cut_points, has_threshold
from scoretable.scoring.measure import Measure
from scoretable.scoring.scores import PLACES, score_choices
from scoretable.workspace.errors import InputError

FEWEST_IMAGES = 30  # of which other images confirm a found cut: see docs/competitions.md
PARTS = 5


@dataclass(frozen=True, eq=False)
class Decision:
    """What is handed in.

    chosen: the labels of the images whose answers decided, as in `choices.Choices`; None where nothing is cut.
    figures: the score under the metric's own name, the threshold or cut_points that the submission takes, and
    `empty`: 'likeliest' for a measure of at least one label. Where
    they were found: `<metric>_at_half`, and `<metric>_at_threshold` or `<metric>_at_cut_points` on the images that they
    were found on, which is optimistic; where they were not taken, `<metric>_cross_fitted` says why.
    reason: why the plain ones are taken.
    """

    chosen: NDArray | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def decide(measure: Measure, truth: NDArray, answers: NDArray[np.floating], rule: CutRule = "found") -> Decision:
    """Return the cut that is taken for answers like these; shapes and errors as in `Measure.score`.

    A found one is taken where `rule` says so, there are at least 30 images, and its cross-fitted score is better.
    """
    metric = measure.metric
    plain = round(measure.score(truth, answers), PLACES)
    truth, answers = measure.arrange(truth, answers)
    kind = _kind_of_cut(measure, truth, answers)
    if kind is None:
        return Decision(None, {metric: plain})
    filled = {"empty": "likeliest"} if measure.at_least_one else {}
    at_half = {metric: plain, kind: _written(PLAIN, kind, measure.classes)} | filled
    unfitted = measure.choose(truth, answers, PLAIN).chosen
    if rule == "half":
        return Decision(unfitted, at_half, "as the competition's file says")
    if len(truth) < FEWEST_IMAGES:
        return Decision(unfitted, at_half, f"since finding another takes {FEWEST_IMAGES} images")
    choices = _cross_fit(measure, truth, answers)
    fitted = round(score_choices(metric, choices, measure.beta), PLACES)
    if fitted == plain or (fitted > plain) != METRICS[metric].larger_is_better:
        return Decision(unfitted, at_half | {f"{metric}_cross_fitted": fitted}, "since no other was better")
    cut = find_cut(measure, truth, answers)
    optimistic = score_choices(metric, measure.choose(truth, answers, cut), measure.beta)
    figures = {
        metric: fitted,
        kind: _written(cut, kind, measure.classes),
        **filled,
        f"{metric}_at_half": plain,
        f"{metric}_at_{kind}": round(optimistic, PLACES),
    }
    return Decision(choices.chosen, figures)


def find_cut(measure: Measure, truth: NDArray, answers: NDArray[np.floating]) -> Cut:
    """Return the cut that scores best on these images; the positive one of two classes is the second."""
    if has_threshold(measure.metric, truth, answers):
        return Cut(
            find_threshold(measure.metric, truth, answers, beta=measure.beta, at_least_one=measure.at_least_one),
            at_least_one=measure.at_least_one,
        )
    return Cut(points=find_cut_points(truth, answers, measure.classes, measure.metric))


def parse_figures(content: bytes, name: str) -> tuple[dict[str, Any], Cut]:
    """Return the figures of an evaluation's JSON file, and the cut that they say the submission takes.

    Raises InputError, with the file's name, where it is damaged.
    """
    try:
        figures = json.loads(content)
        points = figures.get("cut_points")
        cut = Cut(
            float(figures.get("threshold", THRESHOLD)),
            None if points is None else tuple(map(float, points)),
            figures.get("empty") == "likeliest",
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{name} is damaged: make it again with `snakemake --cores 1 evaluate`.") from None
    return figures, cut


def describe_cut(figures: Mapping[str, Any], metric: str) -> str:
    """Say which cut is taken and what it brings, '' where there is none.

    >>> describe_cut({"f1": 0.61, "threshold": 0.3124, "f1_at_half": 0.55}, "f1")
    'threshold 0.3124 (f1 0.6100 by cross-fitting, 0.5500 at 0.5)'
    """
    kind = next((name for name in ("threshold", "cut_points") if name in figures), None)
    if kind is None:
        return ""
    values = np.atleast_1d(figures[kind])
    shown = f"{kind.replace('_', ' ')} {', '.join(f'{value:.4g}' for value in values)}"
    if figures.get("empty") == "likeliest":
        shown += ELSE_LIKELIEST
    if f"{metric}_at_half" not in figures:
        return shown
    half = "at 0.5" if kind == "threshold" else "at the halves"
    fitted, plain = figures[metric], figures[f"{metric}_at_half"]
    return f"{shown} ({metric} {fitted:.4f} by cross-fitting, {plain:.4f} {half})"


def _kind_of_cut(measure: Measure, truth: NDArray, answers: NDArray[np.floating]) -> str | None:
    if has_threshold(measure.metric, truth, answers):
        return "threshold"
    return "cut_points" if has_cut_points(measure.metric, truth, answers) else None


def _written(cut: Cut, kind: str, classes: int) -> float | list[float]:
    return cut.threshold if kind == "threshold" else list(cut.points_between(classes))


def _cross_fit(measure: Measure, truth: NDArray, answers: NDArray[np.floating]) -> Choices:
    """Return the choices for each of PARTS parts by the cut that is best for the other parts."""
    choices = measure.choose(truth, answers, PLAIN)
    chosen, parts = choices.chosen.copy(), deal(truth, PARTS)
    for part in range(PARTS):
        inside = parts == part
        cut = find_cut(measure, truth[~inside], answers[~inside])
        chosen[inside] = measure.choose(truth[inside], answers[inside], cut).chosen
    return Choices(choices.truth, chosen, choices.classes)


def deal(truth: NDArray, parts: int, seed: int = 0) -> NDArray[np.int64]:
    """Return the part of each image, int64 (n,), so that each has its share of each class, or of small and large ones.

    Of several labels an image, or several numbers, their sum counts.
    """
    order = np.random.default_rng(seed).permutation(len(truth))
    key = truth if truth.ndim == 1 else truth.sum(axis=1)
    found = np.empty(len(truth), np.int64)
    found[order[np.argsort(key[order], kind="stable")]] = np.arange(len(truth)) % parts
    return found
