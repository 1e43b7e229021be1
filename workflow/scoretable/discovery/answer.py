"""The keys that say what is asked and what is handed in: the task, the metric and the form."""

import re

import numpy as np
import pandas as pd

from scoretable.competition.metric import METRICS, Need, Score
from scoretable.competition.sample_cells import Kind, name_shortly, tell_kind
from scoretable.competition.spelling import maybe_thousands
from scoretable.competition.task import TASKS, Task, is_number
from scoretable.discovery.draft import Draft
from scoretable.discovery.names import match_names
from scoretable.discovery.question import Question, tell_question
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training

_YES = re.compile(
    r"yes|true|pos(itive)?|1|malignant|abnormal|defect\w*|fake|stego|sick|ill|diseased?|cancer|tumou?r", re.I
)
_NEEDS: dict[str | None, tuple[Need, ...]] = {
    "label": ("labels",),
    "labels": ("labels",),
    "probability": ("probabilities", "ranks"),
    "columns": ("probabilities", "ranks"),
}
_COMMA = re.compile(",").search
_NO_YES = ({"0", "1"}, {"false", "true"})


_SAME_NUMBER = (
    "form: the sample has the same number in all rows, which may stand for a label or for a probability. The metric "
    "decides; form: label, or form: probability, overrules it."
)
_ASK_SAME_NUMBER = (
    "submission.form: label or probability, unless you set metric (auc, log_loss: probability; accuracy, f1: label); "
    "the sample has the same number in all rows, so it does not tell"
)


def settle_answer(draft: Draft, training: Training, sample: Sample, metric: Score | None) -> Question:
    """Set the keys of the task, the metric and the submission; return what is asked."""
    question = tell_question(training, sample, metric)
    draft.set("task", question.task, question.why)
    if question.alike:
        labels = {**question.alike, "*": "*"}
        why = "labels that differ only in spaces or in zeros after the point are made one"
        draft.set("train.label_map", labels, why)
        draft.check(f"train.label_map: {why}, such as {name_shortly([*question.alike][:1])}")
    one = training.labels is None or training.labels.column
    if is_number(question.task) and one and maybe_thousands(training.cells):
        draft.set("commas", "thousands", "a guess: they may be decimal commas as well")
        draft.ask(
            f"commas: thousands is a guess for numbers such as {next(filter(_COMMA, training.cells))}; or else decimal"
        )
    if not is_number(question.task):
        draft.set("classes", len(question.names), name_shortly(question.names))
    draft.set("submission.sample", sample.name, _describe_sample(sample))
    draft.set("submission.id_column", sample.id_column, _describe_ids(sample))
    if len(sample.answers) == 1:
        draft.set("submission.label_column", sample.answers[0], "the only other column of the sample")
    _set_form(draft, question, sample, metric)
    _set_metric(draft, question, sample, metric)
    return question


def _set_metric(draft: Draft, question: Question, sample: Sample, metric: Score | None) -> None:
    if metric is not None:
        draft.set("metric", metric, "as you said")
    elif question.ranks > 1:
        draft.set("metric", "map_at_k", f"the sample has {question.ranks} labels in a cell, best first")
    elif len(sample.answers) > 1 and len(sample.table) and not is_number(question.task):
        _guess_metric_of_columns(draft, question, sample)
    else:
        fitting = ", ".join(_fitting_metrics(draft, question.task, len(sample.answers)))
        draft.set("metric", None, f"the archive does not tell: one of {fitting}")
        draft.ask(f"metric: one of {fitting}, as the competition's page says")
    if draft.keys["metric"][0] == "map_at_k" and question.ranks > 1:
        draft.set("metric_k", question.ranks, "as many as the sample has in a cell")
    elif metric == "map_at_k":
        draft.set("metric_k", 5, "how many answers an image count, unless the competition's page says otherwise")
    if metric == "fbeta":
        draft.set("metric_beta", 2, "recall counts twice as much, unless the competition's page says otherwise")


def _fitting_metrics(draft: Draft, task: Task, columns: int) -> list[Score]:
    """Return the metrics of the task, without those that need another answer than the sample's columns can hold."""
    form = draft.keys["submission.form"][0] if "submission.form" in draft.keys else None
    needs = _NEEDS.get(form, ("labels", "probabilities", "ranks", "numbers"))
    fitting = [score for score in TASKS[task].scores if METRICS[score].needs in needs]
    if columns > 1:
        return [score for score in fitting if score != "map_at_k"]
    if is_number(task) or task == "binary":
        return fitting
    return [score for score in fitting if score == "map_at_k" or METRICS[score].needs == "labels"]


def _guess_metric_of_columns(draft: Draft, question: Question, sample: Sample) -> None:
    numbers = sample.table[sample.answers].apply(pd.to_numeric, errors="coerce")
    whole = bool(len(numbers)) and bool(np.isclose(numbers.sum(axis=1), 1, atol=1e-3).all())
    guess, other = ("log_loss", "mean_auc") if whole and question.task != "multilabel" else ("mean_auc", "log_loss")
    seen = (
        "each row of the sample sums to 1" if whole else "the sample has a column a label, whose rows do not sum to 1"
    )
    if guess not in TASKS[question.task].scores:  # of two classes
        draft.set("metric", "log_loss", f"likely, since {seen}")
        other = "another one"
    else:
        draft.set("metric", guess, f"likely, since {seen}; {other} asks for such columns too")
    draft.ask(f"metric: {draft.keys['metric'][0]} is likely, since {seen}; the competition's page may say {other}")


