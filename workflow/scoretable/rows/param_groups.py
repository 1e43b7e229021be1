"""The keys of params.yaml and of session.yaml, in groups."""

import re
from pathlib import PurePosixPath
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

_RESOLVER: Any = yaml.SafeLoader("")  # says as what YAML 1.1 reads a text without quotes
DROPS = PurePosixPath("workflow/drops")  # below workflow/, which DVC watches and which goes along to Kaggle
EXPONENTIAL = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")


def _key(default: Any, description: str, *steps: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"steps": list(steps)}, **limits)


def take_number_as_float(value: Any) -> Any:
    """Take 1 and 1e-4 too, which YAML reads as a whole number and as text."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    exponential = isinstance(value, str) and EXPONENTIAL.fullmatch(value)
    return float(value) if whole or exponential else value


class PlainTexts(BaseModel):
    """A file whose texts DVC and every reader of YAML take for the same.

    DVC writes YAML 1.2, which puts `true` and `12` in quotes where they are texts, but not `yes` and `1:30`.
    """

    @field_validator("*")
    @classmethod
    def _check_texts(cls, value: Any) -> Any:
        for text in filter(lambda item: isinstance(item, str), value if isinstance(value, list) else [value]):
            if "${" in text:
                raise ValueError("must not contain ${, which dvc.yaml would fill in")
            kind = str(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False))).rpartition(":")[2]
            if (kind == "bool" and text.lower() not in ("true", "false")) or (kind in ("int", "float") and ":" in text):
                raise ValueError(f"would come back as {kind}, not as text, once DVC has written it: use another name")
        return value


class SheetParams(PlainTexts):
    """What the team wrote into its sheet, and what `dvc exp show` therefore shows first."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    model: str = _key(
        "EfficientNetLite0",
        "backbone: EfficientNetLite0 to 2, SmallCNN, any model of keras.applications, or a ViT or Swin by timm's name",
        "train",
    )
    image_size: int | str = _key(128, "side in pixels, or height x width such as 448x320", "preprocess")
    epochs: int = _key(5, "passes over the training images", "train", ge=1, le=100_000)
    batch_size: int = _key(32, "images per training step", "train", ge=1, le=65_536)
    optimizer: str = _key("adam", "any Keras optimizer", "train")
    learning_rate: float | None = _key(
        0.001, "peak learning rate; null: the optimizer's default", "train", gt=0.0, le=10.0
    )


class DataParams(BaseModel):
    """Which images there are, and how they are cached."""

    competition: str = _key("sandbox", "which file of workflow/competitions/ describes the data", "download")
    sandbox_images: int = _key(640, "how many images the sandbox draws", "download", ge=40, le=400_000)
    sandbox_seed: int = _key(0, "seed of the sandbox's images", "download", ge=0)
    aspect: Literal["stretch", "crop", "pad"] = _key(
        "stretch", "how a photo is fitted to the image size: stretch it, crop its middle, or pad it", "preprocess"
    )
    box: Literal["ignore", "crop"] = _key("ignore", "bounding boxes: ignore them, or crop to them", "preprocess")
    box_margin: float = _key(0.0, "margin around a bounding box, as a share of its side", "preprocess", ge=0.0, le=1.0)
    unreadable: Literal["refuse", "skip"] = _key(
        "refuse", "images that cannot be decoded: refuse the archive, or skip and list them", "preprocess"
    )
    drop: str | None = _key(
        None, "file of workflow/drops/ that lists training images to leave out, one id a line; null: none", "preprocess"
    )
    group: Literal["none", "duplicates"] = _key(
        "none",
        "images that a fold holds out together, beside those of a competition's group: none, or duplicates that look "
        "alike",
        "preprocess",
    )

    @field_validator("drop")
    @classmethod
    def _check_drop(cls, value: str | None) -> str | None:
        path = PurePosixPath(value or DROPS / "leaves.txt")
        if path.parent != DROPS or path.suffix != ".txt":
            raise ValueError(f"must be a file of {DROPS}/, such as {DROPS / 'leaves.txt'}")
        return value


