"""What a competition asks of an image, and which activation, losses and metrics go with it.

Stands alone, so that params, competition files and every step can ask without importing Keras.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scoretable.competition.metric import Score, fits_form, scores_of
from scoretable.workspace.errors import InputError, nearest
from scoretable.workspace.yaml_text import as_yaml

Task = Literal["multiclass", "binary", "multilabel", "ordinal", "regression", "unit_regression", "multi_regression"]
FurtherTask = Literal["multiclass", "regression"]  # of a further column
Form = Literal["label", "labels", "ranked", "probability", "columns", "numbers"]

_YES_OR_NO = ("binary_crossentropy", "binary_focal_crossentropy")
_ONE_OF_MANY = ("categorical_crossentropy", "categorical_focal_crossentropy")
_OF_ONE_LABEL: tuple[Form, ...] = ("label", "ranked", "probability", "columns")


@dataclass(frozen=True)
class TaskRules:
    """The row of a task; in each column what stands first is the default.

    losses: the losses that fit each activation. metrics: Keras metrics of an epoch. scores: what a competition may
    be scored by (see metric.METRICS). nature: what is special about the task, as the reason of a refusal. forms: in
    which an answer can be handed in. answer: what a model gives.
    """

    losses: dict[str, tuple[str, ...]]
    metrics: tuple[str, ...]
    scores: tuple[Score, ...]
    nature: str
    forms: tuple[Form, ...]
    answer: Literal["probabilities", "numbers"] = "probabilities"


TASKS: dict[Task, TaskRules] = {
    "multiclass": TaskRules(
        {"softmax": _ONE_OF_MANY, "sigmoid": _YES_OR_NO},
        ("accuracy", "categorical_accuracy", "top_k_categorical_accuracy", "precision", "recall", "auc"),
        scores_of("multiclass", first="accuracy"),
        "each image has one label of several classes",
        _OF_ONE_LABEL,
    ),
    "binary": TaskRules(
        {"sigmoid": _YES_OR_NO},
        ("accuracy", "precision", "recall", "auc"),
        scores_of("binary", first="accuracy"),
        "its one output is the probability of the second of two classes",
        _OF_ONE_LABEL,
    ),
    "multilabel": TaskRules(
        {"sigmoid": _YES_OR_NO},
        ("accuracy", "precision", "recall", "auc"),
        scores_of("multilabel", first="accuracy"),
        "each label has its own probability, and several can be true at once",
        ("labels", "ranked", "columns"),
    ),
    "ordinal": TaskRules(
        {"linear": ("mse", "huber", "mae")},
        ("mae", "mse", "rmse"),
        scores_of("ordinal", first="accuracy"),
        "its one output is a number along the classes in their order",
        ("label",),
        "numbers",
    ),
    "regression": TaskRules(
        {"linear": ("mse", "mae", "huber")},
        ("mae", "mse", "rmse"),
        scores_of("regression", first="rmse"),
        "its one output is a number without bounds",
        ("numbers",),
        "numbers",
    ),
    "unit_regression": TaskRules(
        {"sigmoid": ("mse", "binary_crossentropy")},
        ("mae", "mse", "rmse"),
        scores_of("unit_regression", first="rmse"),
        "its one output is a number from 0 to 1",
        ("numbers",),
        "numbers",
    ),
    "multi_regression": TaskRules(
        {"linear": ("mse", "mae", "huber")},
        ("mae", "mse", "rmse"),
        scores_of("multi_regression", first="rmse"),
        "each of its outputs is a number without bounds",
        ("numbers",),
        "numbers",
    ),
}
LOSSES = tuple(dict.fromkeys(loss for rules in TASKS.values() for losses in rules.losses.values() for loss in losses))
METRICS = tuple(dict.fromkeys(metric for rules in TASKS.values() for metric in rules.metrics))


def is_number(task: Task) -> bool:
    """Return whether the labels are numbers and not classes, as those are that an ordinal task's number stands for."""
    return TASKS[task].answer == "numbers" and task != "ordinal"


def has_one_label(task: Task) -> bool:
    """Return whether each image has exactly one label."""
    return task in ("multiclass", "binary", "ordinal")


def count_outputs(task: Task, classes: int) -> int:
    """Return how many outputs the model has for `classes` classes, or names of several numbers."""
    return classes if task in ("multiclass", "multilabel", "multi_regression") else 1


