"""In which form a competition's sample wants the answers, and whether they can be given in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from scoretable.competition.csv_text import is_index
from scoretable.competition.description import Competition
from scoretable.competition.metric import METRICS, fits_form
from scoretable.competition.metric_fit import choose_ranks, refuse_misfit_of_metric
from scoretable.competition.sample_cells import (
    Kind,
    count_ranks,
    name_shortly,
    refuse_class_cells,
    refuse_number_cells,
    tell_kind,
)
from scoretable.competition.spelling import with_points
from scoretable.competition.task import TASKS, Form, is_number
from scoretable.workspace.errors import InputError, how_many, nearest_name

_NO_AND_YES = ({"0", "1"}, {"false", "true"})


@dataclass(frozen=True)
class AnswerForm:
    """What is written.

    columns: the sample's answer columns, in its order. places: for `columns` and `numbers`, which of the model's
    outputs stands in each; for `probability`, the positive class. ranks: most classes of a ranked answer.
    """

    form: Form
    columns: tuple[str, ...]
    places: tuple[int, ...] = ()
    ranks: int = 1

    def describe(self, classes: Sequence[str]) -> str:
        """Say what is handed in, as in 'probability of dog (form: probability) in column label'."""
        many = how_many(len(self.columns), "column")
        meaning = {
            "label": "the likeliest class",
            "labels": "all likely classes",
            "ranked": f"the {self.ranks} likeliest classes" + " (all there are)" * (self.ranks == len(classes)),
            "probability": f"the probability of {classes[self.places[0]]}" if self.form == "probability" else "",
            "columns": "a probability for each class",
            "numbers": "the number" if len(self.columns) == 1 else "the numbers",
        }[self.form]
        where = f"column {self.columns[0]}" if len(self.columns) == 1 else many
        return f"{meaning} in {where} (submission.form: {self.form}){self._describe_mapping(classes)}"

    def _describe_mapping(self, classes: Sequence[str]) -> str:
        """Say which columns are not named like what stands in them, as in ', 0 in column rust'."""
        if not len(classes) == len(self.places) == len(self.columns):
            return ""
        pairs = [(classes[place], column) for place, column in zip(self.places, self.columns, strict=True)]
        renamed = [[name_shortly([name]) for name in pair] for pair in pairs if pair[0] != pair[1]]
        shown = [f"{name} in column {column}" for name, column in renamed[:3]] + ["..."] * (len(renamed) > 3)
        return "".join(f", {part}" for part in shown)


def check_sample(sample: pd.DataFrame, competition: Competition, classes: Sequence[str]) -> AnswerForm:
    """Return the form of the answers, and what stands in each column of `sample` (cells text).

    `classes`: those of the training images; for several numbers, their names. Raises InputError where the columns of
    the sample are not those of the answer, and where its cells are of another kind than what would be written.
    """
    columns = _answer_columns(sample, competition)
    if competition.positive_class is not None:
        positive_place(competition, classes)
    cells = pd.concat([sample[column] for column in columns], ignore_index=True)
    cells = with_points(cells, commas=competition.commas) if is_number(competition.task) else cells
    form = competition.submission.form or _guess_form(cells, columns, competition, classes)
    others = _name_fitting(competition, len(columns), len(classes))
    _check_count(form, columns, competition, classes, others)
    refuse_misfit_of_metric(form, cells, competition, classes, others)
    if form in ("label", "labels", "ranked"):
        _refuse_lists(cells, form, competition, classes)
        refuse_class_cells(cells, form, competition, classes)
        ranks = choose_ranks(cells, competition, classes) if form == "ranked" else 1
        return AnswerForm(form, tuple(columns), ranks=ranks)
    refuse_number_cells(cells, form, competition)
    if form == "probability":
        return AnswerForm(form, tuple(columns), (positive_place(competition, classes),))
    if form == "numbers" and competition.task != "multi_regression":
        return AnswerForm(form, tuple(columns), (0,))
    return AnswerForm(form, tuple(columns), tuple(_match(columns, competition, classes)))


def positive_place(competition: Competition, classes: Sequence[str]) -> int:
    """Return the place of the class that a probability is of; raise InputError where that is not clear."""
    shown = name_shortly(classes)
    if len(classes) != 2 and competition.positive_class is not None:
        raise InputError(
            f"positive_class: {name_shortly([str(competition.positive_class)])} is for two classes, but there are "
            f"{len(classes)} ({shown}): remove positive_class, or correct the labels of train."
        )
    folded = [name.casefold() for name in classes]
    wanted = competition.positive_class
    if wanted is None and set(folded) in _NO_AND_YES:
        return 1
    if wanted is None:
        raise InputError(
            f"the sample wants a probability, but of {shown} neither is 'yes' by its name: set positive_class: "
            f"{name_shortly(classes[1:])} (or {name_shortly(classes[:1])}) in the competition's file."
        )
    for names, name in ((list(classes), str(wanted)), (folded, str(wanted).casefold())):
        if name in names:
            return names.index(name)
    raise InputError(f"positive_class: {name_shortly([str(wanted)])} is none of the classes: set it to one of {shown}.")


def _answer_columns(sample: pd.DataFrame, competition: Competition) -> list[str]:
    layout, test = competition.submission, competition.test
    boxes = set(test.box.model_dump().values()) if test.box and test.table is None else set()
    kept = {layout.id_column, *boxes, *(column for column in sample if is_index(str(column), sample[column]))}
    others = [str(column) for column in sample.columns if column not in kept]
    wanted = others if layout.named_columns is None else layout.named_columns
    key = "label_columns" if layout.label_column is None else "label_column"
    absent = [column for column in wanted if column not in others]
    if absent or not wanted:
        likely = nearest_name(absent[0], others) if absent else None
        likely = likely or (others[0] if len(others) == 1 else None)
        mend = f"set submission.{key}: {likely}" if likely and key == "label_column" else f"correct submission.{key}"
        raise InputError(
            f"{layout.sample} has no column {name_shortly(absent)} for the answer (beside the id it has "
            f"{name_shortly(others) or 'none'}): {mend if wanted else 'correct submission.sample or its id_column'}."
        )
    left = [column for column in others if column not in wanted]
    if left:
        raise InputError(
            f"{layout.sample} has {how_many(len(left), 'column')} beside {name_shortly(wanted)} that would stay as in "
            f"the sample ({name_shortly(left)}): remove submission.{key}."
        )
    return [column for column in others if column in wanted]


def _guess_form(cells: pd.Series, columns: list[str], competition: Competition, classes: Sequence[str]) -> Form:
    """Return the task's own form, unless the sample shows another one that the task can be given in."""
    forms = TASKS[competition.task].forms
    if len(columns) > 1 and "columns" in forms:
        return "columns"
    needs = METRICS[competition.score].needs
    if needs in ("probabilities", "ranks") and "probability" in forms and len(classes) == 2:
        return "probability"
    if competition.score == "map_at_k" and "ranked" in forms:
        return "ranked"
    if "probability" in forms and competition.metric is None and len(classes) == 2 and cells.empty:
        raise InputError(
            f"{competition.submission.sample} has no rows, so it does not tell what to hand in: set metric, or "
            "submission.form: label or probability."
        )
    if "label" not in forms or set(cells) <= {*classes, ""}:
        return forms[0]
    if tell_kind(cells) == Kind.FRACTIONS and len(classes) == 2 and "probability" in forms:
        return "probability"
    return "ranked" if "ranked" in forms and count_ranks(cells, classes) > 1 else forms[0]


