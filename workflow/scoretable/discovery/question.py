"""What a competition asks of an image, as its labels, its sample and its metric tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from scoretable.competition.metric import METRICS, Score
from scoretable.competition.sample_cells import Kind, count_ranks, name_shortly, tell_kind
from scoretable.competition.spelling import look_of, with_points
from scoretable.competition.task import Task, is_number
from scoretable.discovery.label_columns import Labels
from scoretable.discovery.names import words_of
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training
from scoretable.manifest.train_images import NO_NUMBER

_SCALE = (
    "none no normal healthy absent negative", "very minimal minor trace", "low mild slight early small", "medium "
    "moderate middle intermediate", "high severe late large serious advanced", "extreme proliferative critical",
)  # fmt: skip
_GRADES = {word: rank for rank, words in enumerate(_SCALE) for word in words.split()}
_FEW = 10  # ordered classes, such as grades, are seldom more
_NAMES = {"id", "class", "category", "species", "breed"}  # of a column whose numbers are no amounts
_NUMBERS = (Kind.WHOLE, Kind.FRACTIONS)


@dataclass(frozen=True)
class Question:
    """What is asked.

    names: the classes, or the names of several numbers. ranks: labels in a cell of the sample. alike: labels that
    differ from one of the names only in spaces or in zeros after the point, and that name. grades: the names in the
    order of what they say, where they look like grades. ways: other tasks that numbers may be labels of.
    """

    task: Task
    names: list[str]
    why: str
    ranks: int = 1
    alike: Mapping[str, str] = field(default_factory=dict)
    grades: list[str] = field(default_factory=list)
    ways: tuple[str, ...] = ()


def tell_question(training: Training, sample: Sample, metric: Score | None) -> Question:
    """Return what is asked; where two tasks fit, the metric decides, else it is the one that asks for less."""
    labels = training.labels
    if labels is not None and labels.columns:
        return _of_columns(training.rows[list(labels.columns)], list(labels.columns), metric)
    cells = training.cells[training.cells.str.strip() != ""]
    if labels is not None and labels.separator is not None:
        distinct = cells.drop_duplicates()
        names = order_labels(distinct.str.split(labels.separator, regex=False).explode().str.strip())
        longest = str(max(distinct, key=len))
        return Question("multilabel", names, f"cells such as {longest[:40]} hold several labels")
    cells = with_points(_without_gaps(cells), commas="thousands")
    alike = find_alike(cells.unique()) | _as_whole(cells.unique(), sample)
    names = order_labels(cells.replace(alike) if alike else cells)
    kind = tell_kind(pd.Series(names, dtype=str))
    if kind in _NUMBERS:
        asked = _of_numbers(names, kind, sample, metric, labels)
        return asked if is_number(asked.task) else replace(asked, alike=alike)
    return replace(_of_names(names, sample), alike=alike)


def _without_gaps(cells: pd.Series) -> pd.Series:
    """Leave out words such as nan among numbers with a decimal point, which are no labels of classes."""
    numbers = cells[~cells.str.casefold().isin(NO_NUMBER)]
    return numbers if tell_kind(with_points(numbers, commas="thousands")) == Kind.FRACTIONS else cells


def find_alike(labels: Iterable[str]) -> dict[str, str]:
    """Return which labels look like another one, and that one, which is the shortest; see `look_of`."""
    seen: dict[str, str] = {}
    found = {}
    for label in sorted(labels, key=len):
        first = seen.setdefault(look_of(label), label)
        if first != label:
            found[label] = first
    return found


def _as_whole(labels: Iterable[str], sample: Sample) -> dict[str, str]:
    """Return which of several labels such as 1.0 is which whole number, none where the sample's answers are not whole.

    pandas writes them so where a cell of the column is empty.
    """
    whole = {label: look_of(label) for label in labels}
    fits = sample.kind == Kind.WHOLE and tell_kind(pd.Series(list(whole.values()), dtype=str)) == Kind.WHOLE
    return {label: other for label, other in whole.items() if label != other} if fits else {}


def order_labels(cells: pd.Series) -> list[str]:
    """Return the distinct labels, by number where all are numbers."""
    names = sorted({cell for cell in cells.unique() if cell.strip()})
    return sorted(names, key=float) if tell_kind(pd.Series(names, dtype=str)) in _NUMBERS else names


def _of_columns(cells: pd.DataFrame, names: list[str], metric: Score | None) -> Question:
    numbers = cells.apply(pd.to_numeric, errors="coerce").to_numpy()
    if not np.isin(numbers, [0, 1]).all():
        return Question("multi_regression", names, f"{len(names)} numbers an image")
    if (numbers.sum(axis=1) == 1).all() and (metric is None or "multiclass" in METRICS[metric].tasks):
        return Question("multiclass", names, "each row has a 1 in exactly one of the columns of train.label_columns")
    return Question("multilabel", names, "a row may have a 1 in several of train.label_columns, or in none")


def _of_numbers(names: list[str], kind: Kind, sample: Sample, metric: Score | None, labels: Labels | None) -> Question:
    shown = f"{len(names)} numbers from {names[0]} to {names[-1]}"
    if kind == Kind.FRACTIONS or (metric is not None and "regression" in METRICS[metric].tasks):
        return Question("regression", [], shown)
    one = len(sample.answers) == 1
    if one and len(names) > 2 and sample.kind == Kind.FRACTIONS:
        return Question("regression", [], f"{shown}, and the sample has numbers with a decimal point")
    if len(names) > 2 and metric == "quadratic_weighted_kappa":
        return Question("ordinal", names, "the metric counts how far an answer is from the label, so the order counts")
    question = _of_names(names, sample)
    if not one or len(names) <= 2 or question.ranks > 1:
        return question
    if labels is not None and labels.column and _NAMES & set(words_of(labels.column)):
        return question
    ways = ["ordinal if their order counts, as of grades"] * (len(names) <= _FEW) + ["regression if they are amounts"]
    return replace(question, why=f"{question.why}; {', '.join(ways)}", ways=tuple(ways) if metric is None else ())


def _of_names(names: list[str], sample: Sample) -> Question:
    if len(names) == 2:
        return Question("binary", names, f"there are two labels: {name_shortly(names)}")
    one = len(sample.answers) == 1
    grades = order_grades(names) if one else []
    why = f"one label of {len(names)} an image" + ("; ordinal if their order counts, as of grades" if grades else "")
    return Question("multiclass", names, why, count_ranks(sample.cells, names) if one else 1, grades=grades)


def order_grades(names: list[str]) -> list[str]:
    """Return labels such as mild and severe in their order, none where one of them is no such word."""
    ranks = {name: _GRADES[word] for name in names for word in (set(words_of(name)) & {*_GRADES})}
    in_order = sorted(ranks, key=ranks.__getitem__)
    return in_order if len(ranks) == len(names) == len(set(ranks.values())) else []
