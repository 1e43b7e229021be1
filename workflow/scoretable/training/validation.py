"""What the model of an epoch makes of the held-out images."""

from collections.abc import Iterable
from itertools import chain, pairwise
from typing import Any

import numpy as np
from keras import ops

from scoretable.devices.replicas import Replicas
from scoretable.images.image_cache import ImageCache
from scoretable.scoring.measure import Measure, finish_answers
from scoretable.training.batches import OrderedBatches
from scoretable.training.made_ahead import MadeAhead
from scoretable.training.objective import Figures

EVALUATION_SHARE = 0.1  # of an accelerator's memory that an evaluation may take
EVALUATION_BYTES = 512  # for a pixel, at most: VGG's first two layers have 64 channels of float32 each
MOST_EVALUATED = 512  # images, as prediction takes on a GPU


class Validation:
    """The images that a fold holds out, and how their answers are scored.

    Args:
        cache, rows: which of the cache's images they are.
        batch_size: images per batch; replicas: the devices that share it.
        measure: the competition's metric; None: only the loss and the metrics of Keras.

    Raises InputError where the metric has no value for these images.
    """

    def __init__(
        self, cache: ImageCache, rows: np.ndarray, batch_size: int, replicas: Replicas, measure: Measure | None
    ) -> None:
        self.batches = OrderedBatches(cache.train_images, rows, batch_size, cache.targets, replicas.count)
        self.replicas = replicas
        self.truth, self.task, self.measure = cache.truth[rows], cache.task, measure
        if measure is not None:
            measure.refuse_undefined(self.truth)

    def figures(self, step: Any) -> Figures:
        """Return the figures of a compiled step's model, each as `val_<name>`; a score that is no number as NaN."""
        step.reset_figures()
        with MadeAhead(self._feed, self.batches.starts) as feeds:
            outputs = self._gather(map(step.evaluate, feeds))
        figures = {f"val_{name}": value for name, value in step.figures().items()}
        if self.measure is None:
            return figures
        return figures | {f"val_{self.measure.metric}": self._score(outputs)}

    def _feed(self, start: int) -> Any:
        return self.replicas.put(self.batches.batch(start))

    def _gather(self, outputs: Iterable[Any]) -> np.ndarray:
        """Return a row per image, float (n, outputs); a batch is fetched while the device computes the next one."""
        whole, done = np.empty((0, 0), np.float32), 0
        for part, _ in pairwise(chain(outputs, [None])):
            rows = ops.convert_to_numpy(part)[: len(self.truth) - done]
            if not done:
                whole = np.empty((len(self.truth), rows.shape[1]), rows.dtype)
            whole[done : done + len(rows)] = rows
            done += len(rows)
        return whole

    def _score(self, outputs: np.ndarray) -> float:
        assert self.measure is not None
        if not np.isfinite(outputs).all():  # as after too large a step, from which a training can recover
            return float("nan")
        return self.measure.score(self.truth, finish_answers(outputs, self.task))


def choose_evaluation_batch(batch_size: int, pixels: int, device_memory: int | None) -> int:
    """Return how many images are evaluated at a time: as many as are trained on, or more where an accelerator has room.

    At least twice as many fit there, since training keeps each layer's output and makes a gradient of it. `pixels`: of
    an image. `device_memory`: as in `choose_placement`.
    """
    if not device_memory:
        return batch_size
    roomy = int(EVALUATION_SHARE * device_memory / (EVALUATION_BYTES * pixels)) // 16 * 16
    return max(2 * batch_size, min(roomy, MOST_EVALUATED))
