"""The command that runs a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import PARAMS, ROOT, ROWS_PANEL, command
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.study.trials import Study, Trial

UNFINISHED = "The study is not finished: run the same command again to continue."

app = typer.Typer()

Factors = Annotated[
    list[str],
    typer.Option(
        "--factor", metavar="NAME=VALUE,VALUE", help="Param and values to try; repeatable.", show_default=False
    ),
]  # fmt: skip
Seeds = Annotated[int, typer.Option(help="How many draws of each setting, each with another seed.")]
Hours = Annotated[float | None, typer.Option(help="Start no run after this many hours.", show_default=False)]
Halving = Annotated[bool, typer.Option("--halving", help="After each seed, drop the worse half of the settings.")]
Search = Annotated[
    int | None,
    typer.Option(metavar="N", help="Instead, let Optuna choose N settings of all factors.", show_default=False),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set-param", "-S", metavar="KEY=VALUE", help="A param of the base row; repeatable.", show_default=False
    ),
]  # fmt: skip


@command(
    app,
    ROWS_PANEL,
    "scoretable study --factor optimizer=adam,sgd --factor augment=none,flip",
    "scoretable study --factor learning_rate=0.01,0.001 --hours 8 --halving",
    "scoretable study --factor dropout=0.0,0.5 --factor epochs=5,9 --search 3",
)
def study(
    factors: Factors,
    seeds: Seeds = 3,
    hours: Hours = None,
    halving: Halving = False,
    search: Search = None,
    settings: Settings = None,
) -> str:
    """Vary params around the row of params.yaml, and confirm the best setting."""
    from scoretable.study.report import write_report
    from scoretable.study.trials import BudgetSpent
    from scoretable.workspace.atomic import replacing

    if seeds < 1 or (search or 1) < 1:
        raise InputError("--seeds and --search need a number of 1 or more.")
    planned = _plan(factors, seeds, settings or [])
    winner, ended = None, ""
    target = Path(f"data/study-{planned.identity}.md")
    with hold_lock("study"):
        try:
            winner = _run(planned, hours, halving, search)
        except BudgetSpent:
            ended = f"The limit of {hours:g} h is reached: run the same command again to continue."
        finally:
            report = write_report(planned, winner, ended or UNFINISHED)
            with replacing(target) as temporary:
                temporary.write_text(report, encoding="utf-8")
    return f"{report}\n{target}"


def _plan(factors: list[str], seeds: int, settings: list[str]) -> "Study":
    """Plan the study around the row of params.yaml with the settings of the call."""
    from scoretable.rows.params import SESSION, load_params, load_session, parse_params, parse_session
    from scoretable.study.trials import parse_factors, plan_study
    from scoretable.table.reproduce import parse_settings

    given = parse_settings(settings)
    session = load_session(PARAMS.with_name(SESSION)).model_dump()
    session |= {name: given.pop(name) for name in list(given) if name in session}
    base = parse_params(load_params(PARAMS).model_dump() | given, "the base row")
    return plan_study(base, parse_session(session, "-S"), parse_factors(factors), seeds, ROOT)


def _run(planned: "Study", hours: float | None, halving: bool, settings: int | None) -> "Trial | None":
    """Run the study to its end and return its winner."""
    from scoretable.study.search import search
    from scoretable.study.trials import combine_winners, run_single_factors

    if settings:
        return search(planned, settings, hours)
    run_single_factors(planned, hours, halving)
    return combine_winners(planned, hours)
