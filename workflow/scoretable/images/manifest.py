"""Which images an archive holds, and what their labels are."""

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scoretable.competition.archive import Archive
from scoretable.competition.description import BoxColumns, Competition, TrainLayout
from scoretable.competition.labels import check_labels
from scoretable.competition.tables import read_table, refuse_harmful, refuse_values
from scoretable.workspace.errors import InputError

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")
BOX = ["x1", "y1", "x2", "y2"]  # left, top, right, bottom


@dataclass(frozen=True)
class Manifest:
    """Images of a competition, one row each.

    train: columns id, label (as the table has it), member (str), and x1, y1, x2, y2 (float, pixels) where the
    competition has boxes.
    test: the same without label, in the order of the test table or else of the sample submission.
    classes: the labels, sorted by number where all are whole numbers, else as text; none where labels are numbers.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    classes: list[str]


def read_manifest(archive: Archive, competition: Competition) -> Manifest:
    """Read the tables of `archive` and find the member of every image.

    Raises InputError where a table is missing or cannot be parsed; where a column, a label or an image is missing;
    where an id is listed twice; where an id or a label would do harm; where a box is empty or inverted; and
    where the labels are not what the competition says.
    """
    members = _Members(archive.names)
    train = _read_train(archive, members, competition)
    test = _read_test(archive, members, competition)
    classes = check_labels(train, competition)
    layout = competition.train
    for column, values in ((layout.id_column, train["id"]), (layout.label_column or "{label}", classes)):
        refuse_harmful(layout.table or layout.images, column, values)
    return Manifest(train, test, classes)


class _Members:
    """Names of an archive's members; images can also be found without their suffix."""

    def __init__(self, names: list[str]) -> None:
        self.names = set(names)
        self.images = [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]
        self.by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.images:
            self.by_stem[posixpath.splitext(name)[0]].append(name)

    def find(self, pattern: str, id_: str, label: str = "") -> str:
        """Return the member that the pattern names, or the one image that it names but for the suffix, or ''."""
        values = {"{id}": id_, "{label}": label}
        name = re.sub(r"\{id\}|\{label\}", lambda key: values[key[0]], pattern)
        candidates = [name] if name in self.names else self.by_stem.get(name, [])
        return candidates[0] if len(candidates) == 1 else ""

    def match(self, pattern: str) -> pd.DataFrame:
        """Return id, label and member of all images that fit a pattern with {id} and {label}."""
        groups = {"{id}": "(?P<id>[^/]+)", "{label}": "(?P<label>[^/]+)"}
        parts = re.split(r"(\{id\}|\{label\})", pattern)
        first = {part: parts.index(part) for part in parts}
        again = {"{id}": "(?P=id)", "{label}": "(?P=label)"}
        pieces = [
            (groups if place == first[part] else again).get(part, re.escape(part)) for place, part in enumerate(parts)
        ]
        expression = re.compile("".join(pieces))
        found = [match for name in self.images if (match := expression.fullmatch(name))]
        rows = [(match["id"], match["label"], match[0]) for match in found]
        return pd.DataFrame(rows, columns=["id", "label", "member"], dtype=str)


def _read_train(archive: Archive, members: _Members, competition: Competition) -> pd.DataFrame:
    layout = competition.train
    if layout.table is None:
        return _read_folders(members, layout)
    labels = [layout.label_column] if layout.label_column else []
    table = read_table(archive, layout.table, [layout.id_column, *labels, *_box_columns(layout.box)])
    train = pd.DataFrame({"id": table[layout.id_column]})
    refuse_values(layout.table, layout.id_column, train["id"][train["id"].duplicated()], "id listed more than once")
    if layout.label_column:
        train["label"] = table[layout.label_column]
        blank = train["id"][(train["label"].str.strip() == "") & (competition.task != "multilabel")]
        refuse_values(layout.table, layout.label_column, blank, "id with an empty label")
    else:
        train["label"] = _labels_by_folder(train["id"], members, layout)
    pairs = zip(train["id"], train["label"], strict=True)
    train["member"] = [members.find(layout.images, id_, label) for id_, label in pairs]
    _refuse_missing_images(train, layout.table, layout.id_column, layout.images)
    return pd.concat([train, _read_boxes(table, layout.table, layout.id_column, layout.box)], axis=1)


def _read_folders(members: _Members, layout: TrainLayout) -> pd.DataFrame:
    """Take all images that fit the pattern; ids that several folders use get the label in front."""
    train = members.match(layout.images)
    if train.empty:
        raise InputError(f"no image in the archive matches the pattern {layout.images}: correct `train.images`.")
    if train["id"].duplicated().any():
        train["id"] = train["label"] + "/" + train["id"]
    return train


def _labels_by_folder(ids: pd.Series, members: _Members, layout: TrainLayout) -> list[str]:
    labels: defaultdict[str, set[str]] = defaultdict(set)
    found = members.match(layout.images)
    for id_, label in zip(found["id"], found["label"], strict=True):
        labels[id_].add(label)
        labels[posixpath.splitext(id_)[0]].add(label)
    several = ids[[len(labels[id_]) > 1 for id_ in ids]]
    refuse_values(str(layout.table), layout.id_column, several, "id with an image in the folders of several labels")
    return ["".join(labels[id_]) for id_ in ids]


def _read_test(archive: Archive, members: _Members, competition: Competition) -> pd.DataFrame:
    layout, sample = competition.test, competition.submission
    sample_ids = read_table(archive, sample.sample, [sample.id_column])[sample.id_column]
    refuse_values(sample.sample, sample.id_column, sample_ids[sample_ids.duplicated()], "id listed more than once")
    name, column = (layout.table, layout.id_column) if layout.table else (sample.sample, sample.id_column)
    table = read_table(archive, name, [column, *_box_columns(layout.box)])
    test = pd.DataFrame({"id": table[column]})
    refuse_values(name, column, test["id"][test["id"].duplicated()], "id listed more than once")
    refuse_harmful(name, column, test["id"])
    unlisted = sample_ids[~sample_ids.isin(test["id"])]
    refuse_values(sample.sample, sample.id_column, unlisted, f"id missing from {name}")
    test["member"] = [members.find(layout.images, id_) for id_ in test["id"]]
    _refuse_missing_images(test, name, column, layout.images)
    return pd.concat([test, _read_boxes(table, name, column, layout.box)], axis=1)


def _box_columns(box: BoxColumns | None) -> list[str]:
    return [box.x1, box.y1, box.x2, box.y2] if box else []


def _read_boxes(table: pd.DataFrame, name: str, id_column: str, box: BoxColumns | None) -> pd.DataFrame:
    """Return x1, y1, x2, y2 as float, or no columns where there are no boxes."""
    boxes = pd.DataFrame(index=table.index)
    for side, column in zip(BOX, _box_columns(box), strict=False):
        boxes[side] = pd.to_numeric(table[column], errors="coerce").astype(float)
        refuse_values(name, column, table[column][~np.isfinite(boxes[side])], "value that cannot be read as a number")
    if box:
        void = table[id_column][(boxes["x2"] <= boxes["x1"]) | (boxes["y2"] <= boxes["y1"])]
        columns = f"{box.x1}..{box.y2}"
        refuse_values(name, columns, void, "id with an empty or inverted box")
    return boxes


def _refuse_missing_images(images: pd.DataFrame, name: str, column: str, pattern: str) -> None:
    mend = "correct the pattern `images` in the competition's file, or fix the archive"
    missing = images["id"][images["member"] == ""]
    refuse_values(name, column, missing, f"id without an image (each needs one image {pattern})", mend)
