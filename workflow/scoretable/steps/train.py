"""Step: the trained model."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pandas as pd

from scoretable.competition.description import load_competition
from scoretable.competition.task import Task, check_softening, resolve_head, resolve_metrics
from scoretable.devices.workers import find_worker
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.rows.taken import Taken, taken_by
from scoretable.scoring.measure import Measure
from scoretable.session.stopping import StopRequest, deferred_signals
from scoretable.training.early_stopping import best_epoch
from scoretable.training.recipe import Recipe, Session
from scoretable.training.run_description import describe_run, join_runs
from scoretable.workspace.atomic import replacing, write_json
from scoretable.workspace.errors import InputError, TrainingStopped, how_many
from scoretable.workspace.lock import LOCKS, hold_lock
from scoretable.workspace.main_repository import main_repository

Fetch = Callable[[Taken], AbstractContextManager[Path]]
Files = dict[tuple[str, Path], Path]  # of earlier rows, by the param that asks for them and their place in the row


def run(params: Params, session: SessionParams, layout: Layout, record: Record, fetch: Fetch | None = None) -> str:
    """Train a model per held-out fold, going on from checkpoints of the same lineage, and join them into one.

    fetch: lends the files of earlier rows.
    """
    with hold_training(record.digest), _lent(params, fetch) as files:
        return _train(params, session, layout, main_repository(Path.cwd()) / "checkpoints" / record.digest, files)


def hold_training(digest: str) -> IO[bytes]:
    """Lock a row's checkpoints, which copies of the repository share that run the row at the same time, and wait."""
    return hold_lock(f"training-{digest}", main_repository(Path.cwd()) / LOCKS, wait=True)


@contextmanager
def _lent(params: Params, fetch: Fetch | None) -> Iterator[Files]:
    """Have the files of earlier rows within the block."""
    taken = taken_by(params.model_dump())
    if taken and fetch is None:
        raise InputError(f"{taken[0].key}: row {taken[0].row} cannot be reached from here: train on this machine.")
    with ExitStack() as stack:
        yield {(one.key, one.path): stack.enter_context(fetch(one)) for one in taken} if fetch else {}


def _train(params: Params, session: SessionParams, layout: Layout, folder: Path, files: Files) -> str:
    from scoretable.models.classifier import average_models, load_model, save_model

    cache = open_cache(layout.cache)
    with deferred_signals() as request:
        train_folds(params, session, cache, folder, layout.live, request, files)
    facts = [json.loads(_finished(folder, fold).read_text(encoding="utf-8")) for fold in params.held_out_folds]
    save_model(
        average_models([load_model(_fold_file(folder, fold, "keras")) for fold in params.held_out_folds]), layout.model
    )
    history = pd.DataFrame([entry for fold in facts for entry in fold["history"]])
    with replacing(layout.history) as temporary:
        history.to_csv(temporary, index=False, float_format="%.8g", lineterminator="\n")
    write_json(layout.training, join_runs([fold["training"] for fold in facts]))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return _closing_line(params, layout, facts, load_competition(params.competition).score)


def train_folds(
    params: Params, session: SessionParams, cache: ImageCache, folder: Path, live: Path, request: StopRequest,
    files: Files | None = None,
) -> None:  # fmt: skip
    """Train the folds that `folder` does not have yet, all of them within the limits of one session.

    files: of earlier rows. Raises TrainingStopped at a limit, or at a signal that `request` tells of, with what is done
    saved.
    """
    from scoretable.session.live import LiveLog

    started = time.monotonic()
    for fold in params.held_out_folds:
        if _finished(folder, fold).exists():
            continue
        if request.name:
            raise TrainingStopped(f"{request.name}: stopped before fold {fold}; the same command continues from there.")
        earlier = sum(_trained_seconds(_finished(folder, other)) for other in params.held_out_folds)
        left = shorten(session_of(session), time.monotonic() - started, earlier)
        tensorboard = Path("logs/tensorboard") / f"{folder.name}-{fold}" if session.tensorboard else None
        with LiveLog(live, tensorboard) as log:
            _train_fold(params, cache, folder, fold, log, left, request, session.price_per_hour, files or {})


def shorten(session: Session, seconds: float, earlier_seconds: float) -> Session:
    """Return what is left of a session after `seconds` of it, where other folds took `earlier_seconds` in all."""
    return replace(
        session,
        max_hours=None if session.max_hours is None else session.max_hours - seconds / 3600,
        max_total_hours=None if session.max_total_hours is None else session.max_total_hours - earlier_seconds / 3600,
    )


def _trained_seconds(finished: Path) -> float:
    return json.loads(finished.read_text(encoding="utf-8"))["training"]["train_seconds"] if finished.exists() else 0.0


