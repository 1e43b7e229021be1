"""A competition file: where the archive comes from and how its tables and folders are laid out."""

import io
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from scoretable.competition.layout_problems import problem_of_images, problem_of_train
from scoretable.competition.layouts import (
    ENCODINGS,
    Policies,
    Strict,
    TestLayout,
    TrainLayout,
)
from scoretable.competition.metric import METRICS, Score, known_metrics
from scoretable.competition.spelling import Commas
from scoretable.competition.submission_layout import Name, SubmissionLayout, refuse_misfit
from scoretable.competition.task import TASKS, Task, is_number, resolve_score
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import read_yaml

SEPARATORS = (" ", ",", ";", "|", "\t")  # of labels that come from the names of columns: the first that none has
COMPETITIONS = Path("workflow/competitions")


class Competition(Strict):
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
    positive_class: Name | None = Field(
        None, description="which of two classes a probability is of; null: 1 of 0 and 1, or True of False and True"
    )
    public_images: int | None = Field(
        None, ge=1, description="number of test images behind the public score, where known"
    )
    train_images: int | None = Field(
        None,
        ge=1,
        description="number of training images, where known; `scoretable reproduce` takes a share",
    )
    test_images: int | None = Field(None, ge=1, description="number of test images, where known; see `train_images`")
    encoding: str | None = Field(
        None,
        description="of its CSV tables that are neither UTF-8 nor UTF-16, and of names in a zip that are not UTF-8, "
        "such as cp949 or cp1252; null: none is",
    )
    commas: Commas | None = Field(
        None,
        description="what commas in numbers are where they may be both, as in 1,500: decimal or thousands; null: none",
    )
    value_range: tuple[float, float] | None = Field(
        None,
        description="values that become black and white, of images with more than 8 bits a channel and of arrays; "
        "null: measured over the training images",
    )
    train: TrainLayout
    test: TestLayout
    submission: SubmissionLayout
    policies: Policies = Field(
        Policies.model_validate({}), description="what to do with rows and labels that cannot be used as they are"
    )

    @model_validator(mode="before")
    @classmethod
    def _separate_columns(cls, content: Any) -> Any:
        """Choose a label_separator that no name of `train.label_columns` has, where the file leaves it open."""
        names = _label_columns(content)
        if not names or content.get("task") != "multilabel" or "label_separator" in content:
            return content
        free = (separator for separator in SEPARATORS if not any(separator in str(name) for name in names))
        return {**content, "label_separator": next(free, SEPARATORS[0])}

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
        raise _absent(name, folder, known)
    content = read_yaml(path, "write that file")
    if isinstance(content, dict) and "name" in content:
        raise InputError(f"{path} has the key name: remove it, since the file's own name is the competition's.")
    try:
        competition = Competition.model_validate({**content, "name": name})
    except (ValidationError, TypeError) as error:
        raise InputError(f"{path} does not fit the schema: {_first_reason(error)}.") from None
    _check_layouts(competition, path)
    _check_reading(competition, path)
    _check_task(competition, path)
    return competition


def _absent(name: str, folder: Path, known: tuple[str, ...]) -> InputError:
    fit = name if re.fullmatch(r"\w[\w.-]{,59}", name) else "<name>"
    near = nearest(name, known) or f" (it has {', '.join([*known[:1], '...'])})"
    return InputError(
        f"competition: {name[:60]} has no file in {folder}{near}: correct the name, write it with `scoretable init "
        f"{fit}`, or `git add {folder / fit}.yaml`, since copies have only what git knows."
    )


def _check_layouts(competition: Competition, path: Path) -> None:
    ordered = competition.task == "ordinal"
    problem = problem_of_train(competition.train, ordered) or problem_of_images(competition.test, "test")
    sample = competition.submission.sample
    if not problem and sample == competition.train.table:
        problem = (
            f"train.table and submission.sample are both {sample}: set train.table to the table of the training images "
            "and their labels, and submission.sample to the sample submission"
        )
    if problem:
        raise InputError(f"{path}: {problem}.")


def _check_reading(competition: Competition, path: Path) -> None:
    values, encoding = competition.value_range, competition.encoding
    if values and not values[0] < values[1]:
        raise InputError(f"{path}: value_range must be [black, white], the smaller value first.")
    try:
        io.TextIOWrapper(io.BytesIO(), encoding or "utf-8")  # which takes encodings of text only
    except LookupError:
        raise InputError(f"{path}: encoding: {encoding} is unknown: take one such as {', '.join(ENCODINGS)}.") from None


def _check_task(competition: Competition, path: Path) -> None:
    task, classes = competition.task, competition.classes
    try:
        resolve_score(task, competition.metric, competition.submission.form)
        refuse_misfit(competition.submission, task, competition.positive_class)
    except ValueError as error:
        raise InputError(f"{path}: {error}.") from None
    for key, owner in (("metric_k", "map_at_k"), ("metric_beta", "fbeta")):
        if key in competition.model_fields_set and competition.score != owner:
            raise InputError(f"{path}: {key} does not fit metric: {competition.score}: remove it: it is for {owner}.")
    if classes is not None and (is_number(task) or (task == "binary" and classes != 2)):
        others = "binary" if classes == 2 else "multiclass or ordinal"
        raise InputError(
            f"{path}: classes: {classes} does not fit task: {task}, since {TASKS[task].nature}: remove classes, or set "
            f"task: {others}."
        )
    _check_layout_of_task(competition, path)
    if task != "multilabel" and competition.label_separator != " ":
        raise InputError(f"{path}: label_separator does not fit task: {task}: remove it, since it is for multilabel.")


def _check_layout_of_task(competition: Competition, path: Path) -> None:
    task, train, separator = competition.task, competition.train, competition.label_separator
    if train.label_columns and task in ("binary", "regression", "unit_regression"):
        raise InputError(
            f"{path}: train.label_columns does not fit task: {task}, which has one column: use label_column."
        )
    with_separator = [name for name in train.label_columns or () if task == "multilabel" and separator in name]
    if with_separator:
        raise InputError(
            f"{path}: the column {with_separator[0]} contains the label_separator {separator!r}: remove that key, or "
            "choose a separator that no column's name contains."
        )
    if train.label_map and is_number(task):
        raise InputError(f"{path}: train.label_map does not fit task: {task}, whose labels are numbers: remove it.")
    if competition.policies.repeated_rows == "join" and task != "multilabel":
        raise InputError(
            f"{path}: policies.repeated_rows: join does not fit task: {task}: set it to first, or set task: multilabel."
        )


def _label_columns(content: Any) -> Any:
    train = content.get("train") if isinstance(content, dict) else None
    names = train.get("label_columns") if isinstance(train, dict) else getattr(train, "label_columns", None)
    return names if isinstance(names, (list, tuple)) else ()


def _first_reason(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return "it must hold `key: value` lines"
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"] if part not in ("str", "list[str]"))
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {place}{nearest(str(detail['loc'][-1]), _keys_beside(detail['loc']))}"
        case "model_type":
            return f"{place} must hold `key: value` lines"
        case "literal_error" if place == "metric":
            return f"metric: {detail['input']} is unknown{known_metrics(detail['input'])}"
        case "string_type" if isinstance(detail["input"], dict):
            return f"{place} must be text: put it in quotes, since YAML reads {{...}} as a mapping"
        case _:
            return f"{place}: {detail['msg'].lower()}"


def _keys_beside(place: tuple[int | str, ...]) -> tuple[str, ...]:
    model: Any = Competition
    for part in place[:-1]:
        model = model.model_fields[part].annotation
    return tuple(getattr(model, "model_fields", ()))
