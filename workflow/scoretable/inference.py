"""Class probabilities of images."""

from typing import Any

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
    total = sum(_predict(model, OrderedBatches(images, rows, batch_size, mirrored=mirrored)) for mirrored in views)
    return (total / total.sum(axis=1, keepdims=True)).astype(np.float32)


def _predict(model: keras.Model, batches: OrderedBatches) -> Any:
    with tqdm(total=len(batches.rows), desc="predict", unit="image", dynamic_ncols=True) as bar:
        return model.predict(batches, verbose=0, callbacks=[_ImageBar(bar, batches.batch_size)])


class _ImageBar(keras.callbacks.Callback):
    def __init__(self, bar: tqdm, batch_size: int) -> None:
        super().__init__()
        self.bar, self.batch_size = bar, batch_size

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self.bar.update(min(self.batch_size, self.bar.total - self.bar.n))
