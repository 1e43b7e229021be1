"""Whether the labels of an archive are what the competition's task needs."""

import json
import re
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from scoretable.competition.description import SEPARATORS, Competition
from scoretable.competition.layouts import TrainLayout
from scoretable.competition.spelling import NO_VALUE, Notes, look_of, maybe_thousands, tell
from scoretable.competition.tables import name_some, refuse_values
from scoretable.competition.targets import parse_number_rows, split_labels
from scoretable.competition.task import is_number
from scoretable.workspace.errors import InputError, how_many

_WHOLE = re.compile(r"[+-]?[0-9]+")
_MARKS = (*SEPARATORS, "/", "+", "&")  # that may stand between labels


def check_labels(train: pd.DataFrame, competition: Competition) -> list[str]:
    """Return the classes; none where labels are numbers.

    They are in the order of `label_columns`, or for ordered classes that of `classes` under train, or sorted by number
    where all are whole numbers, else as text.

    Of several numbers an image their names stand for classes, see `name_numbers`.

    `train`: columns id and label (text as the table has it). Raises InputError where the number of classes is wrong,
    where a label has fewer than two images, and where a cell is not a number, or not one from 0 to 1, although the task
    needs one.
    """
    layout = competition.train
    table, column = layout.place, layout.label_place
    if is_number(competition.task):
        _check_numbers(train, table, column, competition)
    labels = split_labels(train["label"], competition.task, competition.label_separator)
    classes = [] if is_number(competition.task) else _order_labels(labels.unique(), competition)
    place = f"{table}, {column}"
    _refuse_alike(classes, place)
    if competition.task == "multilabel":
        _refuse_unseparated(train["label"], labels, competition, place)
        _refuse_other_marks(train["label"], classes, competition, place)
    if competition.task == "binary" and len(classes) > 2:
        _refuse_third_class(train, layout, place)
    if not is_number(competition.task) and (len(classes) < 2 or competition.classes not in (None, len(classes))):
        raise InputError(
            f"{place}: {how_many(len(classes), 'class')} ({name_some(classes)}), but competition "
            f"{competition.name} needs {competition.classes or 'at least 2'}: correct {layout.label_key}, or set "
            f"{'classes' if len(classes) > 1 else 'task'} in the competition's file."
        )
    if competition.task == "ordinal" or competition.score == "quadratic_weighted_kappa":
        _refuse_unordered(classes, competition, place)
    refuse_too_few(train["label"], classes, competition, place)
    return name_numbers(train["label"], competition) if competition.task == "multi_regression" else classes


def tell_doubtful(cells: pd.Series, classes: Sequence[str], competition: Competition, notes: Notes) -> None:
    """Tell which of `classes` are likely one, and which no label; A and a of letters are right as they are."""
    if is_number(competition.task):
        return
    place = f"{competition.train.place}, {competition.train.label_place}"
    seen: dict[str, str] = {}
    firsts = [seen.setdefault(name.lstrip("0").casefold(), name) for name in classes]
    pairs = [(one, other) for one, other in zip(firsts, classes, strict=True) if one != other]
    if pairs:
        what = f"{how_many(len(pairs), 'label')} differing from another in case or zeros before it"
        tell(notes, f"{place}: {what}, such as {' and '.join(pairs[0])}; train.label_map can make them one")
    no_labels = [name for name in classes if name.casefold() in NO_VALUE]
    if no_labels:
        labels = split_labels(cells, competition.task, competition.label_separator)
        images = how_many(int(labels.isin(no_labels).sum()), "image")
        empty = f"train.label_map: {{'{no_labels[0]}': '', '*': '*'}} makes it empty"
        tell(notes, f"{place}: {images} with the label {no_labels[0]}, which counts as a class; {empty}")


def name_numbers(cells: pd.Series, competition: Competition) -> list[str]:
    """Return the names of several numbers: those of their columns where the file lists such, else 1, 2, 3 and so on."""
    count = parse_number_rows(cells, competition.task).shape[1]
    columns = getattr(competition.train, "label_columns", None) or []
    return list(columns) if len(columns) == count else [str(number) for number in range(1, count + 1)]


