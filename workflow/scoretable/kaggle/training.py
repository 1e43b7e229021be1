"""The step train on Kaggle's machines, in as many sessions as it takes."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from scoretable.competition.description import Competition, load_competition
from scoretable.kaggle.client import KaggleClient, kaggle_client
from scoretable.kaggle.kernel import (
    ABSENT,
    ACTIVE,
    BROKEN,
    await_kernel,
    check_quota,
    fetch_output,
    kernel_state,
    last_words,
    owner_of,
)
from scoretable.kaggle.kernel_code import write_kernel_code
from scoretable.kaggle.kernel_push import Attached, Machine, push_kernel
from scoretable.kaggle.session import LIVE, RESULTS, SESSION
from scoretable.models.published_weights import PUBLISHED
from scoretable.rows.committed_source import pack_commit
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.workspace.atomic import replacing, write_json
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError, TrainingStopped
from scoretable.workspace.main_repository import main_repository

KEPT = "kept-here.json"  # the checkpoints that were put where a training here goes on, by their SHA-256
FETCHES = 2  # of a file whose SHA-256 is not the one that the session gave


@dataclass(frozen=True)
class Order:
    """What a session gets to know. hours: after which it stops; manifest, fingerprint: of the image cache here.

    lineage: digest of the step train, which the session's own code and params must give as well.
    """

    competition: str
    on_kaggle: bool
    lineage: str
    params: dict[str, Any]
    session: dict[str, Any]
    hours: float
    gpu: bool
    internet: bool
    lock: str
    manifest: str
    fingerprint: str


def train_on_kaggle(params: Params, session: SessionParams, layout: Layout, record: Record) -> str:
    """Train in sessions of a script kernel each, one after the other, and fetch what they made.

    A session that is already running is waited for, and one that has ended is not run again, so the command may be
    stopped and typed again. Raises InputError where the row cannot be trained there, Kaggle refuses or a session
    fails, and TrainingStopped at max_total_hours.
    """
    competition = load_competition(params.competition)
    check_trainable_there(params, session, competition)
    machine = Machine(session.kaggle_accelerator, session.kaggle_internet)
    order = _write_order(params, session, layout, competition, record.digest)
    code = _write_code(order)
    folder = main_repository(Path.cwd()) / "checkpoints" / f"{record.digest}-kaggle"
    with kaggle_client(competition.name, session.kaggle_timeout) as client:
        kernel = _run_sessions(client, order, code, machine, folder)
    _take_over(folder, layout, kernel)
    shutil.rmtree(folder)
    return f"{layout.model}: {params.model}, trained on Kaggle by {kernel}"


def check_trainable_there(params: Params, session: SessionParams, competition: Competition) -> None:
    """Raise InputError for a row that needs what only this machine has."""
    if competition.source == "archive" or session.archive:
        raise InputError(
            "train_on: kaggle needs a competition whose data Kaggle has, not an archive: set train_on: here."
        )
    if params.pseudo_labels is not None:
        raise InputError(
            f"train_on: kaggle cannot read pseudo_labels: {params.pseudo_labels}, a row on this machine: set train_on: "
            "here."
        )
    if params.weights not in (None, "imagenet", *PUBLISHED):
        raise InputError(
            f"train_on: kaggle cannot read weights: {params.weights}, a file on this machine: set train_on: here."
        )
    if params.weights is not None and not session.kaggle_internet:
        raise InputError(
            f"weights: {params.weights} are fetched over the internet: set kaggle_internet: true, or weights: null."
        )


def _write_order(
    params: Params, session: SessionParams, layout: Layout, competition: Competition, lineage: str
) -> Order:
    manifest = layout.cache / "manifest.json"
    gpu = session.kaggle_accelerator is not None
    return Order(
        competition.name,
        competition.source == "kaggle",
        lineage,
        params.model_dump(),
        session.model_dump() | {"train_on": "here"},
        session.kaggle_hours,
        gpu,
        session.kaggle_internet,
        "requirements-gpu.lock" if gpu else "requirements.lock",
        str(manifest),
        json.loads(manifest.read_text(encoding="utf-8"))["fingerprint"],
    )


def _write_code(order: Order) -> str:
    source = pack_commit(Path.cwd(), (order.lock,))
    purpose = f"the training {order.lineage} for the competition {order.competition}"
    return write_kernel_code(source, "kaggle.session", "run_training", asdict(order), purpose)


def _run_sessions(client: KaggleClient, order: Order, code: str, machine: Machine, folder: Path) -> str:
    """Run sessions until one has finished the training, and return its kernel."""
    before, kernel = ("", ""), ""
    for number in count(1):
        kernels = (kernel,) if kernel else ()
        attached = Attached((order.competition,) if order.on_kaggle else (), kernels)
        kernel = f"{owner_of(client)}/scoretable-{order.lineage}-{number}"
        report, is_new = _run_session(client, kernel, code, machine, attached, folder / str(number))
        if report["state"] == "finished":
            return kernel
        _keep_checkpoints(folder / str(number), order.lineage)
        if is_new:  # what an earlier command has seen may have been under other limits
            _check_going_on(report, before, order.hours)
        before = _position(report)
        print(f"{kernel}: {report['sentence']}", flush=True)
    raise AssertionError("count never ends")


def _run_session(
    client: KaggleClient, kernel: str, code: str, machine: Machine, attached: Attached, folder: Path
) -> tuple[dict[str, Any], bool]:
    """Return the session's report and whether it was pushed now, since it was not there; fetch its files."""
    state, _ = kernel_state(client, kernel)
    is_new = False
    report = _fetch_report(client, kernel, folder) if state == "complete" else {}
    if state in (ABSENT, "new_script", *BROKEN) or report.get("state") == "failed":
        if machine.accelerator is not None:
            check_quota(client)
        pushed = push_kernel(client, kernel.partition("/")[2], code, machine, attached)
        print(f"Pushed to Kaggle: https://www.kaggle.com/code/{kernel}", flush=True)
        await_kernel(client, pushed)
        report, is_new = _fetch_report(client, kernel, folder), True
    elif state in ACTIVE:
        await_kernel(client, kernel)
        report = _fetch_report(client, kernel, folder)
    if report["state"] == "failed":
        raise InputError(f"{kernel} on Kaggle: {report['sentence']}")
    _fetch_files(client, kernel, folder, report["files"])
    return report, is_new


