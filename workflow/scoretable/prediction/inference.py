"""A model's answers to images."""

from collections.abc import Iterator, Sequence

import keras
import numpy as np
from tqdm import tqdm

from scoretable.competition.task import Task
from scoretable.devices.device import find_device
from scoretable.prediction.views import views_of
from scoretable.scoring.measure import finish_answers
from scoretable.training.batches import OrderedBatches

CPU_BATCH, GPU_BATCH = 64, 512


def predict_answers(
    model: keras.Model,
    images: np.ndarray,
    rows: np.ndarray,
    tta: Sequence[str] = (),
    batch_size: int | None = None,
    task: Task = "multiclass",
) -> np.ndarray:
    """Return the answers of `stream_answers` as one array, float32 with one row per image."""
    return np.concatenate(list(stream_answers(model, images, rows, tta, batch_size, task)))


def stream_answers(
    model: keras.Model,
    images: np.ndarray,
    rows: np.ndarray,
    tta: Sequence[str] = (),
    batch_size: int | None = None,
    task: Task = "multiclass",
) -> Iterator[np.ndarray]:
    """Yield the answers to `images[rows]` (uint8 (N, H, W, 3)) in their order, float32 with one row per image.

    multiclass and binary: (n, classes) probabilities which add up to one. multilabel: (n, classes), the probability
    of each label by itself. multi_regression: (n, numbers). ordinal, regression and
    unit_regression: (n, 1), the number. They are the mean over the image and the views of it that `tta` names, see
    `views.VIEWS`. `batch_size`: None for as large as fits.
    """
    batch_size = batch_size or (GPU_BATCH if find_device().is_gpu else CPU_BATCH)
    views = views_of(tta)
    done = 0
    with tqdm(total=len(rows), desc="predict", unit="image", dynamic_ncols=True) as bar:
        while done < len(rows):
            try:
                for feed in OrderedBatches(images, rows[done:], batch_size):
                    kept = int(feed["weights"].sum())
                    total = np.sum([model.predict_on_batch(view(feed["pixels"]))[:kept] for view in views], axis=0)
                    yield finish_answers(total / len(views), task)
                    done += kept
                    bar.update(kept)
            except Exception as error:  # each backend has its own exception for a full device
                if "RESOURCE_EXHAUSTED" not in f"{error} {type(error).__name__}".upper() or batch_size == 1:
                    raise
                batch_size //= 2
