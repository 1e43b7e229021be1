"""The steps of a row, but `predict` (cli/serving.py). Snakemake's rules run them; you can too."""

import importlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from scoretable.cli.shared import IN_A_RUN, PARAMS, STEPS_PANEL, command
from scoretable.workspace.errors import InputError
from scoretable.workspace.lock import hold_lock

if TYPE_CHECKING:
    from scoretable.rows.layout import Layout
    from scoretable.rows.lineage import Lineage, Record
    from scoretable.rows.param_groups import SessionParams
    from scoretable.rows.params import Params
    from scoretable.rows.taken import Taken

    Step = Callable[[Params, SessionParams, Layout, Record], str]

STEPS_WITH_KERAS = ("train", "predict")

app = typer.Typer()

Digest = Annotated[
    str | None,
    typer.Option(
        metavar="DIGEST", help="Refuse to run unless params and code have this digest.", show_default=False
    ),
]  # fmt: skip
Place = Annotated[
    Literal["here", "kaggle"] | None,
    typer.Option("--on", help="Where to train. Default: train_on of session.yaml.", show_default=False),
]


@command(app, STEPS_PANEL, "scoretable download")
def download(lineage: Digest = None) -> str:
    """Get the competition's archive, or draw the sandbox's."""
    return run_step("download", lineage, None)


@command(app, STEPS_PANEL, "scoretable preprocess")
def preprocess(lineage: Digest = None) -> str:
    """Decode and resize all images into the image cache."""
    return run_step("preprocess", lineage, None)


@command(app, STEPS_PANEL, "scoretable train", "scoretable train --on kaggle")
def train(lineage: Digest = None, place: Place = None) -> str:
    """Train the model that params.yaml describes."""
    return run_step("train", lineage, place)


@command(app, STEPS_PANEL, "scoretable evaluate")
def evaluate(lineage: Digest = None) -> str:
    """Measure the answers to the validation images and draw their plots."""
    return run_step("evaluate", lineage, None)


@command(app, STEPS_PANEL, "scoretable submission")
def submission(lineage: Digest = None) -> str:
    """Write data/submission.csv and check it against the sample."""
    return run_step("submission", lineage, None)


def run_step(step: str, expected: str | None = None, place: str | None = None) -> str:
    """Run a step in the working directory, record its lineage, and return its closing line.

    `expected` is the lineage digest that the caller planned with; `place`, where models are trained, goes before
    train_on.
    """
    from scoretable.experiments.earlier_rows import trace_row
    from scoretable.experiments.run_outputs import keep_outputs, put_inputs_back
    from scoretable.rows.layout import Layout
    from scoretable.rows.params import SESSION, load_params, load_session

    params, session = load_params(PARAMS), load_session(PARAMS.with_name(SESSION))
    layout = Layout.of(params)
    lineages = trace_row(params, Path())
    if expected not in (None, lineages[step].digest):
        raise InputError("params.yaml or the code was changed during the run: start the run again.")
    print(f"{step}:", flush=True)
    if step == "train" and _is_helper():
        _import_keras(step, params, session)
        return _lend_devices(params, session, layout, lineages[step].digest)
    if IN_A_RUN:
        put_inputs_back(step, layout, lineages)
    closing = _take_from_saved_row(step, layout, lineages)
    if closing is None:
        closing = _make(step, params, session, layout, lineages, place)
    if IN_A_RUN:
        keep_outputs([step], layout, lineages)
        _let_inputs_be_older(step, layout, lineages)
    _look_after_score(step, params, layout)
    return closing


def _make(
    step: str,
    params: "Params",
    session: "SessionParams",
    layout: "Layout",
    lineages: "dict[str, Lineage]",
    place: str | None,
) -> str:
    from scoretable.experiments.damage import refuse_damaged_inputs
    from scoretable.rows.lineage import recorded

    elsewhere = step == "train" and (place or session.train_on) == "kaggle"
    if step in STEPS_WITH_KERAS and not elsewhere:
        _import_keras(step, params, session)
    if step == "train":
        _tell_doubts(params)
    run = _function_of(step, elsewhere)
    with hold_lock(step):
        refuse_damaged_inputs(step, layout, lineages)
        with recorded(lineages[step], layout.lineage_folder(step), layout.outputs(step)) as record:
            return run(params, session, layout, record)