def _check_count(form: Form, columns: list[str], competition: Competition, classes: Sequence[str], others: str) -> None:
    """Refuse a form that does not fill the sample's columns, or a probability that is not of two classes."""
    if form == "probability" and len(classes) != 2:
        raise InputError(
            f"submission.form: probability needs two classes, one of them positive, but there are {len(classes)} "
            f"({name_shortly(classes)}): set {others}."
        )
    if competition.task != "multi_regression" and (form == "columns") != (len(columns) > 1):
        raise InputError(
            f"{competition.submission.sample} has {how_many(len(columns), 'answer column')} ({name_shortly(columns)}), "
            f"which submission.form: {form} does not fill: set {others} in the competition's file."
        )


def _name_fitting(competition: Competition, columns: int, classes: int) -> str:
    """Return the forms that fit the task, as many columns and classes, and the metric, as what to set."""
    forms = [form for form in TASKS[competition.task].forms if (form == "columns") == (columns > 1)]
    forms = [form for form in forms if form != "probability" or classes == 2]
    scored = [form for form in forms if competition.metric is None or fits_form(competition.score, form)]
    if scored:
        return f"submission.form: {' or '.join(scored)}"
    # Several columns can hold no other form, whatever the metric; one column can, by another metric.
    if forms == ["columns"]:
        return "submission.form: columns"
    return f"a metric that fits submission.form: {' or '.join(forms)}" if forms else "another task"


def _refuse_lists(cells: pd.Series, form: Form, competition: Competition, classes: Sequence[str]) -> None:
    """Refuse one label where the sample has several in a cell."""
    shown = count_ranks(cells, classes) if form == "label" else 1
    if shown > 1:
        ranked = "ranked" in TASKS[competition.task].forms
        mend = "submission.form: ranked and metric: map_at_k, or task: multilabel" if ranked else "task: multilabel"
        raise InputError(
            f"{competition.submission.sample} has rows of {shown} labels, but submission.form: label writes one: set "
            f"{mend}."
        )


def _match(columns: list[str], competition: Competition, classes: Sequence[str]) -> list[int]:
    """Return for each column the place of its class."""
    layout, mapping = competition.submission, competition.submission.column_of
    unknown = [name for name in mapping if name not in classes]
    if unknown:
        raise InputError(
            f"submission.columns names {name_shortly(unknown)}, which is none of the classes ({name_shortly(classes)}):"
            " correct it."
        )
    names = [mapping.get(name, name) for name in classes]
    place = {column: number for number, column in enumerate(names)}
    without = [name for name, column in zip(classes, names, strict=True) if column not in columns]
    extra = [column for column in columns if column not in place]
    if not without and not extra and len(place) == len(names):
        _refuse_swapped(mapping, classes, columns)
        return [place[column] for column in columns]
    if len(place) < len(names):
        raise InputError("submission.columns gives two classes the same column: correct it.")
    found = [f"no column for {name_shortly(without)}"] * bool(without)
    found += [f"no class for the column {name_shortly(extra)}"] * bool(extra)
    raise InputError(
        f"{layout.sample} and the {how_many(len(classes), 'class')} differ: there is {' and '.join(found)}: set "
        f"submission.columns: {{class: column}}, or correct {competition.train.label_key}."
    )


def _refuse_swapped(mapping: dict[str, str], classes: Sequence[str], columns: list[str]) -> None:
    for name, column in mapping.items():
        if column != name and column in classes and column in columns:
            line, shown = f"{name_shortly([name])}: {name_shortly([column])}", name_shortly([column])
            raise InputError(
                f"submission.columns has {line}, but {shown} is a class too, and the column {shown} is named like it: "
                "remove that line, or give the classes other names by train.label_map."
            )
