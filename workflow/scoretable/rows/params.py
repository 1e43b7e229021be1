"""params.yaml and session.yaml: their keys, types and ranges, and the pairs that fit.

This module is the one source: the JSON schemas (`workflow/schemas/`), the table in docs/params.md and the params that
each step depends on (`step_params`) all come from the models `Params` and `SessionParams`.
"""

from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, field_validator, model_validator

from scoretable.competition.task import LOSSES, METRICS
from scoretable.models.backbones import BACKBONES, image_size_problem
from scoretable.models.published_weights import PUBLISHED
from scoretable.prediction.views import VIEW_NAMES, VIEWS, turns_sides
from scoretable.rows.pairs import refuse_averages, refuse_sizes, refuse_warmup
from scoretable.rows.param_groups import (
    DataParams,
    PredictionParams,
    SessionParams,
    SheetParams,
    TrainingParams,
    take_number_as_float,
)
from scoretable.rows.param_text import describe_error, show_value, yaml_value
from scoretable.training.augmentation import AUGMENTATIONS
from scoretable.training.optimizers import OPTIMIZERS
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import read_yaml

SESSION = "session.yaml"  # lies beside params.yaml
ROW = "row:"  # begins `weights` where they are those of an earlier row
LABELS = ("reruns", "scale")  # keys of session.yaml that say which reported row a row is

Model = TypeVar("Model", bound=BaseModel)


class Params(PredictionParams, TrainingParams, DataParams, SheetParams):
    """What a row is: params.yaml. A value of None means whatever the task, the optimizer or the hardware suggests."""

    @field_validator(
        "learning_rate", "dropout", "batch_norm_momentum", "box_margin", "validation", "label_smoothing",
        "weight_decay", "warmup", "ema", "swa", "backbone_rate", "layer_decay", "crop_area",
        "pseudo_threshold", "second_weight",
        mode="before",
    )  # fmt: skip
    @classmethod
    def _take_numbers_as_floats(cls, value: Any) -> Any:
        return take_number_as_float(value)

    @field_validator("image_size", "early_sizes")
    @classmethod
    def _check_image_size(cls, value: int | str | list[int | str] | None) -> int | str | list[int | str] | None:
        for size in value if isinstance(value, list) else [] if value is None else [value]:
            if not all(8 <= side <= 4096 for side in parse_image_size(size)):
                raise ValueError("must be between 8 and 4096 pixels per side")
        return value

    @field_validator("model")
    @classmethod
    def _check_model(cls, value: str) -> str:
        return _one_of(value, tuple(BACKBONES))

    @field_validator("optimizer")
    @classmethod
    def _check_optimizer(cls, value: str) -> str:
        return _one_of(value, OPTIMIZERS)

    @field_validator("weights")
    @classmethod
    def _check_weights(cls, value: str | None) -> str | None:
        if value == ROW:
            raise ValueError(f"must name a row, such as {ROW}row-8")
        return value

    @field_validator("loss")
    @classmethod
    def _check_loss(cls, value: str | None) -> str | None:
        return value if value is None else _one_of(value, LOSSES)

    @field_validator("metrics")
    @classmethod
    def _check_metrics(cls, value: str | list[str] | None) -> str | list[str] | None:
        for name in [value] if isinstance(value, str) else value or []:
            _one_of(name, METRICS)
        return value

    @field_validator("augment")
    @classmethod
    def _check_augment(cls, value: str | list[str]) -> str | list[str]:
        for name in [value] if isinstance(value, str) else value:
            _one_of(name, ("none", *AUGMENTATIONS) if isinstance(value, str) else AUGMENTATIONS)
        return value

    @field_validator("tta")
    @classmethod
    def _check_tta(cls, value: str | list[str]) -> str | list[str]:
        for name in [value] if isinstance(value, str) else value:
            _one_of(name, VIEW_NAMES if isinstance(value, str) else tuple(VIEWS))
        return value

    @field_validator("fold")
    @classmethod
    def _check_fold(cls, value: int | str) -> int | str:
        if isinstance(value, str) and value != "all":
            raise ValueError("must be the number of a fold, counted from 0, or all")
        return value

    @model_validator(mode="after")
    def _check_pairs(self) -> "Params":
        if problem := image_size_problem(self.model, self.height, self.width):
            raise ValueError(f"image_size: {self.image_size} {problem}")
        published = PUBLISHED.get(self.weights or "")
        if published is not None and published.model != self.model:
            raise ValueError(
                f"weights: {self.weights} are of model: {published.model}, not of model: {self.model}: change one of "
                "the two"
            )
        if self.batch_size % self.accumulate:
            raise ValueError(
                f"accumulate: {self.accumulate} does not divide batch_size: {self.batch_size} into equal parts: "
                "change one of the two"
            )
        if turns_sides(self.views) and self.height != self.width:
            raise ValueError(
                f"tta: {show_value(self.tta)} has views that turn the image to its side, and fits square images alone: "
                f"leave them out, or change image_size: {self.image_size} to a square"
            )
        refuse_warmup(self)
        refuse_averages(self, self.epochs)
        refuse_sizes(self, self.epochs, self.first_sizes, (self.height, self.width), self.model)
        if isinstance(self.fold, int) and not 0 <= self.fold < self.folds:
            raise ValueError(
                f"fold: {self.fold} does not exist, since validation: {self.validation:g} makes folds 0 to "
                f"{self.folds - 1}"
            )
        return self

    @property
    def height(self) -> int:
        """Height of a cached image in pixels."""
        return parse_image_size(self.image_size)[0]

    @property
    def width(self) -> int:
        """Width of a cached image in pixels."""
        return parse_image_size(self.image_size)[1]

    @property
    def first_sizes(self) -> tuple[tuple[int, int], ...]:
        """Height and width of the images in the first epochs, in pixels."""
        return tuple(map(parse_image_size, self.early_sizes or ()))

    @property
    def folds(self) -> int:
        """Number of folds that the validation share makes."""
        return round(1 / self.validation)

    @property
    def augmentations(self) -> tuple[str, ...]:
        """The augmentations to make, as a tuple."""
        return _names(self.augment)

    @property
    def views(self) -> tuple[str, ...]:
        """The views of an image beside itself over which its answer is the mean."""
        return _names(self.tta)

    @property
    def held_out_folds(self) -> tuple[int, ...]:
        """The folds for each of which a model is trained."""
        return (self.fold,) if isinstance(self.fold, int) else tuple(range(self.folds))

    @property
    def metric_names(self) -> tuple[str, ...]:
        """The metrics to record, as a tuple even where params.yaml gives one name."""
        return (self.metrics,) if isinstance(self.metrics, str) else tuple(self.metrics or ())