def _describe_sample(sample: Sample) -> str:
    others = f"; not {', '.join(sample.others[:3])}" if sample.others else ""
    return f"{len(sample.table)} rows, columns {name_shortly(list(map(str, sample.table.columns)))}{others}"


def _describe_ids(sample: Sample) -> str:
    if sample.place is None:
        return "the first column"
    return f"{sample.place.found} of {sample.place.ids} values name an image"


def _set_form(draft: Draft, question: Question, sample: Sample, metric: Score | None) -> None:
    """Set the form where the sample shows it, and what goes with it."""
    kind, forms, task = sample.kind, TASKS[question.task].forms, question.task
    if len(sample.answers) > 1:
        _set_columns(draft, question, sample)
    elif is_number(task) or task == "ordinal":
        draft.set("submission.form", forms[0], "the only form of this task")
    elif question.ranks > 1:
        draft.set(
            "submission.form", "ranked", f"a cell of the sample has {question.ranks} labels, with spaces in between"
        )
        draft.set("submission.ranks", question.ranks, "as many as in the sample")
    elif task == "multilabel":
        draft.set("submission.form", "labels", "the sample has one column, and an image several labels")
    elif task == "binary" and kind == Kind.FRACTIONS:
        draft.set("submission.form", "probability", f"the sample has {sample.cells.iloc[0]}, which is no label")
    elif task == "binary" and kind == Kind.WHOLE and not sample.distinct <= set(question.names):
        draft.set("submission.form", "probability", "the sample has a number, which is no label")
    elif task == "binary" and kind == Kind.WHOLE and len(sample.distinct) == 1:
        draft.note("submission", _SAME_NUMBER)
        if metric is None:
            draft.ask(_ASK_SAME_NUMBER)
    elif task == "binary" and sample.table.empty:
        _ask_form(draft, metric)
    elif kind != Kind.EMPTY and not asks_for_number(question, sample):
        _set_label(draft, question, sample)
    if "probability" in forms and len(sample.answers) == 1 and task == "binary":
        _set_positive_class(draft, question, sample)


def _ask_form(draft: Draft, metric: Score | None) -> None:
    if metric is not None:
        form = "label" if METRICS[metric].needs == "labels" else "probability"
        draft.set("submission.form", form, f"the sample has no rows, and metric: {metric} needs it")
        return
    draft.set("submission.form", None, "label or probability: the sample has no rows, so it does not tell")
    draft.ask("submission.form: label or probability; the sample has no rows, and the metric decides if you leave it")


def _set_label(draft: Draft, question: Question, sample: Sample) -> None:
    shown = name_shortly(list(sample.cells[:1]))
    if sample.kind == Kind.TEXT and not sample.distinct & set(question.names):
        draft.set("submission.form", "label", "a guess, since the sample has no label of the training images")
        if len(sample.distinct) == 1:
            draft.set("submission.placeholder", sample.cells[0], "a guess: no training image has this label")
        draft.ask(f"submission.placeholder: {shown} of the sample is no label; or else the labels are not these")
        return
    draft.set("submission.form", "label", f"the sample has one label a row, such as {shown}")


def _set_columns(draft: Draft, question: Question, sample: Sample) -> None:
    form = "numbers" if is_number(question.task) else "columns"
    draft.set("submission.form", form, f"the sample has {len(sample.answers)} columns beside the id")
    matched = match_names(question.names, sample.answers) or {}
    renamed = {name: column for name, column in matched.items() if name != column}
    if renamed:
        draft.set("submission.columns", renamed, "columns that are not named like their class")


def _set_positive_class(draft: Draft, question: Question, sample: Sample) -> None:
    if {name.casefold() for name in question.names} in _NO_YES or sample.kind == Kind.TEXT:
        return
    answer = sample.answers[0].casefold()
    named = [name for name in question.names if name.casefold() in answer]
    yes = [name for name in question.names if _YES.fullmatch(name)]
    if len(named) == 1 or len(yes) == 1:
        chosen = (named if len(named) == 1 else yes)[0]
        draft.set("positive_class", chosen, "of which the sample wants the probability, by the name")
        return
    chosen = question.names[1]
    draft.set(
        "positive_class",
        chosen,
        f"a guess: the sample does not say whether it wants the probability of {' or '.join(question.names)}",
    )
    draft.ask(f"positive_class: {chosen} is a guess; the competition's page says whether it is {question.names[0]}")


def asks_for_number(question: Question, sample: Sample) -> bool:
    """Return whether the sample has one number an image where the labels are words."""
    words = tell_kind(pd.Series(question.names, dtype=str)) == Kind.TEXT
    return words and len(sample.answers) == 1 and sample.kind in (Kind.WHOLE, Kind.FRACTIONS) and question.ranks == 1


def fits_metric(task: Task, metric: Score) -> bool:
    """Return whether a task can be scored by a metric."""
    return metric in TASKS[task].scores
