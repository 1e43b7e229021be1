"""The command line: `python -m scoretable <step>` runs a step, as the rules do."""

import argparse
import errno
import importlib
import signal
import sys
from pathlib import Path

from scoretable.competition import load_competition
from scoretable.ensemble import average_predictions, fetch_predictions
from scoretable.errors import LAST_ERROR, InputError, TrainingStopped
from scoretable.keras_import import import_keras
from scoretable.layout import Layout
from scoretable.lineage import STEPS, Record, recorded, trace_lineage
from scoretable.local_scoring import score_here
from scoretable.lock import hold_lock
from scoretable.params import Params, load_params
from scoretable.plan import Plan
from scoretable.score_file import reset_other_score
from scoretable.steps.submission import hand_in

PARAMS = Path("params.yaml")
STEPS_WITH_KERAS = ("train", "evaluate", "predict")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 after a mistake that a user can mend, 3 at a time limit."""
    parser = _parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "score":
            print(_score(options.submission))
        elif options.command == "ensemble":
            print(_ensemble(options.rows, options.output))
        elif options.command == "submit":
            print(_submit())
        else:
            print(run_step(options.command, options.lineage, getattr(options, "on", None)), flush=True)
    except InputError as error:
        return _fail(str(error), status=1)
    except TrainingStopped as stop:
        return _fail(str(stop), status=3)
    except KeyboardInterrupt:
        return _fail("interrupted: the same command goes on after the last finished step.", status=130)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _fail(f"the disk is full ({error.filename or 'while writing'}): free some space and go on.", status=1)
    return 0


def run_step(step: str, expected: str | None = None, place: str | None = None) -> str:
    """Run a step in the working directory, record its lineage, and return its closing line.

    `expected` is the lineage digest that the caller planned with; `place`, where models are trained, goes before
    train_on.
    """
    params = load_params(PARAMS)
    layout = Layout.of(params)
    lineage = trace_lineage(params, Path())[step]
    if expected not in (None, lineage.digest):
        raise InputError("params.yaml or the code was changed while the run was going on: start the run again.")
    print(f"{step}:", flush=True)
    elsewhere = step == "train" and (place or params.train_on) == "kaggle"
    if step in STEPS_WITH_KERAS and not elsewhere:
        import_keras(params.deterministic)
    run = _train_on_kaggle if elsewhere else importlib.import_module(f"scoretable.steps.{step}").run
    with hold_lock(step), recorded(lineage, layout.lineage_folder(step), layout.outputs(step)) as record:
        closing = run(params, layout, record)
    reset_other_score(layout.score, layout.submission)
    return closing


def _train_on_kaggle(params: Params, layout: Layout, record: Record) -> str:
    from scoretable.kaggle_training import train_on_kaggle  # brings the network's modules

    return train_on_kaggle(params, layout, record)


def _submit() -> str:
    from scoretable.submit import submit_row  # brings the network's modules, which no step needs

    plan = Plan.read(PARAMS)
    if not all(Path(path).exists() for path in plan.finished_row()):
        raise InputError("the row that params.yaml describes is not finished: `snakemake --cores 1 submission` first.")
    with hold_lock("submit"):
        return submit_row(plan.params, plan.layout, plan.row)


def _score(submission: Path) -> str:
    params = load_params(PARAMS)
    layout, task = Layout.of(params), load_competition(params.competition).task
    score = score_here(submission, layout.answers, task)
    return (
        f"{submission}: public {score.public:.5f} ({score.public_correct}/{score.public_total}), private "
        f"{score.private:.5f} ({score.private_correct}/{score.private_total}), scored here by the sandbox"
    )


def _ensemble(rows: list[str], target: Path) -> str:
    params = load_params(PARAMS)
    layout, competition = Layout.of(params), load_competition(params.competition)
    found = {row: fetch_predictions(row, layout.predictions, competition.task) for row in rows}
    if not layout.archive.exists():
        raise InputError(
            f"{layout.archive} is not there, which has the sample submission: `snakemake -c1 -- download`."
        )
    written = hand_in(competition, layout.archive, average_predictions(found), target)
    return f"{target}: {written} rows, the mean of {', '.join(rows)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scoretable", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for step in STEPS:
        command = commands.add_parser(step, help=f"run the step {step} in this folder")
        command.add_argument("--lineage", help="refuse to run unless params and sources have this digest")
        if step == "train":
            command.add_argument("--on", choices=("here", "kaggle"), help="where to train; default: the param train_on")
    commands.add_parser("submit", help="hand data/submission.csv in, once, and wait for its score")
    score = commands.add_parser("score", help="score a submission to the sandbox as Kaggle would")
    score.add_argument("submission", type=Path, nargs="?", default=Layout.submission)
    ensemble = commands.add_parser("ensemble", help="average the predictions of rows into a submission")
    ensemble.add_argument("rows", nargs="+", metavar="ROW", help="name of an experiment, or a Git revision")
    ensemble.add_argument("--output", type=Path, default=Path("data/ensemble.csv"))
    return parser


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _fail(sentence: str, status: int) -> int:
    LAST_ERROR.parent.mkdir(exist_ok=True)
    LAST_ERROR.write_text(sentence + "\n", encoding="utf-8")
    print(f"scoretable: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
