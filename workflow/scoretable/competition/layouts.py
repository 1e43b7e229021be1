"""The parts of a competition file that say where images and labels lie, and what to do with rows that lack them."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from scoretable.competition.spelling import clean
from scoretable.competition.task import FurtherTask


class Strict(BaseModel):
    """A part of the file: no unknown keys, and numbers that stand where text is expected count as text."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


def _as_pairs(value: Any) -> Any:
    """Turn the keys of a mapping into clean text, since YAML reads `0: no` with a number."""
    return {clean(str(key)): label for key, label in value.items()} if isinstance(value, dict) else value


# Older encodings that Korean, Japanese, Chinese, Russian and western European tables are in.
ENCODINGS = ("cp949", "cp932", "gb18030", "big5", "cp1251", "cp1252")
FURTHER = "further "  # begins the name of a further column where it stands beside id and label
MOST_CHANNELS = 3  # of an image: red, green and blue

Texts = list[str]
Column = Annotated[str, AfterValidator(clean)]  # or a label, as those of the archive are read
Columns = list[Column]
LabelMap = Annotated[dict[str, Column], BeforeValidator(_as_pairs)]
FurtherColumns = Annotated[dict[str, FurtherTask], BeforeValidator(_as_pairs)]
_IMAGES = (
    "member that holds an image: a pattern, or a list of them, with {id}, {stem} (the id without its suffix), "
    "{basename} (the id without its folders), or names of the table's columns"
)


class BoxColumns(Strict):
    """Columns of a bounding box in pixels of the original photo: left, top, right, bottom."""

    x1: Column
    y1: Column
    x2: Column
    y2: Column


class PixelColumns(Strict):
    """Columns of a table that hold the pixels of images, row by row.

    In a CSV each is a pixel of a grey image, from 0 to 255; in JSON each is an array, a channel of the image.
    """

    columns: str | Texts = Field(
        "pixel*", description="names of the columns, or a list of them, with * for what differs between them"
    )
    height: int = Field(ge=1)
    width: int = Field(ge=1)

    @property
    def patterns(self) -> list[str]:
        """Return the names of the columns, which may contain *."""
        return [self.columns] if isinstance(self.columns, str) else self.columns

    @property
    def shown_columns(self) -> str:
        """Return the names as a message has them."""
        return ", ".join(self.patterns[:3])


class _Images(Strict):
    """What the layouts of both splits have in common."""

    table: str | None = None
    coco: str | None = Field(None, description="JSON member in COCO's form, in place of a table")
    id_column: Column | None = Field(
        "image_id", description="column that names the image; null: the row's number from 1"
    )
    images: str | Texts | None = Field(None, description=_IMAGES)
    channels: Texts | None = Field(
        None, description="patterns of the files that are red, green and blue of an image, in place of images"
    )
    pixels: PixelColumns | None = Field(None, description="columns of the table that hold the pixels, without images")
    box: BoxColumns | None = None

    @property
    def listing(self) -> str | None:
        """Return the table or the COCO file that lists the images, where there is one."""
        return self.table or self.coco

    @property
    def patterns(self) -> list[str]:
        """Return the patterns of `images`, or else of `channels`."""
        return [self.images] if isinstance(self.images, str) else self.images or self.channels or []

    @property
    def id_columns(self) -> list[str]:
        """Return the id column, where there is one."""
        return [] if self.id_column is None else [self.id_column]

    @property
    def id_place(self) -> str:
        """Return the id column as a message names it."""
        return self.id_column or "row number"

    @property
    def shown_images(self) -> str:
        """Return the patterns as a message names them."""
        return (" and " if self.channels else " or ").join(self.patterns)

    def keys_of_columns(self, split: str) -> dict[str, str]:
        """Return the columns that the table must have, each with the key that names it."""
        boxes = dict.fromkeys(self.box.model_dump().values() if self.box else (), f"{split}.box")
        return boxes | dict.fromkeys(self.id_columns, f"{split}.id_column")

    def key_of_listing(self, split: str) -> str:
        """Return the key that names the table or the COCO file."""
        return f"{split}.{'table' if self.table else 'coco'}"

    @property
    def fields(self) -> set[str]:
        """Return the names between braces in the patterns."""
        return {field for pattern in self.patterns for field in re.findall(r"\{(.*?)\}", pattern)}


