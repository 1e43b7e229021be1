"""A row's model as an ONNX file, which other programs run without Keras (https://onnx.ai).

Inside are the scaling from bytes and the last step from outputs to answers; resizing is not, since no operator of ONNX
resizes as the image cache does.
"""

import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.task import Task
from scoretable.experiments.experiment import Experiment
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.rows.layout import Layout
from scoretable.serving.row_model import RowModel, fetched
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras

PACKAGES = ("onnx", "onnxruntime", "tf2onnx")
INPUT, OUTPUT = "pixels", "answers"
TOLERANCE = 1e-4  # by which an answer may differ from Keras'; of numbers as a share of the largest
BATCH, TIMED = 64, 30  # images at a time; images whose time is taken, one by one


@dataclass(frozen=True)
class Exported:
    """What came of it. difference: the largest from Keras; images: how many were compared; milliseconds: an image."""

    megabytes: float
    difference: float
    images: int
    milliseconds: float


def refuse_lacking_packages() -> None:
    """Raise InputError where a package is not installed that makes or runs ONNX files."""
    from importlib.util import find_spec

    lacking = [name for name in PACKAGES if find_spec(name) is None]
    if lacking:
        raise InputError(
            f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not installed, which exporting a row "
            f"needs: type `pip install {' '.join(PACKAGES)}`."
        )


def export_row(model: "keras.Model", row: RowModel, experiment: Experiment, target: Path) -> Exported:
    """Write the ONNX file, whole or not at all, and compare its answers with Keras' on the row's validation images.

    From `pixels`, uint8 (N, height, width, 3) in RGB, to `answers`, float32 (N, columns) as
    `inference.stream_answers` yields them without test-time augmentation. Keras must compute with TensorFlow. Raises
    InputError where the validation images are nowhere, where a layer cannot be converted, and where an answer differs
    by more than `TOLERANCE`.
    """
    whole = _with_answers(_in_float32(model), row.competition.task)
    with replacing(target) as temporary:
        with _validation_images(experiment, row) as (images, places):
            try:
                _write(whole, row, temporary)
                difference, milliseconds = _compare(whole, temporary, images, places)
            except OSError:
                raise
            except Exception as error:  # the converter and the runtime raise whatever a layer leads them to
                raise _inconvertible(row, error) from None
        if not difference <= TOLERANCE:
            raise InputError(
                f"the ONNX file of {row.name} answers otherwise than Keras, by up to {difference:.2g}, so it was not "
                "kept: please report this with the row's model."
            )
        return Exported(temporary.stat().st_size / 1e6, difference, len(places), milliseconds)


def _inconvertible(row: RowModel, error: Exception) -> InputError:
    reason = " ".join(str(error).split())[:200]
    return InputError(
        f"model: {row.params.model} of row {row.name} has a layer that cannot be written as ONNX ({reason}): export a "
        "row of another model."
    )


def _in_float32(model: "keras.Model") -> "keras.Model":
    """Return the model with all layers in float32, which ONNX needs; a row of a GPU computes in half of that."""
    import keras

    config = model.to_json()
    if not (mixed := re.search(r"mixed_(bfloat16|float16)", config)):
        return model
    plain = keras.models.model_from_json(config.replace(mixed[0], "float32"))
    plain.set_weights(model.get_weights())
    return plain


def _with_answers(model: "keras.Model", task: Task) -> "keras.Model":
    """Return the model with the last step of `measure.finish_answers` behind it."""
    import keras

    pixels = keras.Input(model.input_shape[1:], dtype="uint8", name=INPUT)
    answers = model(pixels)
    if task == "multiclass":
        answers = answers / keras.ops.sum(answers, axis=1, keepdims=True)
    if task == "binary":
        answers = keras.ops.concatenate([1 - answers, answers], axis=1)
    return keras.Model(pixels, answers)


def _write(model: "keras.Model", row: RowModel, path: Path) -> None:
    import onnx
    import tensorflow as tf
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)  # it tells of each optimisation that it cannot make
    signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8, name=INPUT)]
    function = tf.function(lambda pixels: {OUTPUT: model(pixels, training=False)}, input_signature=signature)
    # Then functions inside are traced along: Keras compiles grouped convolutions apart, where tf2onnx cannot look.
    tf.config.run_functions_eagerly(True)
    try:
        captures = function.get_concrete_function().graph.captures
        made, _ = tf2onnx.convert.from_function(
            function, input_signature=signature, custom_op_handlers={"Erfc": (_write_erfc, [])}
        )
    finally:
        tf.config.run_functions_eagerly(False)
    _keep_constants(made, {inner.name: value.numpy() for value, inner in captures if value.dtype != tf.resource})
    onnx.helper.set_model_props(made, _describe(row))
    onnx.save(made, str(path))


def _write_erfc(context: Any, node: Any, name: str, arguments: Any) -> None:
    """Write 1 - erf(x), of which ONNX has the second part alone; GELU needs it."""
    inputs, outputs, shapes, types = node.input, node.output, node.output_shapes, node.output_dtypes
    one = context.make_const(f"{node.name}_one", np.float32(1))
    erf = context.make_node("Erf", inputs)
    context.remove_node(node.name)
    context.make_node(
        "Sub", [one.output[0], erf.output[0]], outputs=outputs, name=node.name, shapes=shapes, dtypes=types
    )


def _keep_constants(made: Any, values: dict[str, NDArray[Any]]) -> None:
    """Put in the constants of layers, such as the means of a normalisation, which tf2onnx leaves as further inputs."""
    import onnx

    for given in [given for given in made.graph.input if given.name in values]:
        made.graph.initializer.append(onnx.numpy_helper.from_array(values[given.name], given.name))
        made.graph.input.remove(given)


def _describe(row: RowModel) -> dict[str, str]:
    """Return what a program has to know of the file, as it is kept inside."""
    fit, cut = row.fit, row.cut
    known: dict[str, Any] = {
        "row": row.name, "competition": row.competition.name, "task": row.competition.task, "columns": row.classes,
        "height": fit.height, "width": fit.width, "aspect": fit.aspect, "threshold": cut.threshold,
        "cut_points": cut.points, "at_least_one": cut.at_least_one,
    }  # fmt: skip
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in known.items()}


@contextmanager
def _validation_images(experiment: Experiment, row: RowModel) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.int64]]]:
    """Yield the row's training images, mapped, and the places of those that it held out."""
    layout = Layout.of(row.params)
    with fetched(experiment, layout.validation) as answers, fetched(experiment, layout.cache / "train.npy") as images:
        places = ValidationAnswers.read(answers, row.competition.task).row
        yield np.load(images, mmap_mode="r", allow_pickle=False), places


def _compare(
    model: "keras.Model", path: Path, images: NDArray[np.uint8], places: NDArray[np.int64]
) -> tuple[float, float]:
    """Return the largest difference, and the milliseconds that the file takes for an image on this machine's CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    differences = []
    for start in range(0, len(places), BATCH):
        pixels = np.asarray(images[places[start : start + BATCH]])
        expected, (found,) = model.predict_on_batch(pixels), session.run([OUTPUT], {INPUT: pixels})
        scale = max(1.0, float(np.abs(expected).max()))
        differences.append(np.abs(expected - found).max() / scale)
    one = np.asarray(images[places[:1]])
    begin = time.perf_counter()
    for _ in range(TIMED):
        session.run([OUTPUT], {INPUT: one})
    return float(np.max(differences)), 1000 * (time.perf_counter() - begin) / TIMED