def _names(value: str | list[str]) -> tuple[str, ...]:
    return () if value == "none" else (value,) if isinstance(value, str) else tuple(value)


def parse_image_size(value: int | str) -> tuple[int, int]:
    """Return (height, width) in pixels of 224 or '448x320'; raise ValueError for anything else."""
    if isinstance(value, int):
        return value, value
    height, separator, width = value.partition("x")
    if not (separator and height.isdecimal() and width.isdecimal()):
        raise ValueError("must be a number of pixels such as 224, or height x width such as 448x320")
    return int(height), int(width)


def load_params(path: Path, source: Path | None = None) -> Params:
    """Read and validate params.yaml; raise InputError with one sentence per mistake.

    source: the file to edit, where `path` is a run's copy of it.
    """
    return parse_params(_read(path, source or path), str(source or path))


def load_session(path: Path, source: Path | None = None) -> SessionParams:
    """Read and validate session.yaml; raise InputError with one sentence per mistake; source: as in `load_params`."""
    return parse_session(_read(path, source or path), str(source or path))


def parse_params(content: dict[str, Any], source: str) -> Params:
    """Validate params given as a mapping; `source` names their origin in the InputError."""
    return _validate(Params, content, source)


def parse_session(content: dict[str, Any], source: str) -> SessionParams:
    """Validate the keys of a session given as a mapping; `source` names their origin in the InputError."""
    return _validate(SessionParams, content, source)


def _read(path: Path, source: Path) -> dict[str, Any]:
    content = read_yaml(path, f"restore it with `git checkout {source}`", source)
    if not isinstance(content, dict):
        raise InputError(f"{source} must hold one `key: value` per line.")
    return content


def _validate(model: type[Model], content: dict[str, Any], source: str) -> Model:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        elsewhere = {"params.yaml": Params, SESSION: SessionParams}
        sentences = dict.fromkeys(describe_error(detail, model, elsewhere) for detail in error.errors())
        raise InputError(f"{source}: " + "; ".join(sentences) + ".") from None


def step_params(step: str) -> tuple[str, ...]:
    """Names of the params that the result of `step` itself depends on, in the order of params.yaml."""
    return tuple(name for name, extra in _extras(Params).items() if step in extra)


def describe_params(model: type[BaseModel] = Params) -> list[tuple[str, str, str, str]]:
    """Return (key, default, meaning, steps) of every key of a model, for the docs."""
    extras = _extras(model)
    return [
        (name, yaml_value(field.default), field.description or "", ", ".join(extras[name]))
        for name, field in model.model_fields.items()
    ]


@cache  # the schema takes 15 ms, and each command asks for six steps
def _extras(model: type[BaseModel]) -> dict[str, list[str]]:
    properties = model.model_json_schema()["properties"]
    return {name: properties[name]["steps"] for name in model.model_fields}


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}{nearest(value, allowed)}")
    return value
