"""The keys of a competition file that say what is handed in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from scoretable.competition.layouts import Column
from scoretable.competition.spelling import clean_any
from scoretable.competition.task import TASKS, Form, Task

CutRule = Literal["found", "half"]
EmptyRule = Literal["likeliest", "empty"]
Name = Annotated[
    str | int | bool, AfterValidator(clean_any)
]  # a class as YAML has it: `1` and `true` are no text there


class SubmissionLayout(BaseModel):
    """The file that is submitted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sample: str = Field("sample_submission.csv", description="CSV member that fixes the ids and their order")
    id_column: Column = "image_id"
    label_column: Column | None = Field(None, description="column of the answer; null: every column but the id")
    label_columns: Literal["*"] | tuple[Column, ...] | None = Field(
        None, description="columns of the answer where it has several; '*' or null: every column but the id"
    )
    form: Form | None = Field(
        None,
        description="label: the likeliest class; labels: all that are likely; ranked: the likeliest classes, best "
        "first; probability: of the positive class; columns: a probability for each class; numbers: as they are; "
        "null: read off the task and the sample",
    )
    columns: dict[Name, Name] = Field({}, description="column of a class, where it is not named like the class")
    placeholder: Name | None = Field(
        None, description="what stands in the sample in place of an answer, where it is none of the classes"
    )
    ranks: int | None = Field(
        None, ge=1, description="most classes of a ranked answer; null: as many as in the sample, or else metric_k"
    )
    cut: CutRule = Field(
        "found",
        description="where answers are cut into labels, if the metric needs that; found: at the threshold or the cut "
        "points that are best on the validation images; half: at 0.5, and half way between ordered classes",
    )
    empty: EmptyRule | None = Field(
        None,
        description="answer of form labels where no label reaches the threshold; likeliest: the likeliest one; empty: "
        "an empty cell; null: empty where a training image has no label, else likeliest",
    )
    code: bool = Field(False, description="a code competition: you submit a kernel that makes the file")

    @property
    def named_columns(self) -> list[str] | None:
        """The columns of the answer that the file names; None for every column but the id."""
        if self.label_column is not None:
            return [self.label_column]
        return None if self.label_columns in (None, "*") else list(self.label_columns or ())

    def cut_rule(self, form: Form) -> CutRule:
        """Return where answers are cut into labels; at one half where they are handed in in a form without labels."""
        return self.cut if form in ("label", "labels") else "half"

    def at_least_one(self, form: Form, some_without: bool) -> bool:
        """Return whether each image is answered with a label; `some_without`: not each training image has one."""
        return form == "labels" and (self.empty == "likeliest" or (self.empty is None and not some_without))

    @property
    def keys_of_columns(self) -> dict[str, str]:
        """The columns that the sample must have, each with the key that names it."""
        key = "submission.label_columns" if self.label_column is None else "submission.label_column"
        return dict.fromkeys(self.named_columns or (), key) | {self.id_column: "submission.id_column"}

    @property
    def column_of(self) -> dict[str, str]:
        """The mapping `columns`, all text."""
        return {str(name): str(column) for name, column in self.columns.items()}


def refuse_misfit(layout: SubmissionLayout, task: Task, positive_class: Name | None) -> None:
    """Raise ValueError where keys of `submission` contradict each other or the task."""
    forms = TASKS[task].forms
    if layout.form not in (None, *forms):
        raise ValueError(f"submission.form: {layout.form} does not fit task: {task}: set it to {' or '.join(forms)}")
    if layout.label_column is not None and layout.label_columns is not None:
        raise ValueError("submission has both label_column and label_columns: remove one of them")
    if layout.ranks is not None and layout.form not in (None, "ranked"):
        raise ValueError(f"submission.ranks does not fit submission.form: {layout.form}: remove it")
    if layout.empty is not None and ("labels" not in forms or layout.form not in (None, "labels")):
        raise ValueError("submission.empty is for submission.form: labels: remove it")
    if layout.columns and layout.form not in (None, "columns", "numbers"):
        raise ValueError(f"submission.columns does not fit submission.form: {layout.form}: remove it")
    if positive_class is not None and "probability" not in forms:
        raise ValueError(f"positive_class does not fit task: {task}, since {TASKS[task].nature}: remove it")
