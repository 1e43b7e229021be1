"""The commands that show the score table, and compare two of its rows."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scoretable.cli.shared import PARAMS, ROOT, TABLE_PANEL, command, complete_row
from scoretable.workspace.errors import InputError, how_many
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.table.table import ScoreTable

Format = Literal["terminal", "markdown", "csv", "html"]
BY_SUFFIX: dict[str, Format] = {".md": "markdown", ".csv": "csv", ".html": "html"}
CompetitionOption = Annotated[
    str | None, typer.Option(help="Which competition. Default: that of params.yaml.", show_default=False)
]

app = typer.Typer()


@command(
    app,
    TABLE_PANEL,
    "scoretable table",
    "scoretable table | less -S           # all columns",
    "scoretable table --output rows.csv   # all params, for a spreadsheet",
)
def table(
    form: Annotated[Format, typer.Option("--format", help="What to print.")] = "terminal",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; .md, .csv or .html sets the format.", show_default=False),
    ] = None,
) -> str | None:
    """Compare all rows: as reported, made again, and your own."""
    from scoretable.table.table import read_score_table
    from scoretable.workspace.atomic import replacing

    score_table = read_score_table(ROOT)
    if output is None and form == "terminal" and sys.stdout.isatty():
        _draw(score_table)
        return None
    text = _write(score_table, BY_SUFFIX.get(output.suffix, form) if output else form)
    if output is None:
        return text.rstrip()
    with replacing(output) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return f"{output}: {len(score_table.reported)} reported rows, {how_many(len(score_table.settings), 'setting')} run"


@command(
    app,
    TABLE_PANEL,
    "scoretable import kaggle",
    "scoretable import kaggle --competition dog-breed-identification",
    name="import",
)
def import_rows(
    source: Annotated[Literal["kaggle"], typer.Argument(help="Where the rows are.", show_default=False)],
    competition: CompetitionOption = None,
) -> str:
    """Take your submissions on Kaggle into the score table, as reported rows."""
    from scoretable.competition.description import load_competition
    from scoretable.kaggle.client import kaggle_client
    from scoretable.rows.params import SESSION, load_params, load_session
    from scoretable.table.importing import import_submissions

    described = load_competition(competition or load_params(PARAMS).competition)
    if described.source != "kaggle":
        raise InputError(
            f"competition: {described.name} is not on Kaggle, so it has no submissions there: name another with "
            "--competition, or set source: kaggle in its file."
        )
    with hold_lock("import"), kaggle_client(described.name, load_session(Path(SESSION)).kaggle_timeout) as client:
        return import_submissions(client, described, ROOT).describe()


@command(app, TABLE_PANEL, "scoretable compare row-6 row-8")
def compare(
    first: Annotated[
        str,
        typer.Argument(metavar="ROW", help="Name of an experiment.", autocompletion=complete_row, show_default=False),
    ],
    second: Annotated[
        str, typer.Argument(metavar="ROW", help="Another one.", autocompletion=complete_row, show_default=False)
    ],
) -> str | None:
    """Compare two rows, and say how sure their difference is."""
    from scoretable.table.comparison import compare_rows
    from scoretable.table.comparison_text import comparison_parts, write_comparison
    from scoretable.table.table import read_score_table

    compared = compare_rows(read_score_table(ROOT), first, second, ROOT)
    if not sys.stdout.isatty():
        return write_comparison(compared)
    from rich.console import Console
    from rich.text import Text

    from scoretable.table.terminal import draw_lines, printable

    console = Console()
    for part in comparison_parts(compared):
        console.print(Text(printable(part)) if isinstance(part, str) else draw_lines(part), end="\n\n")
    return None


@command(app, TABLE_PANEL, "scoretable advise", "scoretable advise --competition dog-breed-identification")
def advise(
    competition: CompetitionOption = None,
) -> str:
    """Say what the private scores may be, and which two rows to choose."""
    from scoretable.advice.text import write_advice
    from scoretable.rows.params import load_params
    from scoretable.table.table import read_score_table

    return write_advice(read_score_table(ROOT), competition or load_params(PARAMS).competition, ROOT)


def _draw(score_table: "ScoreTable") -> None:
    """Draw the table for the width of this terminal."""
    from rich.console import Console

    from scoretable.table.terminal import ScoreTableView

    Console().print(ScoreTableView(score_table))


def _write(score_table: "ScoreTable", form: Format) -> str:
    if form == "html":
        from scoretable.page.page import write_page

        return write_page(score_table, ROOT)
    if form == "csv":
        from scoretable.table.export import write_csv

        return write_csv(score_table)
    from scoretable.table.text import write_text

    return write_text(score_table, "github" if form == "markdown" else "simple") + "\n"
