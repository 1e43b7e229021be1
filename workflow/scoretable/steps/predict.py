"""Step: class probabilities of the test images."""

from typing import TYPE_CHECKING

import numpy as np

from scoretable.atomic import replacing
from scoretable.image_cache import open_cache

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Predict every test image."""
    from scoretable.inference import predict_probabilities
    from scoretable.model import load_model

    cache = open_cache(layout.cache)
    rows = np.arange(len(cache.test))
    probabilities = predict_probabilities(load_model(layout.model), cache.test_images, rows, params.tta)
    with replacing(layout.predictions) as temporary:
        np.savez(
            temporary,
            probabilities=probabilities,
            ids=np.array(cache.test["id"].tolist()),
            classes=np.array(cache.classes),
        )
    return f"{layout.predictions}: probabilities of {len(rows)} test images over {len(cache.classes)} classes"
