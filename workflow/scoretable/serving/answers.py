"""A row's answers to photos, as lines for people and as a table."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.targets import choose_places
from scoretable.competition.task import is_number
from scoretable.scoring.choices import choose_class, choose_labels
from scoretable.scoring.measure import Measure
from scoretable.serving.photos import Photos
from scoretable.serving.row_model import RowModel
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import printable

if TYPE_CHECKING:
    import keras

SHOWN = 3  # classes of a photo in a line
FIRST = ("photo", "label")  # columns of the table


class Answer(NamedTuple):
    """To one photo. numbers: float32 (columns,), as `inference.stream_answers` yields them.

    chosen: places of the labels that they come to, none where the labels are numbers. unreadable: why there is no
    answer, '' where there is one.
    """

    photo: Path
    numbers: NDArray[np.float32]
    chosen: list[int]
    unreadable: str


def answer_photos(model: "keras.Model", row: RowModel, paths: Sequence[Path]) -> Iterator[Answer]:
    """Yield the answer to each photo in their order, as the row's own predictions were made; Keras must be imported.

    A batch of photos is in memory at a time.
    """
    from scoretable.decoding.decode import many_pictures
    from scoretable.prediction.inference import stream_answers

    photos = Photos(paths, row.fit, row.value_range)
    images, places = cast(np.ndarray, photos), np.arange(len(paths))  # which is indexed as the cache's array is
    done = 0
    with many_pictures():
        for block in stream_answers(model, images, places, row.params.views, task=row.competition.task):
            for numbers, chosen in zip(block, choose(row, block), strict=True):
                yield Answer(paths[done], numbers, chosen, photos.unreadable.get(done, ""))
                done += 1


def choose(row: RowModel, answers: NDArray[np.float32]) -> list[list[int]]:
    """Return the places of the classes that each of the answers (n, columns) comes to, the likeliest first."""
    task, cut = row.competition.task, row.cut
    if is_number(task):
        return [[] for _ in answers]
    if task == "multilabel":
        labels = choose_labels(answers, cut.threshold, cut.at_least_one)
        order = np.argsort(-answers, axis=1, kind="stable")
        return [[int(place) for place in places if found[place]] for places, found in zip(order, labels, strict=True)]
    if task == "ordinal":
        chosen = choose_places(answers[:, 0], len(row.classes), cut.points_between(len(row.classes)))
    else:
        chosen = choose_class(answers, cut.threshold, Measure.of(row.competition, row.classes).positive)
    return [[place] for place in chosen.tolist()]


def describe_answer(answer: Answer, row: RowModel) -> str:
    """Return a line.

    One label: it and the next likeliest, three in all. Several: those that were chosen, or the likeliest in brackets.
    Numbers: each by its name.
    """
    return printable(f"{answer.photo}: {answer.unreadable or _describe(answer, row)}")


def _describe(answer: Answer, row: RowModel) -> str:
    task, numbers, names = row.competition.task, answer.numbers.tolist(), row.classes
    if task == "ordinal":
        return f"{names[answer.chosen[0]]} (number {numbers[0]:.3f})"
    if is_number(task):
        named = zip(names, numbers, strict=True) if task == "multi_regression" else [("", numbers[0])]
        return ", ".join(f"{name} {number:.6g}".strip() for name, number in named)
    likely = np.argsort(-answer.numbers, kind="stable").tolist()
    if task == "multilabel":
        shown = ", ".join(f"{names[place]} {numbers[place]:.3f}" for place in answer.chosen)
        return shown or f"no label (the likeliest: {names[likely[0]]} {numbers[likely[0]]:.3f})"
    others = [place for place in likely if place not in answer.chosen]
    return ", ".join(f"{names[place]} {numbers[place]:.3f}" for place in [*answer.chosen, *others][:SHOWN])


def write_answers(answers: Iterator[Answer], row: RowModel, target: Path) -> Iterator[Answer]:
    """Write a CSV with a line for each photo that can be read, whole or not at all, and yield the answers again.

    Columns: photo, label (without it where labels are numbers; several with the competition's separator in between),
    and each class with its probability, or the number.
    """
    task = row.competition.task
    one_number = task in ("ordinal", "regression", "unit_regression")
    header = [*FIRST[: 1 if is_number(task) else 2], *(["number"] if one_number else row.classes)]
    separator = row.competition.label_separator
    with replacing(target) as temporary, temporary.open("w", encoding="utf-8", errors="replace", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(header)
        for answer in answers:
            if not answer.unreadable:
                label = separator.join(row.classes[place] for place in sorted(answer.chosen))
                labels = [] if is_number(task) else [label]
                table.writerow([answer.photo, *labels, *map(str, answer.numbers)])
            yield answer