def resolve_head(task: Task, activation: str | None, loss: str | None) -> tuple[str, str]:
    """Return the activation and the loss, those left open (None) filled in from the task.

    Raises InputError, with the reason, where the three do not fit.
    """
    rules = TASKS[task]
    of_task = tuple(name for losses in rules.losses.values() for name in losses)
    if activation not in (None, *rules.losses):
        raise _misfit(f"activation: {activation}", f"task: {task}", rules.nature, tuple(rules.losses))
    if loss not in (None, *of_task):
        raise _misfit(f"loss: {loss}", f"task: {task}", rules.nature, of_task)
    if activation is None:
        activation = next(name for name, losses in rules.losses.items() if loss in (None, *losses))
    fitting = rules.losses[activation]
    if loss not in (None, *fitting):
        raise _misfit(f"loss: {loss}", f"activation: {activation}", _OUTPUTS[activation], fitting)
    return activation, loss or fitting[0]


_OUTPUTS = {
    "softmax": "its outputs are one distribution over all classes",
    "sigmoid": "each of its outputs is a separate probability",
}


def resolve_metrics(task: Task, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the Keras metrics of an epoch, without repeats: the task's own, then `names`.

    Raises InputError where one does not fit.
    """
    rules = TASKS[task]
    for name in names:
        if name not in rules.metrics:
            raise _misfit(f"metrics: {name}", f"task: {task}", rules.nature, rules.metrics)
    return tuple(dict.fromkeys((rules.metrics[0], *names)))


def check_softening(task: Task, class_weights: str, label_smoothing: float) -> None:
    """Raise InputError where balanced classes or smooth labels are asked of a task that has none."""
    if class_weights != "none" and not has_one_label(task):
        raise InputError(
            f"params.yaml: class_weights: {class_weights} does not fit task: {task}, which does not give each image "
            "one label: set it to none."
        )
    if class_weights != "none" and TASKS[task].answer == "numbers":
        raise InputError(
            f"params.yaml: class_weights: {class_weights} does not fit task: {task} ({TASKS[task].nature}): set it to "
            "none."
        )
    if label_smoothing and TASKS[task].answer == "numbers":
        raise InputError(
            f"params.yaml: label_smoothing: {label_smoothing:g} does not fit task: {task} ({TASKS[task].nature}): "
            "set it to 0."
        )


def task_of_further(name: str, further: Mapping[str, FurtherTask]) -> FurtherTask:
    """Return the task of a further column; raise InputError where it is not among them."""
    if not further:
        raise InputError(
            f"second_target: {name} needs train.further_columns in the competition's file, which has none: add it "
            f"there, as in train: {{further_columns: {{{as_yaml(name)}: multiclass}}}}, or set second_target to null."
        )
    if name not in further:
        raise InputError(
            f"second_target: {name} is none of train.further_columns in the competition's file "
            f"({', '.join(further)}){nearest(name, tuple(further))}: name one of them, or set second_target to null."
        )
    return further[name]


def resolve_score(task: Task, metric: Score | None, form: Form | None = None) -> Score:
    """Return what the competition is scored by, None for the task's own; raise ValueError where it does not fit.

    form: that of the answers where the file gives it, which narrows what the refusal offers.
    """
    scores = TASKS[task].scores
    if metric is None or metric in scores:
        return metric or scores[0]
    fitting = [name for name in scores if form is None or fits_form(name, form)] or scores
    tasks = [name for name, rules in TASKS.items() if metric in rules.scores]
    tasks = [name for name in tasks if form in (None, *TASKS[name].forms)] or tasks
    raise ValueError(
        f"metric: {metric} does not fit task: {task}: set task: {' or '.join(tasks)}, or metric: {' or '.join(fitting)}"
    )


def headline(figures: Mapping[str, float], score: Score) -> float | None:
    """Return the one of an evaluation's `figures` that the competition is scored by, None where it is not there.

    Rows made before metrics had a registry keep the F1 of label sets as micro_f1 alone.
    """
    return figures.get("micro_f1" if score == "f1" and score not in figures else score)


def describe_score(figures: Mapping[str, float], score: Score) -> tuple[str, str]:
    """Return 'accuracy 0.6875' and '66 of 96 images' of the `figures` that an evaluation has written."""
    value = headline(figures, score)
    correct = f"{figures['correct']} of " if score == "accuracy" else ""
    return f"{score} {value:.4f}" if value is not None else f"{score} unknown", f"{correct}{figures['images']} images"


def _misfit(what: str, other: str, reason: str, allowed: tuple[str, ...]) -> InputError:
    return InputError(f"params.yaml: {what} does not fit {other} ({reason}), which works with {' or '.join(allowed)}.")
