"""A model's answers to images."""

import keras
import numpy as np
from tqdm import tqdm

from scoretable.batches import OrderedBatches
from scoretable.task import Task


def predict_answers(
    model: keras.Model,
    images: np.ndarray,
    rows: np.ndarray,
    tta: str = "none",
    batch_size: int = 64,
    task: Task = "multiclass",
) -> np.ndarray:
    """Return the answers to `images[rows]` (uint8 (N, H, W, 3)) as float32 with one row an image.

    multiclass and binary: (n, classes) probabilities which add up to one. multilabel: (n, classes), the probability
    of each label by itself. regression and unit_regression: (n, 1), the number. With `tta` 'flip' they are the mean
    over each image and its mirror image.
    """
    views = (False, True) if tta == "flip" else (False,)
    total = np.sum([_predict(model, OrderedBatches(images, rows, batch_size, mirrored=view)) for view in views], axis=0)
    if task == "multiclass":
        return (total / total.sum(axis=1, keepdims=True)).astype(np.float32)
    answers = (total / len(views)).astype(np.float32)
    return np.hstack([1 - answers, answers]) if task == "binary" else answers


def _predict(model: keras.Model, batches: OrderedBatches) -> np.ndarray:
    parts = []
    with tqdm(total=len(batches.rows), desc="predict", unit="image", dynamic_ncols=True) as bar:
        for pixels, _ in batches:
            parts.append(model.predict_on_batch(pixels))
            bar.update(len(pixels))
    return np.concatenate(parts)
