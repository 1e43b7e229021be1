"""The files of an evaluation: one JSON of numbers, and a folder of figures and tables."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable import evaluation
from scoretable.atomic import replacing, replacing_folder, write_json
from scoretable.plots import Photos, draw_confusion, draw_learning_curves, draw_mistakes, draw_per_class


def write_evaluation(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    image_ids: Sequence[str],
    images: Photos,
    history: pd.DataFrame,
    metrics: Path,
    plots: Path,
    title: str,
) -> dict[str, float]:
    """Write the folder `plots` anew as a whole, then the file `metrics`, and return what `metrics` holds.

    `labels` (n,) class indices, `probabilities` (n, classes) from 0 to 1, `image_ids` and `images` (n uint8 images of
    height x width x 3) in the same order; `history` as plots.draw_learning_curves takes it; `title` stands on each
    figure. The folder holds learning_curves.png, confusion_matrix.png and .csv (counts), confusion.csv (a row an
    image, for DVC), per_class.png and .csv, mistakes.png (the worst) and .csv (all). Raises InputError for
    probabilities that are not finite, ValueError for shapes that do not fit.
    """
    if len(images) != len(labels):
        raise ValueError(f"There must be one image a label. Received: {len(images)} images, {len(labels)} labels")
    summary = evaluation.summarise(labels, probabilities)
    counts = evaluation.confusion(labels, probabilities, class_names)
    classes = evaluation.per_class(labels, probabilities, class_names)
    mistakes = evaluation.worst_mistakes(labels, probabilities, class_names, image_ids, count=len(labels))
    pairs = evaluation.confusion_pairs(labels, probabilities, class_names)
    with replacing_folder(plots) as folder:
        draw_learning_curves(history, folder / "learning_curves.png", title)
        draw_confusion(counts, folder / "confusion_matrix.png", title)
        draw_per_class(classes, folder / "per_class.png", title)
        draw_mistakes(mistakes, images, folder / "mistakes.png", title)
        _write_table(counts, folder / "confusion_matrix.csv", index=True)
        _write_table(pairs, folder / "confusion.csv")
        _write_table(classes, folder / "per_class.csv")
        _write_table(mistakes, folder / "mistakes.csv")
    write_json(metrics, summary)
    return summary


def _write_table(table: pd.DataFrame, target: Path, index: bool = False) -> None:
    with replacing(target) as temporary:
        table.to_csv(temporary, index=index, lineterminator="\n")
