"""Where a row's model looked: Grad-CAM (Selvaraju et al., arXiv:1610.02391), as a picture beside the photo."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.task import Task, is_number
from scoretable.models.classifier import members_of
from scoretable.serving.answers import Answer
from scoretable.serving.photos import Photos
from scoretable.serving.row_model import RowModel
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras

SIDE = 512  # pixels of the longer side of a photo in a picture, at least


class GradCam:
    """How much each place of an image speaks for an answer. Keras must compute with TensorFlow.

    Raises InputError for a network that does not average its features over the image.
    """

    def __init__(self, model: "keras.Model", task: Task) -> None:
        self.networks = [_Network(member, task) for member in members_of(model)]

    def __call__(self, pixels: NDArray[np.uint8], column: int) -> NDArray[np.float32]:
        """Return float32 (height, width) from 0 to 1 of one image, uint8 (height, width, 3); of folds the mean.

        column: the place of the class, or of the number.
        """
        import cv2

        found = np.mean([network.find(pixels, column) for network in self.networks], axis=0)
        return cv2.resize(found, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)


class _Network:
    """A network in three parts: up to its last features that have a place, from there on, and the classifier."""

    def __init__(self, model: "keras.Model", task: Task) -> None:
        import keras

        backbone, self.classifier, self.task = model.get_layer("backbone"), model.get_layer("classifier"), task
        body = backbone.layers[-1]
        pools = [layer for layer in body.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)]
        if not pools:
            raise InputError(
                f"model: {model.name} does not average its features over the image, so nothing shows where it looked: "
                "leave --look out, or take a row of a convolutional network."
            )
        features = pools[-1].input  # those before it are of squeeze and excitation
        self.scaling = keras.Model(backbone.input, backbone.layers[-2].output)
        self.convolutions = keras.Model(body.input, features)
        self.pooling = keras.Model(features, body.output)

    def find(self, pixels: NDArray[np.uint8], column: int) -> NDArray[np.float32]:
        """Return float32 (rows, columns of the features) from 0 to 1."""
        import tensorflow as tf

        features = self.convolutions(self.scaling(pixels[None]), training=False)
        with tf.GradientTape() as tape:
            tape.watch(features)
            pooled = tf.cast(self.pooling(features, training=False), tf.float32)
            scores = pooled @ self.classifier.kernel + self.classifier.bias  # before the activation, as in the paper
            score = (2 * column - 1) * scores[0, 0] if self.task == "binary" else scores[0, column]
        weights = np.mean(tf.cast(tape.gradient(score, features), tf.float32), axis=(0, 1, 2))
        found = np.maximum(np.asarray(tf.cast(features[0], tf.float32)) @ weights, 0)
        return found / max(found.max(), np.finfo(np.float32).tiny)


def write_looks(answers: Iterator[Answer], model: "keras.Model", row: RowModel, folder: Path) -> Iterator[Answer]:
    """Write a PNG of each photo into `folder`, and yield the answers again.

    It is named as the photo, with a number where several are named so.
    """
    look, task = GradCam(model, row.competition.task), row.competition.task
    taken: set[Path] = set()
    for answer in answers:
        if not answer.unreadable:
            pixels = Photos([answer.photo], row.fit, row.value_range)[np.zeros(1, int)][0]
            target = _free(folder / f"{answer.photo.name}.png", taken)
            taken.add(target)
            _write(pixels, look(pixels, _column(answer, task)), target)
        yield answer


def _column(answer: Answer, task: Task) -> int:
    """Return the place of what the answer comes to: the chosen class, or the likeliest; of numbers the first."""
    if is_number(task) or task == "ordinal":
        return 0
    return answer.chosen[0] if answer.chosen else int(np.argmax(answer.numbers))


def _free(path: Path, taken: set[Path]) -> Path:
    candidates = (path.with_name(f"{path.stem}-{number}.png") for number in itertools.count(2))
    return path if path not in taken else next(target for target in candidates if target not in taken)


def _write(pixels: NDArray[np.uint8], look: NDArray[np.float32], target: Path) -> None:
    """Draw a photo as the model saw it, uint8 (height, width, 3) in RGB, and beside it where it looked."""
    import cv2

    seen, heat = (
        cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR),
        cv2.applyColorMap((255 * look).astype(np.uint8), cv2.COLORMAP_INFERNO),
    )
    both = np.hstack([seen, cv2.addWeighted(seen, 0.5, heat, 0.5, 0)])
    times = -(-SIDE // max(pixels.shape[:2]))
    shown = cv2.resize(both, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    with replacing(target) as temporary:
        temporary.write_bytes(cv2.imencode(".png", shown)[1].tobytes())
