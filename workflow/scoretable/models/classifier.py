"""The model: a backbone with a head, and its file."""

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoretable.models.backbones import build_backbone
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras

_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def build_classifier(
    backbone: str, weights: str | None, height: int, width: int, outputs: int, activation: str, dropout: float,
    batch_norm_momentum: float | None = None, units: tuple[Any, Any] | None = None,
) -> "keras.Model":  # fmt: skip
    """Build a model from (N, height, width, 3) uint8 pixels to (N, outputs) float32 probabilities or numbers.

    `batch_norm_momentum` replaces the backbone's own; 0.99 needs several hundred steps to forget where it started.
    `units`: mean and standard deviation of the number that is to be answered, in which the head then counts; lists of
    them where it has several outputs.
    """
    import keras

    body = build_backbone(backbone, weights, height, width)
    for layer in body._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization) and batch_norm_momentum is not None:
            layer.momentum = batch_norm_momentum
    features = keras.layers.Dropout(dropout, name="dropout")(body(body.input))
    # float32 keeps small probabilities apart under mixed precision.
    answers = keras.layers.Dense(outputs, activation=activation, dtype="float32", name="classifier")(features)
    if units is not None:
        # A bias that moves by the learning rate a step would need thousands of steps to get to a number like 500.
        mean, deviation = units
        answers = keras.layers.Rescaling(deviation, offset=mean, dtype="float32", name="units")(answers)
    return keras.Model(body.input, answers, name=backbone)


def average_models(models: "list[keras.Model]") -> "keras.Model":
    """Join models of equal inputs into one whose output is the mean of theirs; the members are layers `member_<n>`."""
    import keras

    if len(models) == 1:
        return models[0]
    inputs = keras.Input(models[0].input_shape[1:], dtype="uint8", name="pixels")
    outputs = []
    for number, model in enumerate(models):
        member = keras.Model(model.input, model.output, name=f"member_{number}")
        outputs.append(member(inputs))
    return keras.Model(inputs, keras.layers.Average(dtype="float32", name="mean")(outputs), name=models[0].name)


def members_of(model: "keras.Model") -> "list[keras.Model]":
    """Return the models that `average_models` joined, or the model itself."""
    return [layer for layer in model.layers if layer.name.startswith("member_")] or [model]


def save_model(model: "keras.Model", target: Path) -> None:
    """Write a `.keras` file, without the optimizer, whose bytes depend on the model only.

    Keras writes the time of saving and the addresses of Python objects into the archive; here they are left out,
    so that equal runs give equal files.
    """
    import keras

    with replacing(target) as temporary:
        as_saved = temporary.with_name(f"{temporary.stem}.as_saved.keras")
        try:
            keras.Model(model.input, model.output, name=model.name).save(as_saved)
            _copy_reproducibly(as_saved, temporary)
        finally:
            as_saved.unlink(missing_ok=True)


def load_model(path: Path) -> "keras.Model":
    """Load a model that `save_model` wrote, without running any code that the file may carry."""
    import keras

    from scoretable.models import vision_transformer, window_attention  # noqa: F401  whose layers a file may name

    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras lets through whatever a configuration that it did not write leads to
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"{path} cannot be loaded ({reason}): delete it and run the same command again.") from None


def _copy_reproducibly(source: Path, target: Path) -> None:
    with zipfile.ZipFile(source) as stamped, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as plain:
        for name in sorted(stamped.namelist()):
            content = stamped.read(name)
            if name == "metadata.json":
                content = json.dumps(json.loads(content) | {"date_saved": "1980-01-01@00:00:00"}).encode()
            if name == "config.json":
                content = _number_shared_objects(content)
            plain.writestr(zipfile.ZipInfo(name, _EPOCH_OF_ZIP), content)


def _number_shared_objects(config: bytes) -> bytes:
    """Replace the addresses by which a configuration refers to shared objects by their order of appearance."""
    numbers: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        return match[1] + numbers.setdefault(match[2], str(len(numbers)).encode())

    return re.sub(rb'("shared_object_id": )(\d+)', number, config)
