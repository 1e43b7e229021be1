"""What the private part of the test images will probably give a row, from its local and its public score.

Both scores are estimates of one unknown: what the row reaches on all images of the kind. Each is weighed by how many
images it is of (Cochran 1937, Supplement to JRSS 4:102). The private part adds the noise of its own images.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from scipy.special import ndtri

from scoretable.rows.layout import Layout
from scoretable.table.row_answers import COUNTED, RowAnswers
from scoretable.table.table import Draw, ScoreTable, Setting
from scoretable.uncertainty.resampling import image_noise
from scoretable.uncertainty.scales import Scale
from scoretable.uncertainty.shares import CONFIDENCE
from scoretable.workspace.array_file import read_arrays

REACH = float(ndtri((1 + CONFIDENCE) / 2))


@dataclass(frozen=True)
class Outlook:
    """A row with what is expected of it on the private part.

    place, variance: of the unknown score, on the metric's scale. local_variance, public_variance, private_variance:
    what the images of each part add. agree: whether the local and the public score do, up to that; True where there is
    one alone. answers: to the validation images, None where they are not here.
    """

    setting: Setting
    draw: Draw
    validation: float
    public: float | None
    place: float
    variance: float
    local_variance: float
    public_variance: float
    private_variance: float
    agree: bool
    answers: RowAnswers | None

    @property
    def expected(self) -> float:
        """The private score in the middle of what is expected."""
        return float(self._scale.back(self.place))

    @property
    def interval(self) -> tuple[float, float]:
        """Between which scores the private one lies, at CONFIDENCE."""
        reach = REACH * sqrt(self.variance + self.private_variance)
        low, high = self._scale.back(np.array([self.place - reach, self.place + reach]))
        return float(low), float(high)

    @property
    def _scale(self) -> Scale:
        return self.setting.scale


@dataclass(frozen=True)
class Split:
    """How many test images the public and the private score are of."""

    public: int
    private: int


def find_split(table: ScoreTable, competition: str) -> Split | None:
    """Return how the test images are split, None where no row of the competition tells."""
    for setting in table.settings:
        for draw in setting.draws if setting.competition == competition else ():
            score = draw.experiment.score
            public = score.get("public_images") or draw.public_images
            private = (score.get("private_images") or _count_test(draw) - public) if public else 0
            if public and private > 0:
                return Split(public, private)
    return None


def _count_test(draw: Draw) -> int:
    file = draw.experiment.cached(Layout.predictions.as_posix())
    try:
        return len(read_arrays(file)["ids"]) if file else 0
    except (OSError, ValueError, KeyError):
        return 0


def outlooks(table: ScoreTable, competition: str, split: Split, root: Path) -> list[Outlook]:
    """Return those of the rows of a competition whose image noise is known, the best first."""
    found = []
    for setting in table.settings:
        for draw in setting.draws if setting.competition == competition else ():
            answers = RowAnswers.of(draw.experiment, root)
            outlook = look_out(setting, draw, answers, split)
            if outlook is not None:
                found.append(outlook)
    return sorted(found, key=_better_first)


def _better_first(outlook: Outlook) -> float:
    return -outlook.place if outlook.setting.larger_is_better else outlook.place


def look_out(setting: Setting, draw: Draw, answers: RowAnswers | None, split: Split) -> Outlook | None:
    """Return what is expected of a row; None where its score, or how much other images change it, is unknown."""
    noise = _noise_of_image(setting, draw, answers)
    if noise is None or draw.validation is None:
        return None
    per_image, images = noise
    public = draw.score("public")
    places = [float(setting.scale.forward(score)) for score in (draw.validation, public) if score is not None]
    local, other, private = (per_image / count for count in (images, split.public, split.private))
    place, variance, agree = combine(places, [local, other][: len(places)])
    return Outlook(setting, draw, draw.validation, public, place, variance, local, other, private, agree, answers)


def combine(places: Sequence[float], variances: Sequence[float]) -> tuple[float, float, bool]:
    """Return one estimate of what one or two say, its variance, and whether they agree.

    places, variances: of the local one, and of the public one. Where they are further apart than the noise of images
    explains at CONFIDENCE, the local images are of another kind, and the public ones count alone: they and the private
    ones are of the same test set.
    """
    if len(places) == 1:
        return places[0], variances[0], True
    if abs(places[0] - places[1]) > REACH * sqrt(sum(variances)):
        return places[1], variances[1], False
    weights = 1 / np.array(variances)
    return float(np.average(places, weights=weights)), float(1 / weights.sum()), True


def _noise_of_image(setting: Setting, draw: Draw, answers: RowAnswers | None) -> tuple[float, int] | None:
    """Return the variance that one image contributes, on the scale, and of how many images the local score is."""
    if setting.metric in COUNTED and draw.images:
        return 1 / 4, draw.images  # of the arcsine of a share's root (Bartlett 1947)
    if answers is None:
        return None
    images = len(answers.row)
    score: Callable[[np.ndarray], float] = answers.score
    noise = image_noise(score, images, setting.scale)
    return None if noise is None else (noise.variance * images, images)
