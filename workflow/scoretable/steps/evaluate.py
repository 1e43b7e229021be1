"""Step: metrics and plots of the validation images."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scoretable.competition import load_competition
from scoretable.evaluation_report import write_evaluation
from scoretable.folds import split_fold
from scoretable.image_cache import open_cache

if TYPE_CHECKING:
    from scoretable.layout import Layout
    from scoretable.lineage import Record
    from scoretable.params import Params


class _Photos:
    """Some rows of the cache, read one by one when they are drawn."""

    def __init__(self, images: np.ndarray, rows: np.ndarray) -> None:
        self.images, self.rows = images, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, position: int) -> np.ndarray:
        return self.images[self.rows[position]]


def run(params: "Params", layout: "Layout", record: "Record") -> str:
    """Predict each held-out fold by the model that has not seen it, and write what a person would look at."""
    from scoretable.inference import predict_probabilities
    from scoretable.model import load_model, members_of

    cache = open_cache(layout.cache)
    title = load_competition(params.competition).title
    parts = []
    for member, fold in zip(members_of(load_model(layout.model)), params.held_out_folds, strict=True):
        _, held_out = split_fold(cache.labels, params.folds, fold, params.seed)
        parts.append((held_out, predict_probabilities(member, cache.train_images, held_out, params.tta)))
    rows, probabilities = (np.concatenate(part) for part in zip(*parts, strict=True))
    metrics = write_evaluation(
        labels=cache.labels[rows],
        probabilities=probabilities,
        class_names=cache.classes,
        image_ids=cache.train["id"].iloc[rows].tolist(),
        images=_Photos(cache.train_images, rows),
        history=pd.read_csv(layout.history),
        metrics=layout.metrics,
        plots=layout.plots,
        title=f"{title}: {params.model}, {params.height}x{params.width} px, {params.epochs} epochs",
    )
    return (
        f"{layout.metrics}: validation accuracy {metrics['accuracy']:.4f} on {metrics['images']} images "
        f"(always the largest class: {metrics['largest_class_share']:.4f}); plots in {layout.plots}/"
    )
