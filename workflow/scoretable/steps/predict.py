"""Step: the answers to the test images, and to the validation images."""

from itertools import chain

import numpy as np

from scoretable.competition.task import TASKS
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.prediction.predictions import save_predictions
from scoretable.prediction.validation_answers import save_validation_answers
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.training.folds import split_fold
from scoretable.workspace.errors import how_many


def run(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Predict every test image by the model, and each held-out fold by the part of it that has not seen the fold."""
    from scoretable.models.classifier import load_model, members_of
    from scoretable.prediction.inference import stream_answers

    model, cache = load_model(layout.model), open_cache(layout.cache)
    rows = np.arange(len(cache.test))
    answers = stream_answers(model, cache.test_images, rows, params.views, task=cache.task)
    save_predictions(layout.predictions, answers, cache.test["id"].tolist(), cache.classes, cache.task)

    folds = params.held_out_folds
    held_out = {fold: split_fold(cache.labels, params.folds, fold, params.seed, cache.groups)[1] for fold in folds}
    blocks = chain.from_iterable(
        stream_answers(member, cache.train_images, part, params.views, task=cache.task)
        for member, part in zip(members_of(model), held_out.values(), strict=True)
    )
    validated = save_validation_answers(layout.validation, blocks, cache, held_out)
    return (
        f"{layout.predictions}: {_describe(cache, how_many(len(rows), 'test image'))}; "
        f"{layout.validation}: those of {how_many(validated, 'validation image')}"
    )


def _describe(cache: ImageCache, images: str) -> str:
    if cache.task == "multi_regression":
        return f"{how_many(len(cache.classes), 'number')} for each of {images}"
    over = f" over {len(cache.classes)} classes" if cache.classes else ""
    return f"{TASKS[cache.task].answer} of {images}{over}"