class TrainLayout(_Images):
    """Where the training images and their labels are."""

    table: str | None = Field(None, description="CSV member with one row per image; null: the names hold the labels")
    label_column: Column | None = Field("label", description="column of the label; null: `{label}` in the pattern")
    label_columns: Columns | None = Field(
        None,
        min_length=2,
        description="columns of 0 and 1, one per class (several 1 a row for multilabel); their names are the classes",
    )
    classes: Columns | None = Field(
        None,
        min_length=1,
        description="what counts as {label} of a path, such as the folders that are classes; for ordinal the labels in "
        "their order, where they are no whole numbers",
    )
    label_map: LabelMap | None = Field(
        None,
        description="label as the archive has it: label as it is learned; `*` stands for all others, and as "
        "a value for the label as it is",
    )

    group_column: Column | None = Field(
        None,
        description="column, or without a table field of the pattern, of what several images share (a patient, a "
        "place), which stays on one side of a fold",
    )
    group_pattern: str | None = Field(
        None,
        description="in place of group_column: pattern of the id whose {group} several images share, such as "
        "{group}_{eye} of 10_left",
    )
    further_columns: FurtherColumns | None = Field(
        None,
        min_length=1,
        description="columns that say more of an image, each with its task, multiclass or regression; params.yaml's "
        "second_target names one that is learned beside the label; those that the table lacks do not count",
    )

    @model_validator(mode="before")
    @classmethod
    def _leave_out_default(cls, content: Any) -> Any:
        """Take the default label_column only where there is a table, and no label_columns."""
        if isinstance(content, dict) and (
            content.get("label_columns") or not (content.get("table") or content.get("coco"))
        ):
            return {"label_column": None, **content}
        return content

    def keys_of_columns(self, split: str = "train") -> dict[str, str]:
        """Return also the columns of labels and groups."""
        labels = dict.fromkeys(self.label_columns or (), f"{split}.label_columns")
        single = {self.label_column: f"{split}.label_column"} if self.label_column else {}
        groups = {self.group_column: f"{split}.group_column"} if self.group_column else {}
        return groups | labels | single | super().keys_of_columns(split)

    def map_label(self, label: str) -> str | None:
        """Return the label as it is learned, None where label_map lacks it."""
        names = {"*": "*"} if self.label_map is None else self.label_map
        mapped = names.get(clean(label), names.get("*"))
        return label if mapped == "*" else mapped

    @property
    def place(self) -> str:
        """Return the table, or else the patterns, as where labels and ids come from."""
        return self.listing or self.shown_images

    @property
    def label_key(self) -> str:
        """Return the key that says what the labels are."""
        if self.label_map is not None:
            return "train.label_map"
        if self.label_columns:
            return "train.label_columns"
        return "train.label_column" if self.label_column else "train.images"

    @property
    def label_place(self) -> str:
        """Return the column of the label as a message names it."""
        if self.label_columns:
            return f"{self.label_columns[0]}..{self.label_columns[-1]}"
        return self.label_column or "{label}"


class TestLayout(_Images):
    """Where the test images are; without a table the sample submission lists them."""

    table: str | None = Field(None, description="CSV member with one row per image; null: the sample submission")


class Policies(Strict):
    """What to do with rows and labels that cannot be used as they are; the default refuses them, but for equal rows."""

    missing_images: Literal["refuse", "skip"] = Field(
        "refuse", description="rows without an image: skip them; a test image without a file counts as black"
    )
    empty_labels: Literal["refuse", "skip"] = Field("refuse", description="training rows without a label: skip them")
    equal_rows: Literal["once", "refuse"] = Field(
        "once", description="training rows that say what an earlier one says: count them once"
    )
    repeated_rows: Literal["refuse", "first", "join"] = Field(
        "refuse", description="rows of one image that differ: take the first, or join their labels (multilabel)"
    )
    repeated_test_rows: Literal["refuse", "mean"] = Field(
        "refuse", description="several test images with one id: hand in the mean of their answers"
    )
    single_image_classes: Literal["refuse", "train"] = Field(
        "refuse", description="classes with one image: train on it, and leave the class out of validation"
    )
