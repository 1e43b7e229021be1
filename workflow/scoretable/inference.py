"""Class probabilities of images."""

import keras
import numpy as np
from tqdm import tqdm

from scoretable.batches import OrderedBatches


def predict_probabilities(
    model: keras.Model, images: np.ndarray, rows: np.ndarray, tta: str = "none", batch_size: int = 64
) -> np.ndarray:
    """Return float32 (n, classes) probabilities, which add up to one, of `images[rows]`.

    `images`: uint8 (N, H, W, 3). With `tta` 'flip' they are the mean over each image and its mirror image.
    """
    views = (False, True) if tta == "flip" else (False,)
    total = np.sum([_predict(model, OrderedBatches(images, rows, batch_size, mirrored=view)) for view in views], axis=0)
    return (total / total.sum(axis=1, keepdims=True)).astype(np.float32)


def _predict(model: keras.Model, batches: OrderedBatches) -> np.ndarray:
    parts = []
    with tqdm(total=len(batches.rows), desc="predict", unit="image", dynamic_ncols=True) as bar:
        for pixels, _ in batches:
            parts.append(model.predict_on_batch(pixels))
            bar.update(len(pixels))
    return np.concatenate(parts)