class TrainingParams(BaseModel):
    """What else the trained weights depend on."""

    weights: str | None = _key(
        "imagenet",
        "imagenet, a name such as convnext_large.fb_in22k, the path of a file, row:NAME for an earlier row's, or null "
        "for random weights",
        "train",
    )
    early_sizes: list[int | str] | None = _key(
        None,
        "smaller image sizes, such as [64, 96], that come first and share the epochs with image_size; null: none "
        "(arXiv:2104.00298)",
        "train",
    )
    dropout: float = _key(0.2, "share of features dropped before the classifier", "train", ge=0.0, lt=1.0)
    batch_norm_momentum: float | None = _key(
        0.9,
        "momentum of batch normalisation's averages, lower for short training; null: the backbone's own",
        "train",
        gt=0.0,
        lt=1.0,
    )
    activation: Literal["softmax", "sigmoid", "linear"] | None = _key(
        None, "activation of the classifier; null: the one that fits the competition's task and the loss", "train"
    )
    loss: str | None = _key(None, "a Keras loss; null: the first that fits the task", "train")
    label_smoothing: float = _key(0.0, "share of certainty taken away from the targets", "train", ge=0.0, lt=1.0)
    class_weights: Literal["none", "balanced"] = _key(
        "none", "weight of each class in the loss: none, or balanced so that rare ones count as much", "train"
    )
    metrics: str | list[str] | None = _key(
        None, "Keras metrics to record each epoch: a name or a list; null: accuracy, or mae for numbers", "train"
    )
    weight_decay: float | None = _key(
        None,
        "share of each weight that a step removes, times the learning rate; null: the optimizer's own",
        "train",
        ge=0.0,
        le=1.0,
    )
    schedule: Literal["constant", "cosine", "one_cycle", "reduce_on_plateau"] = _key(
        "cosine", "how the learning rate changes: constant, cosine, one_cycle, or reduce_on_plateau", "train"
    )
    warmup: float = _key(0.0, "share of the steps in which the learning rate rises from zero", "train", ge=0.0, lt=1.0)
    ema: float | None = _key(
        None,
        "momentum of a moving average of the weights, which becomes the model; null: none",
        "train",
        gt=0.0,
        lt=1.0,
    )
    swa: float | None = _key(
        None,
        "share of the epochs, the last ones, whose weights are averaged into the model (arXiv:1803.05407); null: none",
        "train", gt=0.0, le=1.0,
    )  # fmt: skip
    freeze_epochs: int = _key(0, "epochs at the start in which only the classifier is trained", "train", ge=0)
    unfreeze_epochs: int = _key(
        0, "epochs after those in which the backbone is unfrozen from the top down", "train", ge=0
    )
    backbone_rate: float = _key(
        1.0, "learning rate of the backbone, as a share of the classifier's", "train", gt=0.0, le=1.0
    )
    layer_decay: float = _key(
        1.0, "learning rate of each block of the backbone, as a share of that above it (arXiv:2106.08254)", "train",
        gt=0.0, le=1.0,
    )  # fmt: skip
    accumulate: int = _key(
        1, "parts in which a batch goes through the network, one after the other, to need less memory", "train",
        ge=1, le=65_536,
    )  # fmt: skip
    steps_per_epoch: int | None = _key(None, "batches per epoch; null: each image once", "train", ge=1)
    early_stopping: int | None = _key(
        None, "epochs without a better validation score after which training ends with the best weights; null: never",
        "train", ge=1,
    )  # fmt: skip
    augment: str | list[str] = _key(
        "flip",
        "random changes to training images: none, or one or a list of flip, flip_vertical, crop, colour, cutout, "
        "erase, rotate, zoom, resized_crop, randaugment, mixup, cutmix",
        "train",
    )
    crop_area: float = _key(
        0.35, "least share of the area that resized_crop keeps (arXiv:1409.4842 has 0.08)", "train", gt=0.0, le=1.0
    )
    randaugment_magnitude: int = _key(
        9, "how much randaugment changes, from 0 to 10 (arXiv:1909.13719)", "train", ge=0, le=10
    )
    pseudo_labels: str | None = _key(
        None,
        "name of a saved row whose sure answers to test images are trained on too; null: none",
        "train",
    )
    pseudo_threshold: float = _key(
        0.95, "probability from which an answer of that row is a label (arXiv:2001.07685)", "train", gt=0.0, le=1.0
    )
    second_target: str | None = _key(
        None,
        "further column of the competition's file that is learned beside the label (doi 10.1023/A:1007379606734); "
        "null: none",
        "train",
    )
    second_weight: float = _key(
        0.3, "weight of that column's loss, where that of the labels has 1", "train", gt=0.0, le=100.0
    )
    validation: float = _key(0.2, "share of training images held out: one fold of 1/share", "train", gt=0.0, le=0.5)
    fold: int | str = _key(
        0, "which fold is held out, from 0; all: one model per fold, whose predictions are averaged", "train"
    )
    seed: int = _key(0, "seed of the weights, order, augmentation and folds", "train", ge=0, lt=2**31)
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] | None = _key(
        None, "number format of the training step; null: one that the hardware is fast at", "train"
    )
    deterministic: bool = _key(True, "equal runs give equal weights, which costs some speed on a GPU", "train")