def refuse_too_few(cells: pd.Series, classes: list[str], competition: Competition, place: str) -> None:
    """Raise InputError where a fold could hold out nothing to learn from.

    That is where one of `classes` has fewer than two images, one to train and one to validate, or where all numbers
    are equal.
    """
    if is_number(competition.task):
        if len(np.unique(parse_number_rows(cells, competition.task), axis=0)) < 2:
            raise InputError(f"{place}: all {len(cells)} images have the same number: add images with others.")
        return
    labels = split_labels(cells, competition.task, competition.label_separator)
    counts = labels.value_counts().reindex(classes, fill_value=0)
    singles_allowed = competition.policies.single_image_classes == "train"
    if singles_allowed and counts.max() < 2:
        raise InputError(f"{place}: no label has two images, one to train and one to validate: add images.")
    small = counts.index[counts < (1 if singles_allowed else 2)].tolist()
    if small:
        problem = "no image" if singles_allowed else "fewer than two images, one to train and one to validate"
        hint = "" if singles_allowed else ", or set policies: {single_image_classes: train}"
        raise InputError(
            f"{place}: {how_many(len(small), 'label')} with {problem}: {name_some(small)}; add images, or remove what "
            f"has these labels{hint}."
        )


def _check_numbers(train: pd.DataFrame, table: str, column: str, competition: Competition) -> None:
    numbers = parse_number_rows(train["label"], competition.task)
    if competition.task == "multi_regression" and numbers.shape[1] == 1:
        raise InputError(
            f"{table}, column {column}: each image has one number, but task: multi_regression is for several with "
            "spaces in between, or in train.label_columns: set task: regression."
        )
    broken = pd.Series(np.any(np.isnan(numbers), axis=1), train.index)
    mend = f"correct {competition.train.label_key}, or set task: multiclass"
    if maybe_thousands(train["label"][broken]):
        mend = "set commas: decimal or thousands"
    ids = [f"{id_} ({label})" for id_, label in zip(train["id"][broken], train["label"][broken], strict=True)]
    refuse_values(table, column, ids, "id with a label that is not a finite number", mend)
    if len(train) > 2 and set(numbers.ravel().tolist()) == {0.0, 1.0}:
        fitting = "multilabel" if competition.task == "multi_regression" else "binary"
        raise InputError(
            f"{table}, column {column}: all labels are 0 or 1, which are classes and no numbers: set task: {fitting}."
        )
    if competition.score == "rmsle":
        below = train["id"][pd.Series(np.any(numbers < 0, axis=1), train.index)]
        refuse_values(
            table, column, below, "id with a number below 0, which metric: rmsle has no value for", "set metric"
        )
    if competition.task == "unit_regression":
        outside = train["id"][pd.Series(np.any((numbers < 0) | (numbers > 1), axis=1), train.index)]
        refuse_values(table, column, outside, "id with a number outside 0 to 1", "set task: regression")


def _refuse_unseparated(cells: pd.Series, labels: pd.Series, competition: Competition, place: str) -> None:
    """Refuse cells of which no two have a label in common, unless one is empty: then each of them is one label.

    Either another mark stands between labels, or the task is another one.
    """
    texts = cells.reset_index(drop=True)
    pairs = pd.DataFrame({"label": labels, "cell": texts[labels.index]}).drop_duplicates()
    if labels.index.nunique() < len(texts) or pairs["label"].duplicated().any():
        return
    separator, columns = competition.label_separator, competition.train.label_columns
    others = [
        mark
        for mark in (*SEPARATORS, *"/+&")
        if mark != separator and texts.str.strip().str.contains(mark, regex=False).any()
    ]
    mend = "set task: multiclass"
    if others and not columns:
        example = texts[texts.str.contains(others[0], regex=False)].iloc[0]
        mend = f"{example} has {others[0]!r} in it: set label_separator: {others[0]!r}"
    raise InputError(
        f"{place}: no label is in two different cells, so each cell seems to be one label, but task: multilabel is for "
        f"several with {separator!r} in between: {mend}."
    )


