"""The rows of the score table as people reported them: one CSV table of workflow/tables/ for each sheet.

docs/score-table.md describes the form.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.metric import METRICS, Score
from scoretable.table.sheet import ASSUMED, PARAMS, TEXTS, read_count, read_number, read_params, read_score, read_sheet
from scoretable.workspace.errors import InputError

TABLES = Path("workflow/tables")


@dataclass(frozen=True)
class ReportedRow:
    """One row of a table. table: the name of its file; number: its cell `row`; metric: that of its competition.

    params: what the sheet says about the training, absent where it says nothing; assumed: what a rerun takes there;
    seconds: None where it was not measured; public, private: scores as they were written, '' where there are none;
    rank, teams: on the leaderboard; submission, submitted, sha256: Kaggle's number and time of it, and of its file;
    insight: what the team learned from it; note: what is odd about the report.
    """

    table: str
    number: int
    competition: str
    metric: Score
    public_images: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    assumed: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    time: str = ""
    public: str = ""
    private: str = ""
    rank: int | None = None
    teams: int | None = None
    hardware: str = ""
    status: str = ""
    submission: str = ""
    submitted: str = ""
    sha256: str = ""
    insight: str = ""
    note: str = ""

    @property
    def reference(self) -> str:
        """How it is called among the rows of all tables: paddy/8."""
        return f"{self.table}/{self.number}"

    @property
    def score(self) -> float | None:
        """The public score."""
        return float(self.public) if self.public else None

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger score is better."""
        return METRICS[self.metric].larger_is_better


def load_tables(root: Path) -> dict[str, ReportedRow]:
    """Return the rows of all tables by their references, the tables in the order of their names.

    Raises InputError for a table that is not in the documented form.
    """
    paths = sorted((root / TABLES).glob("*.csv"))
    rows = (row for path in paths for row in load_reported_rows(path, root / COMPETITIONS).values())
    return {row.reference: row for row in rows}


def load_reported_rows(path: Path, competitions: Path = COMPETITIONS) -> dict[int, ReportedRow]:
    """Return the rows of one table by their numbers, as they stand.

    competitions: the folder of the files that say by what a row is scored. Raises InputError with the row and the
    column of what cannot be read.
    """
    if not re.fullmatch(r"[\w.-]+", path.stem):
        raise InputError(f"{path} must be named by letters, digits, dots and hyphens: rename it, as to dogs.csv.")
    rows: dict[int, ReportedRow] = {}
    for cells in read_sheet(path)[1]:
        try:
            row = _read(path.stem, cells, competitions)
        except (ValueError, InputError) as error:
            place = f"row {cells['row']}" if cells["row"] else "a row without a number"
            raise InputError(f"{path}, {place}: {str(error).removesuffix('.')}.") from None
        if row.number in rows:
            raise InputError(f"{path} has two rows {row.number}: give one of them another number.")
        rows[row.number] = row
    return rows


def differing_params(rows: Mapping[str, ReportedRow]) -> Iterator[str]:
    """Yield the params of which rows say different things, in the order of params.yaml."""
    for name in PARAMS:
        if len({str(row.params[name]) for row in rows.values() if row.params.get(name) is not None}) > 1:
            yield name


def choose_rows(rows: Mapping[str, ReportedRow], asked: Sequence[str]) -> list[ReportedRow]:
    """Return the rows that are asked for, as 8, paddy/8, all or paddy/all; raise InputError where it is not clear."""
    chosen: dict[str, ReportedRow] = {}
    for text in asked:
        table, _, number = text.rpartition("/")
        of_table = [row for row in rows.values() if table in ("", row.table)]
        found = [row for row in of_table if number in ("all", str(row.number))]
        if not found:
            numbers = [
                row.reference if len({row.table for row in rows.values()}) > 1 else str(row.number) for row in of_table
            ]
            raise InputError(_no_row(text, table, numbers))
        tables = list(dict.fromkeys(row.table for row in found))
        if len(tables) > 1:
            choices = " or ".join(f"{name}/{number}" for name in tables)
            raise InputError(f"several tables have {'rows' if number == 'all' else f'a row {number}'}: give {choices}.")
        chosen |= {row.reference: row for row in found}
    return list(chosen.values())


def _no_row(text: str, table: str, numbers: Sequence[str]) -> str:
    if not numbers:
        where = f"{TABLES} has no table {table}" if table else f"{TABLES} has no table of reported rows"
        return f"{where}: write one, as docs/score-table.md says, or correct {text}."
    return f"there is no row {text} in the score table: choose from {', '.join(numbers)}, or all."


def resolve_reruns(params: Mapping[str, Any], rows: Mapping[str, ReportedRow]) -> str | None:
    """Return the reference of the reported row that params say they rerun, None where there is no such row.

    A number alone, as rows of one table have it, is the one of their own competition, else the only one of that number,
    else the only one of these with the same model.
    """
    said = params.get("reruns")
    if not isinstance(said, int):
        return said if said in rows else None
    found = [row for row in rows.values() if row.number == said]
    at_home = [row for row in found if row.competition == params.get("competition")]
    alike = [row for row in found if row.params.get("model") == params.get("model")]
    return next((group[0].reference for group in (at_home, found, alike) if len(group) == 1), None)


def _read(table: str, cells: Mapping[str, str], competitions: Path) -> ReportedRow:
    number = read_count(cells, "row")
    if number is None:
        raise ValueError("it has no number: give it one that no other row has")
    competition = load_competition(cells.get("competition") or _namesake(table, competitions), competitions)
    return ReportedRow(
        table, number, competition.name, competition.score, competition.public_images,
        params=read_params(cells),
        assumed=read_params(cells, ASSUMED),
        seconds=read_number(cells, "reported_seconds"),
        time=cells.get("reported_time", ""),
        public=read_score(cells, "reported_score", competition.score),
        private=read_score(cells, "reported_private_score", competition.score),
        rank=read_count(cells, "reported_rank"),
        teams=read_count(cells, "reported_teams"),
        **{name: cells.get(name, "") for name in TEXTS},
    )  # fmt: skip


def _namesake(table: str, competitions: Path) -> str:
    """Return the competition that a table is named for."""
    if not (competitions / f"{table}.yaml").is_file():
        raise ValueError(
            f"it names no competition, and {COMPETITIONS} has no {table}.yaml: fill a column competition with the name "
            f"of a file there, or write that file with `scoretable init {table}`"
        )
    return table
