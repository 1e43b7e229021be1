"""The columns of a table that hold the labels which a sample submission asks for."""

import re
from dataclasses import dataclass

import pandas as pd

from scoretable.competition.sample_cells import Kind, tell_kind
from scoretable.competition.spelling import with_ones, with_points
from scoretable.discovery.names import match_names, same_name, share_of, words_of
from scoretable.discovery.samples import Sample

_MOST = 0.8  # of the sample's answers must be among a column's values, or of its cells
_WORDS = {
    "label",
    "labels",
    "class",
    "classname",
    "category",
    "target",
    "species",
    "breed",
    "diagnosis",
    "tags",
    "level",
    "disease",
}
_SEPARATORS = (",", ";", "|", " ")  # names have spaces in them, but seldom a mark
_WHOLE = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class Labels:
    """Where the labels of a table are, and how sure that is.

    column, or columns: of several numbers or of 0 and 1 each. separator: of several labels in a cell. strength: 0 to 5.
    """

    strength: float
    why: str
    column: str | None = None
    columns: tuple[str, ...] = ()
    separator: str | None = None


def find_labels(table: pd.DataFrame, id_column: str | None, sample: Sample) -> Labels | None:
    """Return the columns of the labels that the sample asks for, None where no column looks like that."""
    others = [str(column) for column in table.columns if column != id_column]
    if len(sample.answers) > 1:
        return _of_several_answers(table, others, sample)
    return _of_one_answer(table, others, sample)


def split_of(cells: pd.Series, answers: set[str]) -> str | None:
    """Return what separates the labels of a cell, None where each cell is one label.

    Cells are lists where few labels make many cells: their parts recur, and not each cell has as many, unless all of
    them are numbers or are among `answers`.
    """
    distinct = {cell.strip() for cell in cells.unique()} - {""}
    for separator in _SEPARATORS:
        rows = [cell.split(separator) for cell in distinct]
        lengths = set(map(len, rows))
        if max(lengths, default=1) < 2 or distinct <= answers:
            continue
        names = {part.strip() for row in rows for part in row} - {""}
        recur = len(names) < len(distinct) and len(lengths) > 1
        if names <= answers or recur or all(map(_WHOLE.fullmatch, names)) or _are_lists(answers, names, separator):
            return _with_space(separator, distinct)
    return None


def _with_space(separator: str, cells: set[str]) -> str:
    """Return a mark with the space that follows it in all cells, since answers are joined by it as well."""
    marks = sum(cell.count(separator) for cell in cells)
    return f"{separator} " if marks == sum(cell.count(f"{separator} ") for cell in cells) else separator


def _are_lists(answers: set[str], names: set[str], separator: str) -> bool:
    """Return whether the cells of a sample are several of the names each."""
    rows = [answer.split(separator) for answer in answers if separator in answer]
    return bool(rows) and all(part.strip() in names for row in rows for part in row)


def _of_several_answers(table: pd.DataFrame, others: list[str], sample: Sample) -> Labels | None:
    answers = sample.answers
    matched = match_names(answers, [column for column in others if any(same_name(column, a) for a in answers)])
    if matched and len(matched) == len(answers):
        return Labels(5, f"the sample has these {len(answers)} columns", columns=tuple(matched.values()))
    best = None
    for column in others:
        cells = table[column].drop_duplicates()
        if len(cells) > max(50 * len(answers), 1000):
            continue
        separator = split_of(cells, set(answers))
        parts = cells if separator is None else cells.str.split(separator, regex=False).explode().str.strip()
        if match_names(sorted(set(parts) - {""}), answers) is not None:
            strength = 4 if separator is None else 3.5
            why = "its values are the columns of the sample"
            found = Labels(strength, why, column, separator=separator)
            best = max(filter(None, (best, found)), key=lambda labels: labels.strength)
    return best


def _of_one_answer(table: pd.DataFrame, others: list[str], sample: Sample) -> Labels | None:
    known = sample.distinct | {part for cell in sample.distinct for part in cell.split()}
    found = [Labels(*_rate(column, table[column], sample, known), column) for column in others]
    yes_or_no = [column for column in others if set(with_ones(table[column]).unique()) <= {"0", "1"}]
    if len(yes_or_no) > 1 and share_of(known & {*yes_or_no}, known) == 1 and known & {*yes_or_no}:
        found.append(Labels(3, "the sample's cells are the names of these columns", columns=tuple(yes_or_no)))
    best = max(found, key=lambda labels: labels.strength, default=None)
    if best is None or best.strength <= 0 or best.columns:
        return best if best is not None and best.strength > 0 else None
    return Labels(best.strength, best.why, best.column, separator=_separator(table[best.column or ""], sample))


def _separator(cells: pd.Series, sample: Sample) -> str | None:
    if sample.kind == Kind.FRACTIONS or tell_kind(with_points(cells.drop_duplicates(), commas="thousands")) in (
        Kind.WHOLE,
        Kind.FRACTIONS,
    ):
        return None
    return split_of(cells, sample.distinct if sample.kind == Kind.TEXT else set())


def _rate(column: str, cells: pd.Series, sample: Sample, known: set[str]) -> tuple[float, str]:
    """Return how much a column looks like the labels of a sample's one answer, and why."""
    strength, why = _rate_name(column, cells, sample.answers[0], known)
    kinds = {sample.kind, tell_kind(cells.drop_duplicates())}
    return strength - 1.5 * (kinds == {Kind.WHOLE, Kind.TEXT}), why


def _rate_name(column: str, cells: pd.Series, answer: str, known: set[str]) -> tuple[float, str]:
    if column == answer:
        return 5, "the sample's answer has the same name"
    if same_name(column, answer):
        return 4.5, f"the sample's answer is named {answer}"
    if set(words_of(answer)) & set(words_of(column)) - {"id"}:
        return 3.5, f"the sample's answer is named {answer}"
    texts = {cell for cell in known if cell and not _WHOLE.fullmatch(cell)}
    values = set(cells.unique())
    if (
        texts
        and share_of(texts, values | set(cells.str.split().explode()) if len(values) < 10_000 else values) >= _MOST
    ):
        return 3, "its values stand in the sample"
    if set(words_of(column)) & _WORDS:
        return 2, "by its name"
    repeats = cells.nunique() <= len(cells) / 2
    return (1, "the only column that could be one") if repeats else (0, "")
