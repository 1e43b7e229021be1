"""A competition file: where the archive comes from and how its tables and folders are laid out."""

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from scoretable.competition.metric import METRICS, Score
from scoretable.competition.task import TASKS, Task, is_number, resolve_score
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import read_yaml

COMPETITIONS = Path("workflow/competitions")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BoxColumns(_Strict):
    """Columns of a bounding box in pixels of the original photo: left, top, right, bottom."""

    x1: str
    y1: str
    x2: str
    y2: str


class TrainLayout(_Strict):
    """Where the training images and their labels are."""

    table: str | None = Field(None, description="CSV member with one row per image; null: the folders are the labels")
    id_column: str = Field("image_id", description="column that names the image")
    label_column: str | None = Field("label", description="column of the label; null: `{label}` in the pattern")
    images: str = Field(description="member that holds an image: a pattern with {id}, and {label} if that is a folder")
    box: BoxColumns | None = None


class TestLayout(_Strict):
    """Where the test images are; without a table the sample submission lists them."""

    table: str | None = Field(None, description="CSV member with one row per image; null: the sample submission")
    id_column: str = Field("image_id", description="column that names the image")
    images: str = Field(description="member that holds an image: a pattern with {id}")
    box: BoxColumns | None = None


class SubmissionLayout(_Strict):
    """The file that is submitted."""

    sample: str = Field("sample_submission.csv", description="CSV member that fixes the ids and their order")
    id_column: str = "image_id"
    label_column: str = "label"
    code: bool = Field(False, description="a code competition: you submit a kernel that makes the file")


class Competition(_Strict):
    """One competition that asks for something about images."""

    name: str
    title: str = Field(description="name that people read, as in reports")
    source: Literal["sandbox", "kaggle", "archive"] = Field(
        description="drawn by the program, downloaded with the kaggle client, or an archive that you bring"
    )
    task: Task = Field("multiclass", description="what is asked about an image: one label, several, or a number")
    label_separator: str = Field(" ", min_length=1, description="what separates the labels of a multilabel image")
    metric: Score | None = Field(None, description="how it is scored; null: accuracy, or rmse for numbers")
    metric_k: int = Field(5, ge=1, description="how many answers an image map_at_k counts")
    metric_beta: float = Field(2.0, gt=0, description="how many times as much as precision recall counts in fbeta")
    classes: int | None = Field(None, ge=2, description="number of classes, checked where given")
    public_images: int | None = Field(
        None, ge=1, description="number of test images behind the public score, where known"
    )
    train: TrainLayout
    test: TestLayout
    submission: SubmissionLayout

    @property
    def score(self) -> Score:
        """How it is scored; the task's default where the file leaves it open."""
        return resolve_score(self.task, self.metric)

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger score is better, as for a share and unlike for an error."""
        return METRICS[self.score].larger_is_better


def load_competition(name: str, folder: Path = COMPETITIONS) -> Competition:
    """Read `<folder>/<name>.yaml`; raise InputError if it is missing or does not fit the schema."""
    path = folder / f"{name}.yaml"
    known = tuple(sorted(file.stem for file in folder.glob("*.yaml")))
    if name not in known:
        raise InputError(
            f"competition: {name} has no file {path}: choose one of {', '.join(known)}{nearest(name, known)}, "
            "or write that file."
        )
    content = read_yaml(path, "write that file")
    if isinstance(content, dict) and "name" in content:
        raise InputError(f"{path} has the key name: remove it, since the file's own name is the competition's.")
    try:
        competition = Competition.model_validate({**content, "name": name})
    except (ValidationError, TypeError) as error:
        raise InputError(f"{path} does not fit the schema: {_first_reason(error)}.") from None
    _check_label_source(competition, path)
    _check_task(competition, path)
    return competition


def _check_label_source(competition: Competition, path: Path) -> None:
    train = competition.train
    if train.label_column is None and "{label}" not in train.images:
        raise InputError(f"{path}: train needs a label_column, or {{label}} in its images pattern.")
    if train.table is None and train.label_column is not None:
        raise InputError(f"{path}: train has a label_column but no table to find it in: set label_column: null.")
    for layout in (train, competition.test):
        if "{id}" not in layout.images:
            raise InputError(f"{path}: the images pattern {layout.images} must contain {{id}}.")
        unknown = set(re.findall(r"{.*?}", layout.images)) - {"{id}", "{label}"}
        if unknown:
            raise InputError(f"{path}: the images pattern {layout.images} may contain only {{id}} and {{label}}.")


def _check_task(competition: Competition, path: Path) -> None:
    task, classes = competition.task, competition.classes
    try:
        resolve_score(task, competition.metric)
    except ValueError as error:
        raise InputError(f"{path}: {error}.") from None
    for key, owner in (("metric_k", "map_at_k"), ("metric_beta", "fbeta")):
        if key in competition.model_fields_set and competition.score != owner:
            raise InputError(f"{path}: {key} does not fit metric: {competition.score}: remove it: it is for {owner}.")
    if classes is not None and (is_number(task) or (task == "binary" and classes != 2)):
        raise InputError(f"{path}: classes: {classes} does not fit task: {task}, since {TASKS[task].nature}.")
    if task != "multilabel" and competition.label_separator != " ":
        raise InputError(f"{path}: label_separator does not fit task: {task}: remove it, since it is for multilabel.")


def _first_reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "it must hold `key: value` lines"
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"])
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {place}{nearest(str(detail['loc'][-1]), _keys_beside(detail['loc']))}"
        case "model_type":
            return f"{place} must hold `key: value` lines"
        case "literal_error" if place == "metric":
            names = tuple(METRICS)
            return f"metric: {detail['input']} is unknown{nearest(detail['input'], names)}: take {', '.join(names)}"
        case "string_type" if isinstance(detail["input"], dict):
            return f"{place} must be text: put it in quotes, since YAML reads {{...}} as a mapping"
        case _:
            return f"{place}: {detail['msg'].lower()}"


def _keys_beside(place: tuple[int | str, ...]) -> tuple[str, ...]:
    model: Any = Competition
    for part in place[:-1]:
        model = model.model_fields[part].annotation
    return tuple(getattr(model, "model_fields", ()))
