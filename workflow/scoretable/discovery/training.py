"""Where the training images and their labels are: in a table, a COCO file, columns of pixels, folders or names."""

from dataclasses import dataclass

import pandas as pd

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
    for column in sorted((one for one in shares if shares[one] >= _LEAST), key=lambda one: -shares[one]):
        id_column = "id" if kind == "coco" else column
        labels = find_labels(table, id_column, sample)
        name_of = "id" if column == id_column else column
        fields = {} if labels is None else _fields(table, column, labels)
        place = locate(table[column], contents.images, "train", fields, name_of)
        if labels is not None and place is not None:
            return Training(table, labels, place, kind, name, id_column)
    return None


def _likely_ids(table: pd.DataFrame, sample: Sample) -> list[str]:
    """Return the columns that may name an image, the sample's id column first: they have many values."""
    columns = [str(column) for column in table.columns]
    columns.sort(key=lambda column: column != sample.id_column)
    return [column for column in columns if table[column].nunique() >= len(table) / 4]


def _fields(table: pd.DataFrame, column: str, labels: Labels) -> dict[str, pd.Series]:
    fields = {} if labels.column is None else {"label": table[labels.column]}
    few = (str(other) for other in table.columns if other != column)
    return fields | {other: table[other] for other in few if table[other].nunique() < len(table)}


def find_pixels(contents: Contents, sample: Sample) -> tuple[Training, str, str, int] | None:
    """Return the table whose columns are pixels, the one of the test images, the columns' pattern, and their number."""
    samples = {sample.name, *sample.others}
    tables = {name: contents.table(name) for name in contents.tables if name not in samples}
    pixels = {name: _pixel_columns(table) for name, table in tables.items()}
    for name, (pattern, count) in pixels.items():
        if not count:
            continue
        rest = tables[name].drop(columns=_fitting(tables[name], pattern))
        labels = find_labels(rest, None, sample)
        test = next((other for other, found in pixels.items() if other != name and found == (pattern, count)), None)
        if labels is not None and test is not None:
            column = sample.id_column if sample.id_column in rest and sample.id_column in tables[test] else None
            return Training(rest, labels, None, "table", name, column), test, pattern, count
    return None


def _fitting(table: pd.DataFrame, pattern: str) -> list[str]:
    before, _, after = pattern.partition("*")
    return [c for c in map(str, table.columns) if c.startswith(before) and c.endswith(after) and c != before + after]


_MOST_SIDES = 64  # fewer columns of numbers than 8 x 8 are no picture


def _pixel_columns(table: pd.DataFrame) -> tuple[str, int]:
    """Return the pattern of the columns `pixel0`, `pixel1`, ... and their number, 0 where there are none."""
    words = pd.Series([str(column) for column in table.columns], dtype=str).str.extract(r"^(\D*)\d+$")[0].dropna()
    if words.empty:
        return "", 0
    word = str(words.value_counts().index[0])
    columns = _fitting(table, f"{word}*")
    return (f"{word}*", len(columns)) if word and len(columns) >= _MOST_SIDES else ("", 0)


def matches_answers(names: list[str], sample: Sample) -> bool:
    """Return whether labels are what the sample's columns, or its cells, are."""
    if len(sample.answers) > 1:
        return match_names(names, sample.answers) is not None
    return bool(sample.distinct) and sample.distinct <= set(names)