def _fetch_report(client: KaggleClient, kernel: str, folder: Path) -> dict[str, Any]:
    path = folder / SESSION
    for _ in range(FETCHES):
        path.unlink(missing_ok=True)
        fetch_output(client, kernel, folder, rf"^{SESSION}$")
        if not path.exists():
            sentence = last_words(client, kernel) or "it left no report: see its log on the website."
            return {"state": "failed", "sentence": sentence, "files": {}}
        with contextlib.suppress(ValueError):
            report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return report
    raise InputError(f"the report of {kernel} arrived damaged: run the same command again, which fetches it.")


def _fetch_files(client: KaggleClient, kernel: str, folder: Path, files: dict[str, str]) -> None:
    """Fetch the files that the report lists, but for those that are there already."""
    for _ in range(FETCHES):
        missing = [name for name, digest in files.items() if not _is_whole(folder / name, digest)]
        if not missing:
            return
        for name in missing:
            (folder / name).unlink(missing_ok=True)
        fetch_output(client, kernel, folder, "^(models|checkpoints)/")
    damaged = [name for name, digest in files.items() if not _is_whole(folder / name, digest)]
    if damaged:
        raise InputError(f"{damaged[0]} of {kernel} arrived damaged: run the same command again, which fetches it.")


def _is_whole(path: Path, digest: str) -> bool:
    return path.is_file() and file_digest(path) == digest


def _check_going_on(report: dict[str, Any], before: tuple[str, str], hours: float) -> None:
    """Raise where a further session would not help."""
    if report["sentence"].startswith("max_total_hours"):
        raise TrainingStopped(report["sentence"])
    if _position(report) == before:
        raise InputError(f"a session of {hours:g} h on Kaggle is too short to train a step: raise kaggle_hours.")


def _position(report: dict[str, Any]) -> tuple[str, str]:
    """Return how far a stopped training is: what its sentence says of the steps, and the folds that it has begun."""
    folds = " ".join(sorted(name for name in report["files"] if name.startswith("checkpoints/")))
    return str(report["sentence"].partition("with ")[2]), folds


def _keep_checkpoints(folder: Path, lineage: str) -> None:
    """Put a session's checkpoints where a training here would go on from them, unless one has begun there."""
    ours, origin = folder.parent.with_name(lineage), folder.parent / KEPT
    put = json.loads(origin.read_text(encoding="utf-8")) if origin.exists() else {}
    if {path.name: file_digest(path) for path in ours.glob("fold-*")} != put:
        return
    found = sorted((folder / "checkpoints" / lineage).glob("fold-*"))
    write_json(origin, put | {path.name: file_digest(path) for path in found})
    for path in found:
        with replacing(ours / path.name) as temporary:
            shutil.copyfile(path, temporary)


def _take_over(folder: Path, layout: Layout, kernel: str) -> None:
    last = max((path for path in folder.iterdir() if path.is_dir()), key=lambda path: int(path.name))
    for name in RESULTS:
        with replacing(Path(name)) as temporary:
            shutil.copyfile(last / name, temporary)
    training = json.loads(layout.training.read_text(encoding="utf-8"))
    write_json(layout.training, training | {"kernel": kernel})
    for path in _files(last / LIVE):
        target = layout.live / path.relative_to(last / LIVE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    ours = folder.with_name(folder.name.removesuffix("-kaggle"))
    if (folder / KEPT).exists():
        shutil.rmtree(ours, ignore_errors=True)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
