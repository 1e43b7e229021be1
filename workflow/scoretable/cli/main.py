"""The command line: `python -m scoretable <step>` runs a step, as the rules do."""

import argparse
import contextlib
import errno
import importlib
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from scoretable.cli.row_commands import PARAMS, add_row_commands
from scoretable.competition.description import load_competition
from scoretable.competition.task import has_one_label
from scoretable.devices.keras_import import import_keras
from scoretable.devices.workers import find_worker
from scoretable.rows.damage import refuse_damaged_inputs
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record, recorded, trace_lineage
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import SESSION, Params, load_params, load_session
from scoretable.rows.score_file import reset_other_score
from scoretable.rows.stages import STEPS
from scoretable.workspace.errors import LAST_ERROR, InputError, TrainingStopped
from scoretable.workspace.lock import hold_lock

STEPS_WITH_KERAS = ("train", "evaluate", "predict")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 after a mistake that a user can mend, 3 at a time limit."""
    parser = _parser()
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        print(options.run(options), flush=True)
    except InputError as error:
        return _fail(str(error), status=1)
    except TrainingStopped as stop:
        return _fail(str(stop), status=3)
    except KeyboardInterrupt:
        return _fail("interrupted: the same command goes on after the last finished step.", status=130)
    except OSError as error:
        return _fail(_explain(error), status=1)
    return 0


def _explain(error: OSError) -> str:
    """Return what a user can do about an error of the disk; raise it again where it is of another kind."""
    file, reason = error.filename or "a file", error.strerror
    if error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'while writing'}): free some space and go on."
    if error.errno in (errno.EDQUOT, errno.EFBIG):
        return f"{file} cannot grow ({reason}): free some space, or raise the quota or `ulimit -f`, and go on."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            f"{file} cannot be written or read ({reason}): give yourself the right to, and run the same command again."
        )
    raise error


def _run_step(options: argparse.Namespace) -> str:
    return run_step(options.command, options.lineage, getattr(options, "on", None))


def run_step(step: str, expected: str | None = None, place: str | None = None) -> str:
    """Run a step in the working directory, record its lineage, and return its closing line.

    `expected` is the lineage digest that the caller planned with; `place`, where models are trained, goes before
    train_on.
    """
    params, session = load_params(PARAMS), load_session(PARAMS.with_name(SESSION))
    layout = Layout.of(params)
    lineages = trace_lineage(params, Path())
    lineage = lineages[step]
    if expected not in (None, lineage.digest):
        raise InputError("params.yaml or the code was changed while the run was going on: start the run again.")
    print(f"{step}:", flush=True)
    elsewhere = step == "train" and (place or session.train_on) == "kaggle"
    if step in STEPS_WITH_KERAS and not elsewhere:
        import_keras(params.deterministic, session.devices if step == "train" else None)
    if step == "train" and find_worker().index > 0:
        return _lend_devices(params, session, layout, lineage.digest)
    run = _function_of(step, elsewhere)
    with hold_lock(step):
        refuse_damaged_inputs(step, layout, lineages)
        with recorded(lineage, layout.lineage_folder(step), layout.outputs(step)) as record:
            closing = run(params, session, layout, record)
    reset_other_score(layout.scored, layout.submission)
    if step == "submission":
        _score_sandbox(params, layout)
    return closing


def _function_of(step: str, elsewhere: bool) -> Callable[[Params, SessionParams, Layout, Record], str]:
    if elsewhere:
        return _train_on_kaggle
    run = importlib.import_module(f"scoretable.steps.{step}").run
    return partial(run, fetch=_fetch) if step == "download" else run


def _score_sandbox(params: Params, layout: Layout) -> None:
    """Score the sandbox's submissions at once: they leave no machine, and its rows then stand in every table."""
    from scoretable.kaggle.local_scoring import score_sandbox

    competition = load_competition(params.competition)
    if competition.source == "sandbox" and has_one_label(competition.task):
        score_sandbox(layout, competition.task)


def _fetch(competition: str, folder: Path) -> Path:
    from scoretable.kaggle.download import download_from_kaggle  # brings the network's modules

    return download_from_kaggle(competition, folder, load_session(PARAMS.with_name(SESSION)).kaggle_timeout)


def _lend_devices(params: Params, session: SessionParams, layout: Layout, digest: str) -> str:
    from scoretable.steps.train import lend_devices

    return lend_devices(params, session, layout, digest)


def _train_on_kaggle(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    from scoretable.kaggle.training import train_on_kaggle  # brings the network's modules
    from scoretable.steps.train import hold_training

    with hold_training(record.digest):
        return train_on_kaggle(params, session, layout, record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scoretable", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for step in STEPS:
        command = commands.add_parser(step, help=f"run the step {step} in this folder")
        command.add_argument("--lineage", help="refuse to run unless params and sources have this digest")
        command.set_defaults(run=_run_step)
        if step == "train":
            command.add_argument("--on", choices=("here", "kaggle"), help="where to train; default: the param train_on")
    add_row_commands(commands)
    return parser


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _fail(sentence: str, status: int) -> int:
    print(f"scoretable: {sentence}", file=sys.stderr)
    with contextlib.suppress(OSError):  # on a full disk it is said only once
        LAST_ERROR.parent.mkdir(exist_ok=True)
        LAST_ERROR.write_text(sentence + "\n", encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