def lend_devices(
    params: Params, session: SessionParams, layout: Layout, digest: str, fetch: Fetch | None = None
) -> str:
    """Train along with the chief of several workers, who alone writes files."""
    from scoretable.training.loop import train

    folder = main_repository(Path.cwd()) / "checkpoints" / digest
    cache = open_cache(layout.cache)
    with (
        _lent(params, fetch) as files,
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
    ):
        for fold in params.held_out_folds:
            if not _finished(folder, fold).exists():
                recipe = recipe_of(params, cache.task, fold, measure_of(params, cache))
                start = _start_of(params, files, cache, fold)
                train(cache, recipe, _fold_file(folder, fold, "npz"), session_of(session), start=start)
    return f"worker {find_worker().index}: done; the chief writes the model"


def _train_fold(
    params: Params,
    cache: ImageCache,
    folder: Path,
    fold: int,
    log: Any,
    session: Session,
    request: StopRequest,
    price_per_hour: float | None,
    files: Files,
) -> None:
    """Train one fold's model into `folder`; its JSON file comes last and says that it is finished."""
    from scoretable.models.classifier import save_model
    from scoretable.training.loop import train

    recipe = recipe_of(params, cache.task, fold, measure_of(params, cache))
    if params.fold == "all":
        print(f"fold {fold} of {params.folds}", flush=True)
    checkpoint = _fold_file(folder, fold, "npz")
    start = _start_of(params, files, cache, fold)
    trained = train(cache, recipe, checkpoint, session, log.update, request, start)
    save_model(trained.model, _fold_file(folder, fold, "keras"))
    history = [{"fold": fold, **entry} if params.fold == "all" else entry for entry in trained.history]
    labelled = {} if start.pseudo is None else {"pseudo_labels": len(start.pseudo.labels)}
    facts = describe_run(trained, price_per_hour) | labelled
    write_json(_finished(folder, fold), {"history": history, "training": facts})
    checkpoint.unlink(missing_ok=True)


def _start_of(params: Params, files: Files, cache: ImageCache, fold: int) -> Any:
    from scoretable.training.pseudo_labels import PseudoLabels
    from scoretable.training.start import FRESH, Start

    model, predictions = (files.get(("weights", path)) for path in (Layout.model, Layout.predictions))
    start = FRESH if model is None or predictions is None else Start.of(model, predictions, cache, fold)
    answers = files.get(("pseudo_labels", Layout.predictions))
    if answers is None:
        return start
    return replace(start, pseudo=PseudoLabels.choose(answers, cache, params.pseudo_threshold))


def session_of(session: SessionParams) -> Session:
    """Return how session.yaml lets a session go."""
    return Session(
        session.max_hours, session.max_total_hours, session.checkpoint_minutes, session.placement,
        session.steps_per_call, session.devices,
    )  # fmt: skip


def measure_of(params: Params, cache: ImageCache) -> Measure:
    """Return how each epoch is scored: as what is handed in."""
    competition = load_competition(params.competition)
    at_least_one = competition.submission.at_least_one(cache.form, cache.some_without_label)
    return Measure.of(competition, cache.classes, at_least_one)


def recipe_of(params: Params, task: Task, fold: int, measure: Measure | None = None) -> Recipe:
    """Return the recipe that params.yaml describes; raise InputError where it does not fit the task.

    measure: what the competition is scored by, which says which epoch is best; None: the loss does.
    """
    activation, loss = resolve_head(task, params.activation, params.loss)
    check_softening(task, params.class_weights, params.label_smoothing)
    return Recipe.of(
        params, fold=fold, activation=activation, loss=loss, augment=params.augmentations,
        early_sizes=params.first_sizes,
        metrics=resolve_metrics(task, params.metric_names), measure=measure,
    )  # fmt: skip


def _closing_line(params: Params, layout: Layout, facts: list[dict[str, Any]], metric: str) -> str:
    ends = [fold["history"][-1] for fold in facts]
    kept = ends if params.early_stopping is None else [_best_entry(fold["history"], metric) for fold in facts]
    reached = sum(entry[f"val_{metric}"] for entry in kept) / len(kept)
    training = join_runs([fold["training"] for fold in facts])
    folds = f"{len(facts)} folds, " if len(facts) > 1 else ""
    rate, epochs = training["images_per_second"], ends[-1]["epoch"]
    trained = f"{params.model}, {folds}{epochs} {'epoch' if epochs == 1 else 'epochs'}"
    return (
        f"{layout.model}: {trained}, validation {metric} {reached:.4f}, {training['train_seconds']:.0f} s"
        + (f", {rate:.0f} images/s" if rate else "")
        + (
            f", with {how_many(training['pseudo_labels'], 'pseudo-label')} of row {params.pseudo_labels}"
            if params.pseudo_labels
            else ""
        )
    )


def _best_entry(history: list[dict[str, Any]], metric: str) -> dict[str, Any]:
    return history[best_epoch(history, metric)]


def _finished(folder: Path, fold: int) -> Path:
    return _fold_file(folder, fold, "json")


def _fold_file(folder: Path, fold: int, suffix: str) -> Path:
    return folder / f"fold-{fold}.{suffix}"
