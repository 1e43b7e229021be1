"""The sample submission among the tables of an archive: its id column, its answers, and the test images it names."""

import re
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from scoretable.competition.csv_text import UNNAMED, is_index
from scoretable.competition.sample_cells import Kind, tell_kind
from scoretable.discovery.contents import Contents
from scoretable.discovery.hits import share_found
from scoretable.discovery.places import Place, locate
from scoretable.workspace.errors import InputError

_NAMES = re.compile(r"submi|sample|benchmark", re.I)
_SHOWN, _MOST_IDS = 4, 3


@dataclass(frozen=True)
class Sample:
    """A sample submission. place: where the images of its ids lie, None where the ids name none."""

    name: str
    table: pd.DataFrame
    id_column: str
    place: Place | None
    others: tuple[str, ...] = ()  # tables that could have been the sample as well

    @property
    def ids(self) -> pd.Series:
        """The ids of the test images."""
        return self.table[self.id_column]

    @property
    def answers(self) -> list[str]:
        """All columns but the id, and one that only counts the rows."""
        others = [str(column) for column in self.table.columns if column != self.id_column]
        return [column for column in others if not is_index(column, self.table[column])]

    @cached_property
    def cells(self) -> pd.Series:
        """The cells of all answers in one column."""
        return pd.concat([self.table[column] for column in self.answers], ignore_index=True)

    @cached_property
    def distinct(self) -> set[str]:
        """The cells of the answers that are not empty, each once."""
        return set(self.cells.unique()) - {""}

    @cached_property
    def kind(self) -> Kind:
        """What the cells of the answers are."""
        return tell_kind(self.cells)


def find_sample(contents: Contents) -> Sample:
    """Return the sample submission; raise InputError where no table is one."""
    named = [name for name in contents.tables if _NAMES.search(name.rpartition("/")[2])]
    samples = [_look(name, contents) for name in named if len(contents.table(name).columns) > 1]
    if not samples:
        seen = ", ".join(contents.tables[:_SHOWN]) or "none"
        broken = next((contents.unreadable[name] for name in named if name in contents.unreadable), "")
        raise InputError(
            broken
            or f"the archive has no sample submission, by a name like sample_submission.csv (its tables: {seen}): add "
            "one, with a row for each test image and the columns of the answer."
        )
    best = max(samples, key=_rank)
    if best.place is None and len(best.table) and best.name in contents.unreadable:
        raise InputError(contents.unreadable[best.name].replace("train.table", "submission.sample"))
    return Sample(best.name, best.table, best.id_column, best.place, tuple(n for n in named if n != best.name))


def _rank(sample: Sample) -> tuple[bool, bool, float, int, str]:
    base = sample.name.rpartition("/")[2].lower()
    place = sample.place
    return (place is not None, "sample" in base, round(place.share, 2) if place else 0.0, len(sample.table), base)


def _look(name: str, contents: Contents) -> Sample:
    """Take the column that names images for the id; else the first."""
    table = contents.table(name)
    columns = [str(column) for column in table.columns[:_MOST_IDS]]
    shares = {column: share_found(table[column], contents.images) for column in columns}
    column = max(columns, key=lambda one: (shares[one], not one.startswith(UNNAMED)))  # the first of equal ones
    place = locate(table[column], contents.images, "test") if shares[column] else None
    return Sample(name, table, column, place)
