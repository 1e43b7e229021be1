"""The team's own submissions on Kaggle as reported rows, tied to the experiments that made them."""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scoretable.competition.csv_text import find_separator
from scoretable.competition.description import Competition
from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import SCORE, SUBMISSION, Experiment, list_experiments
from scoretable.experiments.row_records import submission_digest
from scoretable.experiments.score_file import write_known_score
from scoretable.kaggle.client import KaggleClient
from scoretable.kaggle.submission import Submission, list_submissions, score_figures
from scoretable.table.export import plain
from scoretable.table.reported_rows import TABLES, ReportedRow, load_tables
from scoretable.table.sheet import read_sheet
from scoretable.workspace.atomic import replacing

STATES = ("", "pending", "complete", "error")  # that the column status takes from Kaggle; others are people's own
FIRST_COLUMNS = (  # of a new table; the params are for people to fill in
    "row", "model", "image_size", "epochs", "batch_size", "optimizer", "reported_score", "reported_private_score",
    "status", "submission", "submitted", "sha256", "insight", "note",
)  # fmt: skip


@dataclass
class Imported:
    """What an import changed, as references of reported rows. tied: by the experiments that were submitted."""

    added: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    tied: dict[str, str] = field(default_factory=dict)
    scored: list[str] = field(default_factory=list)

    def describe(self) -> str:
        """Return a line for each kind of change, and what shows the rows."""
        lines = [
            *(f"{reference}: added" for reference in self.added),
            *(f"{reference}: filled in" for reference in self.filled),
            *(f"{reference}: found among your submissions, by its public score" for reference in self.typed),
            *(f"{name} is {reference} here" for name, reference in self.tied.items()),
            *(f"{name}: has its score now" for name in self.scored),
        ]
        changed = self.added or self.filled or self.typed or self.scored
        return "\n".join([*lines, "`scoretable table` shows all rows." if changed else "Nothing is new on Kaggle."])


def import_submissions(client: KaggleClient, competition: Competition, root: Path) -> Imported:
    """Bring the submissions of the competition into its table, and their scores into the experiments that they are of.

    A submission that a table has, by its number, is filled in where it stands. So is a row that people typed, where it
    alone has the score of the submission, and the submission alone that score. All others are added to
    workflow/tables/COMPETITION.csv. Nothing is written where nothing has changed. Raises InputError for what Kaggle
    refuses, and for a table that is not in the documented form.
    """
    submissions = list_submissions(client)
    rows = {reference: row for reference, row in load_tables(root).items() if row.competition == competition.name}
    known = {row.submission: reference for reference, row in rows.items() if row.submission}
    typed = dict(_typed(submissions, known, rows))
    done, sheets = Imported(), dict[str, _Sheet]()
    for submission in submissions:
        ref = str(submission.ref)
        reference = known.get(ref) or typed.get(ref)
        table = reference.partition("/")[0] if reference else competition.name
        if table not in sheets:
            sheets[table] = _Sheet.read(root / TABLES / f"{table}.csv")
        sheet = sheets[table]
        changed = sheet.fill(reference, submission)
        if reference is None:
            done.added.append(reference := f"{competition.name}/{sheet.rows[-1]['row']}")
        elif changed:
            (done.typed if ref in typed else done.filled).append(reference)
    for sheet in sheets.values():
        sheet.write()
    _tie(submissions, competition, root, done)
    return done


@dataclass
class _Sheet:
    """A table of reported rows in its cells. content: its bytes, empty where it is new."""

    path: Path
    content: bytes
    header: list[str]
    rows: list[dict[str, str]]
    changed: bool = False

    @classmethod
    def read(cls, path: Path) -> "_Sheet":
        if not path.exists():
            return cls(path, b"", list(FIRST_COLUMNS), [])
        return cls(path, path.read_bytes(), *read_sheet(path))

    def fill(self, reference: str | None, submission: Submission) -> bool:
        """Write what Kaggle knows of a submission into the row of that reference, or into a new one."""
        if reference is None:
            last = max((int(row["row"]) for row in self.rows), default=0)
            self.rows.append({"row": str(last + 1), "insight": plain(submission.remark)})
        number = int(reference.rpartition("/")[2]) if reference else int(self.rows[-1]["row"])
        (row,) = (row for row in self.rows if int(row["row"]) == number)
        new = {name: cell for name, cell in _cells(submission, row).items() if cell and cell != row.get(name, "")}
        row |= new
        self.header += [name for name in row if name not in self.header]
        self.changed |= bool(new)
        return bool(new)

    def write(self) -> None:
        """Write the table, in its own encoding and with its own separator, where a cell has changed."""
        if not self.changed:
            return
        target = io.StringIO()
        writer = csv.DictWriter(
            target, self.header, restval="", lineterminator="\n",
            delimiter=find_separator(self.content) if self.content else ",",
        )  # fmt: skip
        writer.writeheader()
        writer.writerows(self.rows)
        mark = "\ufeff" if self.content.startswith(b"\xef\xbb\xbf") else ""
        with replacing(self.path) as temporary:
            temporary.write_text(mark + target.getvalue(), encoding="utf-8")


def _cells(submission: Submission, row: Mapping[str, str]) -> dict[str, str]:
    """Return what Kaggle knows of a submission, by the columns of a table; '' where it knows nothing."""
    return {
        "reported_score": submission.public,
        "reported_private_score": submission.private,
        "status": submission.state if row.get("status", "") in STATES else "",
        "submission": str(submission.ref),
        "submitted": submission.submitted,
        "sha256": submission.sha256,
        "note": "" if row.get("note") else plain(submission.error),
    }


def _typed(
    submissions: Sequence[Submission], known: Mapping[str, str], rows: Mapping[str, ReportedRow]
) -> Iterator[tuple[str, str]]:
    """Yield the number of each new submission that is a row which people typed, with the row's reference."""
    new = [item for item in submissions if str(item.ref) not in known and item.public]
    counts = Counter(float(item.public) for item in new)
    for item in new:
        alike = [name for name, row in rows.items() if not row.submission and row.score == float(item.public)]
        if len(alike) == counts[float(item.public)] == 1:
            yield str(item.ref), alike[0]


def _tie(submissions: Sequence[Submission], competition: Competition, root: Path, done: Imported) -> None:
    """Give the experiments that were submitted the scores that they lack, and say which rows they are."""
    by_digest = {item.sha256: item for item in submissions if item.sha256}
    references = {row.sha256: reference for reference, row in load_tables(root).items() if row.sha256}
    for experiment in list_experiments(root):
        item = by_digest.get(submission_digest(experiment))
        if item is None or experiment.params.get("competition") != competition.name:
            continue
        done.tied[experiment.name] = references[item.sha256]
        figures = {"state": item.state, **score_figures(item, competition), "sha256": item.sha256}
        kept = {name: value for name, value in experiment.score.items() if name in ("rank", "teams")}
        if not figures.items() <= experiment.score.items():
            _score(experiment, figures | kept)
            done.scored.append(experiment.name)


def _score(experiment: Experiment, content: Mapping[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(SUBMISSION).name
        write_known_score(path, content)
        files = {SUBMISSION: path.read_bytes(), SCORE: path.with_name(Path(SCORE).name).read_bytes()}
    amend_experiment(experiment, files=files)