def _refuse_other_marks(cells: pd.Series, classes: list[str], competition: Competition, place: str) -> None:
    """Refuse a label that ends in another mark, as `a,`, or that it parts into labels, as `b,c` into b and c."""
    separator, known = competition.label_separator, set(classes)
    for mark in (mark for mark in SEPARATORS if mark.strip() and mark not in separator):
        parts = {name: _parts(name, mark) for name in classes if mark in name}
        likely = (name for name, found in parts.items() if found and (name.endswith(mark) or known.issuperset(found)))
        name = next(likely, None)
        if name is None or competition.train.label_columns:
            continue
        by_mark = {part for cell in cells.unique() for part in _parts(cell, mark)}
        mend = f"set label_separator: {mark!r}"
        if any(separator in part and by_mark.issuperset(_parts(part, separator)) for part in by_mark):  # both are used
            one, several = (json.dumps(text, ensure_ascii=False) for text in (name, separator.join(parts[name])))
            mend = f'make it these by train.label_map, such as {{{one}: {several}, "*": "*"}}'
        raise InputError(f"{place}: the label {name} has {mark!r} in it, which likely stands between labels: {mend}.")


def _parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in text.split(mark) if part.strip()]


def _refuse_alike(classes: list[str], place: str) -> None:
    """Refuse labels that a reader cannot tell apart or takes for one number, and that were likely meant to be one."""
    seen: dict[str, str] = {}
    for name in classes:
        other = seen.setdefault(look_of(name), name)
        if other != name:
            one, two = json.dumps(other, ensure_ascii=False), json.dumps(name, ensure_ascii=False)  # as YAML reads them
            raise InputError(
                f"{place}: the labels {one} and {two} differ only in spaces or in zeros after the point: make them one "
                f'by train.label_map, such as {{{two}: {one}, "*": "*"}}.'
            )


def _refuse_unordered(classes: list[str], competition: Competition, place: str) -> None:
    ordinal = competition.task == "ordinal"
    if not _listed(competition) and not all(_WHOLE.fullmatch(name) for name in classes):
        mend = "list them under train in their order, as in classes: [none, mild, severe]"
        raise InputError(
            f"{place}: {'task: ordinal' if ordinal else f'metric: {competition.score}'} orders classes by their whole "
            f"numbers, but these are {name_some(classes)}: "
            + (f"{mend}, or set task: multiclass." if ordinal else "set another metric, or task: ordinal.")
        )
    if ordinal and len(classes) < 3:
        raise InputError(f"{place}: task: ordinal is for three classes or more, and these are two: set task: binary.")


def _refuse_third_class(train: pd.DataFrame, layout: TrainLayout, place: str) -> None:
    counts = train["label"].value_counts()
    rarest = counts.index[-1]
    example = train["id"][train["label"] == rarest].iloc[0]
    alone = " and policies: {single_image_classes: train}" if counts.iloc[-1] == 1 else ""
    raise InputError(
        f"{place}: {len(counts)} classes ({name_some(list(counts.index))}; {rarest} is the label of {example}), "
        f"but task: binary has two: correct {layout.label_key}, or set task: multiclass{alone}."
    )


def _listed(competition: Competition) -> list[str]:
    """Return the labels whose order the file gives."""
    layout = competition.train
    return layout.label_columns or (layout.classes if competition.task == "ordinal" else None) or []


def _order_labels(labels: Iterable[str], competition: Competition) -> list[str]:
    layout = competition.train
    if listed := _listed(competition):
        classes = list(dict.fromkeys(layout.map_label(name) or name for name in listed))
        unlisted = [label for label in labels if label not in set(classes)]
        if unlisted:
            raise InputError(
                f"{layout.place}, {layout.label_place}: the label {unlisted[0]} has no place in the order "
                f"({name_some(listed)}): add it to train.classes."
            )
        return classes
    as_text = sorted(labels)
    whole = all(_WHOLE.fullmatch(label) for label in as_text)
    return sorted(as_text, key=int) if whole else as_text
