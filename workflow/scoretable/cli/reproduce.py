"""The command that makes reported rows of the score table again."""

from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import ROOT, ROWS_PANEL, command
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.table.reproduce import Run

app = typer.Typer()

Numbers = Annotated[
    list[str], typer.Argument(metavar="ROW", help="Row numbers, as 8 or paddy/8, or all.", show_default=False)
]
Competition = Annotated[str | None, typer.Option(help="Whose data to use. Default: the row's own.", show_default=False)]
Scale = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FACTOR", help="Scale, up to 1: one for all, or images=0.1,epochs=0.2,size=0.5.", show_default=False
    ),
]
Seeds = Annotated[int, typer.Option(help="How many draws of each row, each with another seed.")]
Jobs = Annotated[int, typer.Option(help="How many rows to run side by side, as on a cluster.")]
Queue = Annotated[bool, typer.Option("--queue", help="Only queue them, for `dvc exp run --run-all`.")]
Submit = Annotated[bool, typer.Option("--submit", help="Submit each row to Kaggle too. The sandbox always scores.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set-param", "-S", metavar="KEY=VALUE", help="Another param to set; repeatable.", show_default=False
    ),
]


@command(
    app,
    ROWS_PANEL,
    "scoretable reproduce 8",
    "scoretable reproduce 6 7 --seeds 3 -S max_hours=5",
    "scoretable reproduce all --competition sandbox --scale 0.1",
)
def reproduce(
    rows: Numbers,
    competition: Competition = None,
    scale: Scale = None,
    seeds: Seeds = 1,
    jobs: Jobs = 1,
    queue: Queue = False,
    submit: Submit = False,
    settings: Settings = None,
) -> str:
    """Make reported rows of the score table again, as DVC experiments."""
    from scoretable.competition.description import load_competition
    from scoretable.table.reproduce import plan_runs
    from scoretable.table.rerun_params import parse_scale

    if seeds < 1 or jobs < 1:
        raise InputError("--seeds and --jobs need a number of 1 or more.")
    runs = plan_runs(rows, competition, parse_scale(scale or []), seeds, settings or [], ROOT)
    submit = submit or load_competition(runs[0].params.competition).source == "sandbox"
    with hold_lock("reproduce"):
        unfinished = _start(_list_missing(runs), jobs, queue, submit)
    if unfinished:
        raise InputError(f"{', '.join(unfinished)} did not finish (see above): run the same command again to continue.")
    if queue:
        return "Queued. Run them with `dvc exp run --run-all`; `scoretable table` then shows them."
    return f"{len(runs)} {'row is' if len(runs) == 1 else 'rows are'} done. `scoretable table` shows all rows."


def _list_missing(runs: "list[Run]") -> "list[Run]":
    """Return the runs that are still to make, and say which are there."""
    from scoretable.table.reproduce import finished_runs

    there = {run.name for run, _ in finished_runs(runs, ROOT)}
    for name in sorted(there):
        print(f"{name}: already done", flush=True)
    return [run for run in runs if run.name not in there]


def _start(runs: "list[Run]", jobs: int, queue: bool, submit: bool) -> list[str]:
    """Make or queue the runs, and return the names of those that did not finish."""
    from scoretable.table.reproduce import start_run, start_runs

    if queue:
        return [run.name for run in runs if not start_run(run, ROOT, queue=True, submit=submit)]
    return start_runs(runs, ROOT, jobs, submit)
