"""The command that runs a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoretable.cli.shared import PARAMS, ROOT, ROWS_PANEL, Interrupted, command
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.study.proposals import Proposal
    from scoretable.study.trials import Study

UNFINISHED = "The study was not finished when this was written: the same command goes on."
REPORTS = "data/study-{}.md"

app = typer.Typer()

Factors = Annotated[
    list[str] | None,
    typer.Option(
        "--factor", metavar="NAME=VALUE,VALUE", help="Param and values to try; repeatable.", show_default=False
    ),
]  # fmt: skip
Seeds = Annotated[int, typer.Option(help="How many draws of each setting, each with another seed.")]
Confirm = Annotated[int, typer.Option(help="How many fresh seeds confirm the best setting. 0: none.")]
Hours = Annotated[float | None, typer.Option(help="Start no run after this many hours.", show_default=False)]
Halving = Annotated[bool, typer.Option("--halving", help="Drop the worse half of the settings after 1, 2, 4 seeds.")]
Search = Annotated[
    int | None,
    typer.Option(metavar="N", help="Instead, let Optuna choose N settings of all factors.", show_default=False),
]
Show = Annotated[bool, typer.Option("--show", help="Print how far the study is, or the latest one; run nothing.")]
Propose = Annotated[bool, typer.Option("--propose", help="Only name three factors worth a look; run nothing.")]
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
    "scoretable study --propose",
)
def study(
    factors: Factors = None,
    seeds: Seeds = 3,
    confirm: Confirm = 3,
    hours: Hours = None,
    halving: Halving = False,
    search: Search = None,
    show: Show = False,
    propose: Propose = False,
    settings: Settings = None,
) -> str:
    """Vary params around the row of params.yaml, and confirm the best setting."""
    from scoretable.study.trials import MOST_SEEDS

    if not 1 <= seeds <= MOST_SEEDS or not 0 <= confirm <= MOST_SEEDS:
        raise InputError(f"--seeds needs a number from 1 to {MOST_SEEDS}, and --confirm one from 0 to {MOST_SEEDS}.")
    if search is not None and search < 1:
        raise InputError("--search needs a number of 1 or more.")
    if show and not factors:
        return _show_latest()
    planned = _plan(factors or [], seeds, settings or [])
    if propose:
        return _write_proposals(planned)
    if not factors:
        raise InputError("a study needs --factor NAME=VALUE,VALUE; `scoretable study --propose` names some.")
    if show:
        return _show(Path(REPORTS.format(planned.identity)))
    with hold_lock("study"):
        return _run(planned, confirm, hours, halving, search)


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


def _run(planned: "Study", confirm: int, hours: float | None, halving: bool, search: int | None) -> str:
    """Run the study to its end or that of the hours, with the report on the disk after each run."""
    from scoretable.study.budget import Budget
    from scoretable.study.confirming import run_study

    # Before anything runs: an import that Ctrl-C cuts off cannot be tried again, and the report is written then.
    from scoretable.study.curve import draw_curve
    from scoretable.study.report import write_report
    from scoretable.study.running import Runner
    from scoretable.workspace.atomic import replacing

    target = Path(REPORTS.format(planned.identity))
    print(f"{target} is written after each run, and `scoretable study --show` prints it.", flush=True)

    def keep(ended: str = UNFINISHED, proposals: "Sequence[Proposal]" = ()) -> str:
        draw_curve(planned, target.with_suffix(".svg"))
        report = write_report(planned, ended, proposals)
        with replacing(target) as temporary:
            temporary.write_text(report, encoding="utf-8")
        return report

    try:
        ended = run_study(Runner(planned, Budget(hours), confirm, keep), halving, search)
    except KeyboardInterrupt:
        keep()
        done = f"{len(planned.steps)} of at most {planned.planned} runs are done"
        raise Interrupted(f"interrupted: {done}; run the same command again to continue.") from None
    except InputError:
        keep()
        raise
    keep(ended)  # for the case that a damaged row keeps the table from being read
    return f"{keep(ended, _propose(planned))}\n{target}"


def _propose(planned: "Study") -> "list[Proposal]":
    """Return the factors that the table makes worth a look around the base."""
    from scoretable.study.proposals import propose
    from scoretable.study.trials import plan_study
    from scoretable.table.table import read_score_table

    def fits(name: str, value: object) -> bool:
        try:
            plan_study(planned.base, planned.session, {name: [value]}, 1, ROOT)
        except InputError:
            return False
        return True

    return propose(read_score_table(ROOT), planned.base, fits)


def _write_proposals(planned: "Study") -> str:
    from scoretable.study.report import write_proposals

    return (
        write_proposals(_propose(planned))
        or "Each factor that is usually worth a look was varied, and nothing is open."
    )


def _show_latest() -> str:
    found = sorted(ROOT.glob(REPORTS.format("*")), key=lambda path: path.stat().st_mtime)
    return _show(found[-1] if found else Path(REPORTS.format("<id>")))


def _show(report: Path) -> str:
    if not report.is_file():
        raise InputError(f"there is no {report} yet: run the study first, without --show.")
    return report.read_text(encoding="utf-8").rstrip()