def _take_from_saved_row(step: str, layout: "Layout", lineages: "dict[str, Lineage]") -> str | None:
    """Bring back what a saved row was made of in the same way, and return the line that says so."""
    from scoretable.experiments.cached_outputs import restore_step

    with hold_lock(step):
        row = restore_step(step, layout, lineages)
    if row is None:
        return None
    return f"{layout.outputs(step)[0]}: taken from the saved row {row}, which was made from the same"


def _let_inputs_be_older(step: str, layout: "Layout", lineages: "dict[str, Lineage]") -> None:
    """Let no input be younger than an output, for which Snakemake fails the job: the clock may have been set back.

    Snakemake then gives the outputs the time that the clock shows, so that counts as well as when they were written.
    """
    from scoretable.experiments.preflight import bring_back_from_the_future
    from scoretable.rows.lineage import lineage_file
    from scoretable.rows.stages import STAGES

    written = (path.stat().st_mtime_ns for path in layout.outputs(step) if path.exists())
    made = min([time.time_ns(), *written])
    for maker in STAGES[step].makers:
        record = lineage_file(layout.lineage_folder(maker), lineages[maker])
        bring_back_from_the_future([*layout.outputs(maker), record], made)


def _look_after_score(step: str, params: "Params", layout: "Layout") -> None:
    from scoretable.experiments.score_file import reset_other_score

    reset_other_score(layout.scored, layout.submission)
    if step == "submission":
        _score_sandbox(params, layout)


def _import_keras(step: str, params: "Params", session: "SessionParams") -> None:
    from scoretable.devices.keras_import import import_keras
    from scoretable.session.unused_gpu import describe_unused_gpu

    import_keras(params.deterministic, session.devices if step == "train" else None, session.backend)
    if step == "train" and (line := describe_unused_gpu()):
        print(f"scoretable: {line}", flush=True)


def _tell_doubts(params: "Params") -> None:
    from scoretable.experiments.earlier_rows import doubts

    for doubt in doubts(params, Path()):
        print(f"scoretable: {doubt}", flush=True)


def _is_helper() -> bool:
    """Tell whether this process only lends its devices to the first one of a training."""
    from scoretable.devices.workers import find_worker

    return find_worker().index > 0


def _function_of(step: str, elsewhere: bool) -> "Step":
    if elsewhere:
        return _train_on_kaggle
    run = importlib.import_module(f"scoretable.steps.{step}").run
    fetch = {"download": _fetch, "train": _fetch_of_row}.get(step)
    return run if fetch is None else partial(run, fetch=fetch)


def _score_sandbox(params: "Params", layout: "Layout") -> None:
    """Score the sandbox's submissions at once: they leave no machine, and its rows then stand in every table."""
    from scoretable.competition.description import load_competition
    from scoretable.competition.task import has_one_label
    from scoretable.kaggle.local_scoring import score_sandbox

    competition = load_competition(params.competition)
    if competition.source == "sandbox" and has_one_label(competition.task):
        score_sandbox(layout, competition)


def _fetch(competition: str, folder: Path) -> Path:
    from scoretable.kaggle.download import download_from_kaggle
    from scoretable.rows.params import SESSION, load_session

    return download_from_kaggle(competition, folder, load_session(PARAMS.with_name(SESSION)).kaggle_timeout)


def _fetch_of_row(taken: "Taken") -> AbstractContextManager[Path]:
    from scoretable.experiments.earlier_rows import find_row
    from scoretable.serving.row_model import fetched

    return fetched(find_row(taken, Path()), taken.path)


def _lend_devices(params: "Params", session: "SessionParams", layout: "Layout", digest: str) -> str:
    from scoretable.steps.train import lend_devices

    return lend_devices(params, session, layout, digest, _fetch_of_row)


def _train_on_kaggle(params: "Params", session: "SessionParams", layout: "Layout", record: "Record") -> str:
    from scoretable.kaggle.training import train_on_kaggle
    from scoretable.steps.train import hold_training

    with hold_training(record.digest):
        return train_on_kaggle(params, session, layout, record)
