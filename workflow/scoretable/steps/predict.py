"""Step: the answers to the test images."""

import numpy as np

from scoretable.competition.task import TASKS
from scoretable.images.image_cache import open_cache
from scoretable.prediction.predictions import save_predictions
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.errors import how_many


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Predict every test image."""
    from scoretable.models.classifier import load_model
    from scoretable.prediction.inference import stream_answers

    cache = open_cache(layout.cache)
    rows = np.arange(len(cache.test))
    answers = stream_answers(load_model(layout.model), cache.test_images, rows, params.tta, task=cache.task)
    save_predictions(layout.predictions, answers, cache.test["id"].tolist(), cache.classes, cache.task)
    if cache.task == "multi_regression":
        return f"{layout.predictions}: {how_many(len(cache.classes), 'number')} for each of {len(rows)} test images"
    over = f" over {len(cache.classes)} classes" if cache.classes else ""
    return f"{layout.predictions}: {TASKS[cache.task].answer} of {len(rows)} test images{over}"
