"""Where the training images and their labels are: in a table, a COCO file, columns of pixels, folders or names."""

from dataclasses import dataclass

import pandas as pd

from scoretable.competition.csv_text import UNNAMED
from scoretable.competition.label_lists import are_lists, join_lists, read_list
from scoretable.competition.spelling import with_ones
from scoretable.discovery.contents import Contents
from scoretable.discovery.hits import share_found
from scoretable.discovery.label_columns import Labels, find_labels
from scoretable.discovery.names import match_names
from scoretable.discovery.places import Place, locate
from scoretable.discovery.samples import Sample

_LEAST = 0.3  # of a table's ids must have an image


@dataclass(frozen=True)
class Training:
    """The training images as the archive lists them.

    rows: the table, or of each image without one its id and label. listing: the table's or COCO file's name, with its
    `kind`. id_column: None for the row's number, or without a table. labels: None where the path holds the label.
    place: None where the images are columns of pixels. classes: those of the paths, where others fit the pattern too.
    """

    rows: pd.DataFrame
    labels: Labels | None
    place: Place | None
    kind: str = ""
    listing: str = ""
    id_column: str | None = None
    classes: tuple[str, ...] = ()
    why: str = ""

    @property
    def cells(self) -> pd.Series:
        """The label of each row, where one column has it."""
        return self.rows["label"] if self.labels is None else self.rows[self.labels.column or ""]


def find_listed(contents: Contents, sample: Sample) -> Training | None:
    """Return the table or COCO file whose ids have images and which has labels that fit the sample; None without."""
    samples = {sample.name, *sample.others}
    tables = [("table", name, contents.table(name)) for name in contents.tables if name not in samples]
    tables += [("coco", name, contents.coco(name)) for name in contents.json]
    found = [_look(*one, contents, sample) for one in tables if len(one[2])]
    whole = [one for one in found if one is not None]
    return max(whole, key=_rank, default=None)


def _rank(training: Training) -> tuple[float, float, int]:
    assert training.labels is not None and training.place is not None
    return training.labels.strength, round(training.place.share, 1), len(training.rows)


def _look(kind: str, name: str, table: pd.DataFrame, contents: Contents, sample: Sample) -> Training | None:
    columns = ["id", "file_name"] if kind == "coco" else _likely_ids(table, sample)
    shares = {one: share_found(table[one], contents.images) for one in columns if one in table}
    several = None
    table = _without_lists(table)
    for column in sorted((one for one in shares if shares[one] >= _LEAST), key=lambda one: -shares[one]):
        id_column = "id" if kind == "coco" else column
        labels = find_labels(table, id_column, sample)
        name_of = "id" if column == id_column else column
        fields = {} if labels is None else _fields(table, column, labels)
        place = locate(table[column], contents.images, "train", fields, name_of)
        if labels is None or place is None:
            continue
        ones = {column: with_ones(table[column]) for column in labels.columns}
        found = Training(table.assign(**ones), labels, place, kind, name, id_column)
        if len(place.patterns) == 1 or kind == "table":
            return found
        several = several or found
    return several


def _without_lists(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose lists of texts are these texts with a space in between, or a comma where one has a space."""
    changes = {}
    for column in map(str, table.columns):
        if are_lists(table[column]):
            spaced = any(" " in part for cell in table[column].unique() for part in read_list(cell))
            changes[column] = join_lists(table[column], "," if spaced else " ", column)
    return table.assign(**changes)


def _likely_ids(table: pd.DataFrame, sample: Sample) -> list[str]:
    """Return the columns that may name an image, the sample's id column first: they have many values."""
    columns = [str(column) for column in table.columns]
    columns.sort(key=lambda column: (column != sample.id_column, column.startswith(UNNAMED)))
    return [column for column in columns if table[column].nunique() >= len(table) / 4]


def _fields(table: pd.DataFrame, column: str, labels: Labels) -> dict[str, pd.Series]:
    fields = {} if labels.column is None else {"label": table[labels.column]}
    few = (str(other) for other in table.columns if other != column)
    return fields | {other: table[other] for other in few if table[other].nunique() < len(table)}


def matches_answers(names: list[str], sample: Sample) -> bool:
    """Return whether labels are what the sample's columns, or its cells, are."""
    if len(sample.answers) > 1:
        return match_names(names, sample.answers) is not None
    return bool(sample.distinct) and sample.distinct <= set(names)
