"""Step: the answers to the test images."""

from typing import TYPE_CHECKING, Any

import numpy as np

from scoretable.atomic import replacing
from scoretable.image_cache import open_cache
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
    name = TASKS[cache.task].answer
    content: dict[str, Any] = {name: answers, "ids": cache.test["id"].tolist(), "classes": np.array(cache.classes, str)}
    with replacing(layout.predictions) as temporary:
        np.savez(temporary, **content)
    over = f" over {len(cache.classes)} classes" if cache.classes else ""
    return f"{layout.predictions}: {name} of {len(rows)} test images{over}"
