"""How a classifier is trained, and how a session of it goes."""

from dataclasses import dataclass, fields
from typing import Any, Self

from scoretable.scoring.measure import Measure
from scoretable.training.augmentation import Augmentation


@dataclass(frozen=True)
class Recipe:
    """How a classifier is trained; the fields are the params of the same names.

    Nothing is left open but None for `batch_norm_momentum` (the backbone's own), `learning_rate` and `weight_decay`
    (the optimizer's own), `ema`, `swa`, `early_stopping` and `second_target` (without), `steps_per_epoch` (each image
    once) and `precision` (what the hardware is fast at). `measure` is no param: what the competition is scored by;
    None: the loss. `early_sizes`: height and width in pixels of the first epochs' images.
    """

    model: str
    weights: str | None
    dropout: float
    batch_norm_momentum: float | None
    activation: str
    loss: str
    label_smoothing: float
    class_weights: str
    metrics: tuple[str, ...]
    optimizer: str
    learning_rate: float | None
    weight_decay: float | None
    schedule: str
    warmup: float
    ema: float | None
    swa: float | None
    freeze_epochs: int
    unfreeze_epochs: int
    backbone_rate: float
    layer_decay: float
    batch_size: int
    epochs: int
    early_sizes: tuple[tuple[int, int], ...]
    accumulate: int
    steps_per_epoch: int | None
    early_stopping: int | None
    measure: Measure | None
    augment: tuple[str, ...]
    crop_area: float
    randaugment_magnitude: int
    second_target: str | None
    second_weight: float
    folds: int
    fold: int
    seed: int
    precision: str | None
    deterministic: bool

    @property
    def watched(self) -> str:
        """What of the validation says which epoch is best."""
        return "loss" if self.measure is None else self.measure.metric

    @property
    def augmentation(self) -> Augmentation:
        """What is done to the images of a batch."""
        return Augmentation(**{field.name: getattr(self, field.name) for field in fields(Augmentation)})

    @classmethod
    def of(cls, settings: Any, **changes: Any) -> Self:
        """Take the fields that are not among `changes` from an object that has them as attributes."""
        names = [field.name for field in fields(cls) if field.name not in changes]
        return cls(**{name: getattr(settings, name) for name in names} | changes)


@dataclass(frozen=True)
class Session:
    """What does not change the result: when to stop and save, and how images reach the device.

    max_hours: of this session; max_total_hours: of all; None means no limit. checkpoint_minutes: from one checkpoint to
    the next, more where writing takes over 2% of the time; 0: after each call of the device. placement: `device` or
    `stream`; None is what suits the device. steps_per_call: how many; None is what is measured at the start. devices:
    how many share a batch; None is all GPUs of the machine that divide it evenly.
    """

    max_hours: float | None = None
    max_total_hours: float | None = None
    checkpoint_minutes: float = 1.0
    placement: str | None = None
    steps_per_call: int | None = None
    devices: int | None = None
