"""What the cells of a sample submission tell about the answers that it wants."""

import re
from collections.abc import Sequence
from enum import Enum, auto

import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.metric import fits_form
from scoretable.competition.spelling import look_of
from scoretable.competition.task import TASKS, Form
from scoretable.workspace.errors import InputError, printable
from scoretable.workspace.yaml_text import as_yaml

_LONGEST_NAME, _SHOWN = 16, 3
_WHOLE = re.compile(r"[+-]?[0-9]+")


class Kind(Enum):
    """What all cells are that are not empty."""

    EMPTY = auto()
    WHOLE = auto()
    FRACTIONS = auto()  # numbers, one of them at least with a decimal point or an exponent
    TEXT = auto()


def tell_kind(cells: pd.Series) -> Kind:
    """Return what the cells are; spaces around them do not count."""
    filled = _filled(cells)
    if filled.empty:
        return Kind.EMPTY
    if all(_WHOLE.fullmatch(cell) for cell in filled):
        return Kind.WHOLE
    return Kind.TEXT if pd.to_numeric(filled, errors="coerce").isna().any() else Kind.FRACTIONS


def count_ranks(cells: pd.Series, classes: Sequence[str]) -> int:
    """Return how many labels the longest cell has, joined by spaces; 1 where cells are no such lists."""
    known = set(classes)
    rows = [cell.split() for cell in _filled(cells) if cell not in known]
    parts = {part for row in rows for part in row}
    likely = parts & known or all(map(_WHOLE.fullmatch, (*parts, *known)))
    return max(map(len, rows)) if rows and likely else 1


def refuse_class_cells(cells: pd.Series, form: Form, competition: Competition, classes: Sequence[str]) -> None:
    """Raise InputError where the cells cannot stand for what `form` writes: labels of `classes`."""
    separator = competition.label_separator if form == "labels" else " " if form == "ranked" else None
    filled = _filled(cells)
    filled = filled[filled != str(competition.submission.placeholder)]
    parts = filled if separator is None else filled.str.split(separator, regex=False).explode().str.strip()
    parts = parts[parts != ""].drop_duplicates()
    kind, known = tell_kind(parts), set(classes)
    if kind == Kind.EMPTY or parts.isin(known).all():
        return
    _refuse_other_spelling(parts[~parts.isin(known)], competition, classes)
    whole = kind == Kind.WHOLE and tell_kind(pd.Series(classes, dtype=str)) == Kind.WHOLE
    if (kind != Kind.FRACTIONS and parts.isin(known).any()) or (whole and len(parts) == 1):  # the same number all over
        return
    shown = name_shortly([*parts[~parts.isin(known)]])
    if kind == Kind.TEXT or whole:
        placeholder = f", or set submission.placeholder: {shown} if that is no answer" if len(filled) == 1 else ""
        raise InputError(
            f"{competition.submission.sample} has the answer {shown}, none of the classes ({name_shortly(classes)}): "
            f"correct {competition.train.label_key} or task{placeholder}."
        )
    raise InputError(
        f"{competition.submission.sample} has the number {shown} where submission.form: {form} would write a class "
        f"such as {name_shortly(classes[:1])}: set {_mend_for_numbers(competition, classes)}."
    )


def _refuse_other_spelling(others: pd.Series, competition: Competition, classes: Sequence[str]) -> None:
    """Raise InputError where all answers are classes but for zeros after the point: 1 is none of 0.0 and 1.0."""
    looks = {look_of(name): name for name in classes}
    if not others.map(look_of).isin(looks).all():
        return
    answer = others.iloc[0]
    raise InputError(
        f"{competition.submission.sample} has the answer {answer!r}, which the labels ({name_shortly(classes)}) spell "
        f"otherwise: spell them alike by train.label_map, such as {{{looks[look_of(answer)]!r}: {answer!r}}}, for each."
    )


def refuse_number_cells(cells: pd.Series, form: Form, competition: Competition) -> None:
    """Raise InputError where a cell is no number, or none from 0 to 1, although `form` writes such."""
    sample, kind = competition.submission.sample, tell_kind(cells)
    if kind == Kind.TEXT:
        shown = name_shortly([cell for cell in _filled(cells) if tell_kind(pd.Series([cell])) == Kind.TEXT][:1])
        others = [other for other in TASKS[competition.task].forms if "label" in other and form != "columns"]
        fitting = [other for other in others if competition.metric is None or fits_form(competition.score, other)]
        mend = f"submission.form: {fitting[0]}" if fitting else "another submission.sample, metric or task"
        raise InputError(
            f"{sample} has the answer {shown} where submission.form: {form} would write a number: set "
            f"{mend} in the competition's file."
        )
    one = form == "numbers" and competition.task != "multi_regression"
    if one and kind == Kind.WHOLE and competition.submission.form is None:
        raise InputError(
            f"{sample} has whole numbers only, such as {name_shortly(list(_filled(cells)[:1]))}, which may stand "
            "for classes: set submission.form: numbers if these are amounts, or else task: multiclass or ordinal."
        )
    numbers = pd.to_numeric(_filled(cells))
    outside = (numbers < 0) | (numbers > 1)
    if form != "numbers" and outside.any() and numbers.nunique() > 1:
        raise InputError(
            f"{sample} has the number {numbers[outside].iloc[0]:g} where submission.form: {form} would write a "
            "probability from 0 to 1: set another submission.form or task in the competition's file."
        )


def name_shortly(names: Sequence[str]) -> str:
    """Return the first few of `names`, long ones cut, for a message of one line."""
    texts = [printable(str(name)) for name in names[:_SHOWN]]  # before they are cut, since it makes them longer
    shown = [text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}..." for text in texts]
    return ", ".join([*shown, *["..."] * (len(names) > _SHOWN)])


def _filled(cells: pd.Series) -> pd.Series:
    stripped = cells.astype(str).str.strip()
    return stripped[stripped != ""].drop_duplicates()


def _mend_for_numbers(competition: Competition, classes: Sequence[str]) -> str:
    if len(classes) == 2 and "probability" in TASKS[competition.task].forms:
        return "submission.form: probability"
    if tell_kind(pd.Series(classes, dtype=str)) != Kind.TEXT:
        return "task: regression"
    one = as_yaml(classes[0])
    if len(printable(one)) > _LONGEST_NAME:
        return "task: binary, a train.label_map to two labels, positive_class, and submission.form: probability"
    return (
        f"task: binary, train.label_map: {{{one}: {one}, '*': other}}, positive_class: {one} and "
        "submission.form: probability"
    )
