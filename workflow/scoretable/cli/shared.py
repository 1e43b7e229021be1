"""What the commands share: where a row is described, and how a command is registered."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from scoretable.cli.help import Command

ROOT = Path()
# A run gives its steps what params.yaml said at its start. Where the copy is out of reach, the file itself must do.
_GIVEN = Path(os.environ.get("SCORETABLE_PARAMS", ""))
IN_A_RUN = _GIVEN.is_file()
PARAMS = _GIVEN if IN_A_RUN else Path("params.yaml")

ROWS_PANEL = "Rows"
TABLE_PANEL = "Score table"
COMPETITION_PANEL = "Competition"
KAGGLE_PANEL = "Kaggle"
CLUSTER_PANEL = "Cluster"
STEPS_PANEL = "Steps (run by Snakemake)"


class Interrupted(Exception):
    """A command was interrupted, and says in a sentence how to go on. typer makes an exit of KeyboardInterrupt."""


def command(
    app: typer.Typer, panel: str, *examples: str, name: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a command, in a panel of `scoretable --help`, with examples in its own --help.

    name: what is typed, where it is not the function's own name.
    """
    return app.command(name, cls=Command, rich_help_panel=panel, epilog="\n".join(examples))


def complete_row(incomplete: str) -> Iterator[str]:
    """Yield the experiments' names that begin so, for the shell; git alone is asked, since a shell does not wait."""
    listed = ["git", "for-each-ref", "--format=%(refname)", "refs/exps"]
    found = subprocess.run(listed, capture_output=True, encoding="utf-8", check=False, timeout=5).stdout
    refs = [line.split("/", 4) for line in found.splitlines()]
    names = {parts[4] for parts in refs if len(parts) == 5 and len(parts[2]) == 2}  # other refs are DVC's own
    yield from sorted(name for name in names if name.startswith(incomplete))


Row = Annotated[
    str, typer.Argument(metavar="ROW", help="Name of an experiment.", autocompletion=complete_row, show_default=False)
]
