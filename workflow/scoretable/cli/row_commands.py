"""Commands about rows: handing one in, scoring, averaging, rerunning, comparing and explaining them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scoretable.competition.description import load_competition
from scoretable.kaggle.local_scoring import score_here
from scoretable.prediction.ensemble import average_predictions, fetch_predictions
from scoretable.rows.experiments import find_experiment
from scoretable.rows.layout import Layout
from scoretable.rows.params import SESSION, load_params, load_session, parse_params, parse_session
from scoretable.rows.plan import Plan
from scoretable.steps.submission import hand_in
from scoretable.table.reported_rows import COMPETITION, parse_scale
from scoretable.table.reproduce import finished_runs, parse_settings, plan_runs, start_run, start_runs
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.table.table import ScoreTable

PARAMS = Path("params.yaml")
ROOT = Path()


def add_row_commands(commands: Any) -> None:
    """Add the commands to the parser's subparsers; each leaves a function in `run` that takes the options."""
    _add(commands, "submit", _submit, "hand data/submission.csv in, once, and wait for its score")
    score = _add(commands, "score", _score, "score a submission to the sandbox as Kaggle would")
    score.add_argument("submission", type=Path, nargs="?", default=Layout.submission)
    ensemble = _add(commands, "ensemble", _ensemble, "average the predictions of rows into a submission")
    ensemble.add_argument("rows", nargs="+", metavar="ROW", help="name of an experiment, or a Git revision")
    ensemble.add_argument("--output", type=Path, default=Path("data/ensemble.csv"))
    reproduce = _add(commands, "reproduce", _reproduce, "rerun reported rows of the score table as DVC experiments")
    reproduce.add_argument("rows", nargs="+", metavar="ROW", help="number of a row, or all")
    reproduce.add_argument("--competition", default=COMPETITION, help="on whose data; default: %(default)s")
    reproduce.add_argument(
        "--scale", action="append", default=[], help="factor up to 1, or images=0.1,epochs=0.2,size=0.5"
    )
    reproduce.add_argument("--seeds", type=int, default=1, help="draws of each row; default: %(default)s")
    reproduce.add_argument(
        "--jobs", type=int, default=1, help="rows that run side by side, as on a cluster; default: 1"
    )
    reproduce.add_argument("--queue", action="store_true", help="only queue them, for `dvc exp run --run-all`")
    reproduce.add_argument("--submit", action="store_true", help="hand each in on Kaggle; the sandbox scores anyway")
    reproduce.add_argument(
        "-S", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="a further param, as max_hours=5"
    )
    table = _add(commands, "table", _table, "show all rows: as reported, beside their reruns, and all others")
    table.add_argument("--format", choices=("terminal", "markdown", "csv", "html"), default="terminal")
    table.add_argument("--output", type=Path, help="a file, whose suffix .md, .csv or .html says the format")
    for name, run, purpose in (
        ("explain", _explain, "tell what a row was made from, how to make it again, and what differs here now"),
        ("verify", _verify, "make a row anew in a temporary clone, and say whether the files are identical"),
    ):
        _add(commands, name, run, purpose).add_argument("row", metavar="ROW", help="name of an experiment")
    merge = _add(commands, "merge", _merge, "take the rows of another clone into this one's table")
    merge.add_argument("remote", metavar="REMOTE", help="a git remote, as origin, or the address of a clone")
    _add(commands, "queue", _queue, "show which steps of this project wait or run on a Slurm cluster")
    study = _add(commands, "study", _study, "vary factors around the row of params.yaml, combine and confirm the best")
    study.add_argument(
        "--factor", action="append", required=True, metavar="NAME=VALUE,VALUE", help="as optimizer=adam,sgd"
    )
    study.add_argument("--seeds", type=int, default=3, help="draws of each setting; default: %(default)s")
    study.add_argument("--hours", type=float, help="start no further run after these hours; the same command goes on")
    study.add_argument("--halving", action="store_true", help="drop the worse half of the settings after each seed")
    study.add_argument("--search", type=int, metavar="N", help="N settings of all factors at once, chosen by Optuna")
    study.add_argument(
        "-S", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="a param of the base row"
    )


def _add(commands: Any, name: str, run: Callable[[argparse.Namespace], str], purpose: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=purpose, description=purpose)
    command.set_defaults(run=run)
    return command


def _submit(options: argparse.Namespace) -> str:
    from scoretable.kaggle.submit import submit_row  # brings the network's modules, which no step needs

    plan = Plan.read(PARAMS)
    if not all(Path(path).exists() for path in plan.finished_row()):
        raise InputError("the row that params.yaml describes is not finished: `snakemake --cores 1 submission` first.")
    with hold_lock("submit"):
        return submit_row(plan.params, plan.session, plan.layout, plan.row)


def _score(options: argparse.Namespace) -> str:
    params = load_params(PARAMS)
    layout, task = Layout.of(params), load_competition(params.competition).task
    score = score_here(options.submission, layout.answers, task)
    return (
        f"{options.submission}: public {score.public:.5f} ({score.public_correct}/{score.public_total}), private "
        f"{score.private:.5f} ({score.private_correct}/{score.private_total}), scored here by the sandbox"
    )


