"""Step: metrics and plots of the validation images."""

from dataclasses import replace

import numpy as np
import pandas as pd

from scoretable.competition.description import load_competition
from scoretable.competition.metric import Score
from scoretable.competition.task import describe_score, headline
from scoretable.evaluation.report import Answers, write_evaluation
from scoretable.images.image_cache import open_cache
from scoretable.prediction.validation_answers import load_validation_answers
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.scoring.decision import describe_cut
from scoretable.scoring.measure import Measure
from scoretable.workspace.atomic import write_json


class _Photos:
    """Some rows of the cache, read one by one when they are drawn."""

    def __init__(self, images: np.ndarray, rows: np.ndarray) -> None:
        self.images, self.rows = images, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> np.ndarray:
        return self.images[self.rows[position]]


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Measure the answers to the validation images, and write what a person would look at."""
    cache = open_cache(layout.cache)
    competition = load_competition(params.competition)
    given = load_validation_answers(layout.validation, cache.task)
    wanted = competition.submission
    at_least_one = wanted.at_least_one(cache.form, cache.some_without_label)
    measure = Measure.of(competition, cache.classes, at_least_one)
    truth, answers = measure.arrange(given.truth, given.answers)
    classes = cache.classes if measure.positive == 1 else cache.classes[::-1]
    figures, decision = write_evaluation(
        Answers(
            cache.task, truth, answers, classes, given.ids, cache.label_separator, replace(measure, positive=1),
            wanted.cut_rule(cache.form),
        ),
        images=_Photos(cache.train_images, given.row),
        history=pd.read_csv(layout.history),
        figures=layout.evaluation,
        plots=layout.plots,
        title=f"{competition.title}: {params.model}, {params.height}x{params.width} px, {params.epochs} epochs",
    )  # fmt: skip
    write_json(layout.metrics, {competition.score: headline(figures, competition.score)})
    reached, _ = describe_score(figures, competition.score)
    cut = describe_cut(figures, competition.score)
    return (
        f"{layout.metrics}: validation {reached} on {figures['images']} images{_compare(figures, competition.score)}"
        + (f", {cut}" if cut else "")
        + (f", {decision.reason}" if decision.reason else "")
        + f"; plots in {layout.plots}/"
    )


def _compare(figures: dict[str, float], score: Score) -> str:
    """Say what an answer would reach that does not look at the image, where that is known."""
    if "r2" in figures and score != "r2":
        return f" (R2, where always answering the mean gives 0: {figures['r2']:.4f})"
    share = figures.get("largest_class_share")
    return "" if share is None or score != "accuracy" else f" (always answering the largest class gives {share:.4f})"
