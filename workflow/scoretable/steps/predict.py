"""Step: the answers to the test images."""

from typing import TYPE_CHECKING

import numpy as np

from scoretable.image_cache import open_cache
from scoretable.predictions import Predictions, save_predictions
from scoretable.task import TASKS

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Predict every test image."""
    from scoretable.inference import predict_answers
    from scoretable.model import load_model

    cache = open_cache(layout.cache)
    rows = np.arange(len(cache.test))
    answers = predict_answers(load_model(layout.model), cache.test_images, rows, params.tta, task=cache.task)
    save_predictions(layout.predictions, Predictions(answers, cache.test["id"].tolist(), cache.classes), cache.task)
    over = f" over {len(cache.classes)} classes" if cache.classes else ""
    return f"{layout.predictions}: {TASKS[cache.task].answer} of {len(rows)} test images{over}"