def _ensemble(options: argparse.Namespace) -> str:
    params = load_params(PARAMS)
    layout, competition = Layout.of(params), load_competition(params.competition)
    found = {row: fetch_predictions(row, layout.predictions, competition.task) for row in options.rows}
    if not layout.archive.exists():
        raise InputError(
            f"{layout.archive} is not there, which has the sample submission: `snakemake -c1 -- download`."
        )
    written = hand_in(competition, layout.archive, average_predictions(found), options.output)
    return f"{options.output}: {written} rows, the mean of {', '.join(options.rows)}"


def _reproduce(options: argparse.Namespace) -> str:
    if options.seeds < 1 or options.jobs < 1:
        raise InputError("--seeds and --jobs need a number of 1 or more.")
    scale = parse_scale(options.scale)
    runs = plan_runs(options.rows, options.competition, scale, options.seeds, options.settings, ROOT)
    submit = options.submit or load_competition(runs[0].params.competition).source == "sandbox"
    with hold_lock("reproduce"):
        there = {run.name for run, _ in finished_runs(runs, ROOT)}
        for name in sorted(there):
            print(f"{name}: is there", flush=True)
        missing = [run for run in runs if run.name not in there]
        if options.queue:
            unfinished = [run.name for run in missing if not start_run(run, ROOT, queue=True, submit=submit)]
        else:
            unfinished = start_runs(missing, ROOT, options.jobs, submit)
    if unfinished:
        raise InputError(
            f"{', '.join(unfinished)} did not come to an end, see above: the same command goes on with them."
        )
    if options.queue:
        return "Queued. `dvc exp run --run-all` runs them, `scoretable table` shows them."
    return f"{len(runs)} rows are there. `scoretable table` shows them."


def _merge(options: argparse.Namespace) -> str:
    from scoretable.rows.experiments import list_experiments
    from scoretable.table.merging import fetch_figures, merge_rows

    with hold_lock("merge"):
        merged = merge_rows(options.remote, ROOT)
        for row in merged:
            what = "taken" if row.is_new else "its newer note or score is taken"
            print(f"{row.name}: {what}" + (f" ({row.theirs} there)" if row.name != row.theirs else ""), flush=True)
        fetch_figures(list_experiments(ROOT), ROOT)
    new = sum(row.is_new for row in merged)
    return f"{new} rows of {options.remote} are new here. `scoretable table` shows all."


def _queue(options: argparse.Namespace) -> str:
    from scoretable.cli.slurm_queue import read_queue, show_queue

    return show_queue(read_queue(ROOT))


def _table(options: argparse.Namespace) -> str:
    from scoretable.table.table import read_score_table

    table = read_score_table(ROOT)
    kind = {".md": "markdown", ".csv": "csv", ".html": "html"}.get(options.output.suffix) if options.output else None
    text = _write_table(table, kind or options.format)
    if options.output is None:
        return text.rstrip()
    with replacing(options.output) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return f"{options.output}: {len(table.reported)} reported rows, {len(table.settings)} settings that were run"


def _write_table(table: "ScoreTable", kind: str) -> str:
    if kind == "html":
        from scoretable.table.page import write_page

        return write_page(table, ROOT)
    from scoretable.table.text import write_csv, write_text

    if kind == "csv":
        return write_csv(table)
    return write_text(table, {"terminal": "simple", "markdown": "github"}[kind]) + "\n"


def _explain(options: argparse.Namespace) -> str:
    from scoretable.table.explanation import explain

    return explain(find_experiment(ROOT, options.row), ROOT)


def _verify(options: argparse.Namespace) -> str:
    from scoretable.table.verification import verify

    identical = verify(find_experiment(ROOT, options.row), ROOT)
    different = [path for path, same in identical.items() if not same]
    if different:
        raise InputError(
            f"{options.row} does not come out the same here: {', '.join(different)} differ; `scoretable explain "
            f"{options.row}` tells on what machine and with which versions it was made."
        )
    return f"{options.row}: {', '.join(identical)} come out identical, made anew in a clone"


def _study(options: argparse.Namespace) -> str:
    from scoretable.study.report import write_report
    from scoretable.study.search import search
    from scoretable.study.trials import BudgetSpent, combine_winners, parse_factors, plan_study, run_single_factors

    if options.seeds < 1 or (options.search or 1) < 1:
        raise InputError("--seeds and --search need a number of 1 or more.")
    settings = parse_settings(options.settings)
    session = load_session(PARAMS.with_name(SESSION)).model_dump()
    session |= {name: settings.pop(name) for name in list(settings) if name in session}
    base = parse_params(load_params(PARAMS).model_dump() | settings, "the base row")
    study = plan_study(base, parse_session(session, "-S"), parse_factors(options.factor), options.seeds, ROOT)
    winner, ended = None, ""
    target = Path(f"data/study-{study.identity}.md")
    with hold_lock("study"):
        try:
            if options.search:
                winner = search(study, options.search, options.hours)
            else:
                run_single_factors(study, options.hours, options.halving)
                winner = combine_winners(study, options.hours)
        except BudgetSpent:
            ended = f"The {options.hours:g} hours are spent: the same command goes on."
        finally:
            report = write_report(study, winner, ended or "The study is not at its end: the same command goes on.")
            with replacing(target) as temporary:
                temporary.write_text(report, encoding="utf-8")
    return f"{report}\n{target}"