class PredictionParams(BaseModel):
    """How answers are made from the trained weights."""

    tta: str | list[str] = _key(
        "none",
        "test-time augmentation: the mean over the image and views of it, none or one or a list of flip, "
        "flip_vertical, rotate_90, rotate_180, rotate_270, transpose, transverse, closer, flip_closer; flip_scales: "
        "flip and both closer",
        "predict",
    )


class SessionParams(PlainTexts):
    """The keys of session.yaml: how a row is run, which changes none of its results."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    archive: str | None = _key(None, "path of an archive you have; null: data/archives/<competition>.zip")
    reruns: int | str | None = _key(
        None, "reported row that this reruns, as paddy/8 of workflow/tables/, set by `scoretable reproduce`"
    )
    scale: str | None = _key(None, "how that row was scaled down, set by `scoretable reproduce`")
    max_hours: float | None = _key(
        None, "hours within which this session stops with a checkpoint, to continue later; null: no limit", gt=0.0
    )
    max_total_hours: float | None = _key(
        None, "the same, but counting all sessions of this training; null: no limit", gt=0.0
    )
    checkpoint_minutes: float = _key(1.0, "minutes from one checkpoint to the next; 0: after every step", ge=0.0)
    backend: Literal["tensorflow", "jax"] | None = _key(
        None, "tensorflow or jax, which Keras computes with; null: KERAS_BACKEND's, else the fastest that is installed"
    )
    placement: Literal["device", "stream"] | None = _key(
        None, "where training images are: in device memory, or streamed from the cache; null: what suits the device"
    )
    steps_per_call: int | None = _key(None, "training steps per call of the device; null: as measured", ge=1)
    devices: int | None = _key(
        None, "devices that share each training batch; null: all GPUs that divide it evenly", ge=1
    )
    price_per_hour: float | None = _key(
        None, "price of one device for an hour, in any currency; null: rows have no cost", gt=0.0
    )
    tensorboard: bool = _key(False, "write logs/tensorboard/ during training")
    train_on: Literal["here", "kaggle"] = _key(
        "here", "where models are trained: here, or on Kaggle's machines (docs/kaggle.md)"
    )
    kaggle_accelerator: str | None = _key(
        "NvidiaTeslaT4", "machine shape of a session on Kaggle, as Kaggle names it; null: no GPU"
    )
    kaggle_internet: bool = _key(True, "let a session on Kaggle fetch the locked packages and ImageNet's weights")
    kaggle_hours: float = _key(
        11.0, "hours after which a session on Kaggle stops, so that another continues; Kaggle ends it after 12", gt=0.0
    )
    kaggle_timeout: float = _key(60.0, "seconds without a byte after which a request to Kaggle ends", gt=0.0)
    score_minutes: float = _key(15.0, "minutes to wait for a submission's score; the next submit asks again", ge=0.0)

    @field_validator(
        "max_hours", "max_total_hours", "checkpoint_minutes", "price_per_hour", "kaggle_hours", "kaggle_timeout",
        "score_minutes", mode="before",
    )  # fmt: skip
    @classmethod
    def _take_numbers_as_floats(cls, value: Any) -> Any:
        return take_number_as_float(value)
