"""A session on Kaggle's machines: what the script that scoretable pushes does there.

Only Python's own modules are imported, since this runs before the other packages are there.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SESSION = "session.json"
STOPPED = 3  # the exit status of a training at its time limit
LINE_SECONDS = 60.0  # between two lines of a progress bar in the log
PROGRESS = re.compile(r"\d+%\|")
PARAMS, SESSION_PARAMS = Path("params.yaml"), Path("session.yaml")
RESULTS = ("models/model.keras", "models/history.csv", "models/training.json")
LIVE = "models/live"


class SessionFailed(Exception):
    """The session cannot go on; the message says why in one sentence."""


def run_training(order: dict[str, Any], inputs: Path, output: Path) -> None:
    """Train what `order` says in the working directory, which holds the package, as far as its hours reach.

    order: see training.py. inputs, output: /kaggle/input and /kaggle/working. The output gets what the training
    made, or its checkpoints, and at last session.json, which says how it ended and lists the files by their SHA-256.
    """
    started = time.monotonic()
    try:
        state, sentence = _train(order, inputs, started), _last_error()
    except SessionFailed as failure:
        state, sentence = "failed", str(failure)
    kept = [Path(name) for name in RESULTS] if state == "finished" else _checkpoints(order).glob("fold-*")
    live = [path for path in Path(LIVE).rglob("*") if path.is_file()]
    files = {str(path): copy_file(path, output / path) for path in sorted([*kept, *live]) if path.exists()}
    report = {"state": state, "sentence": sentence, "lineage": order["lineage"], "files": files}
    (output / SESSION).write_text(json.dumps(report, indent=2), encoding="utf-8")
    print(f"session: {state}. {sentence}", flush=True)


def _train(order: dict[str, Any], inputs: Path, started: float) -> str:
    if order["gpu"] and shutil.which("nvidia-smi") is None:
        raise SessionFailed("Kaggle gave the session no GPU, perhaps because this week's hours are used up.")
    python = find_python(order["lock"], inputs, order["internet"])
    _write_params(order, order["hours"])
    if order["on_kaggle"]:
        pack_input(find_input(inputs, order["competition"]), Path(f"data/raw/{order['competition']}.zip"))
    for step in ("download", "preprocess"):
        _expect_success(step, run_step(python, step))
    fingerprint = json.loads(Path(order["manifest"]).read_text(encoding="utf-8"))["fingerprint"]
    if fingerprint != order["fingerprint"]:
        raise SessionFailed(
            "the image cache that the session made is not the one here: the data differ or, with kaggle_internet: "
            "false, the versions of the decoder do."
        )
    _restore(order, inputs)
    _write_params(order, order["hours"] - (time.monotonic() - started) / 3600)
    status = run_step(python, "train", "--lineage", order["lineage"], "--on", "here")
    if status != STOPPED:
        _expect_success("train", status)
    return "stopped" if status == STOPPED else "finished"


def find_python(lock: str, inputs: Path, internet: bool) -> str:
    """Return a Python that has the locked packages, made where it is missing and the internet is there.

    Without internet it is Kaggle's own, with the wheels that lie in attached datasets.
    """
    if _pip(sys.executable, "--no-index", "--require-hashes", "--requirement", lock):
        return sys.executable
    if not internet:
        _install_wheels(sorted(inputs.rglob("*.whl")))
        return sys.executable
    python = str(Path("environment/bin/python").absolute())
    subprocess.run([sys.executable, "-m", "venv", "environment"], check=True)
    if not _pip(python, "--require-hashes", "--requirement", lock):
        raise SessionFailed(f"the packages of {lock} could not be installed: see the session's log.")
    return python


def _install_wheels(wheels: list[Path]) -> None:
    attached = f"{len(wheels)} attached file{'' if len(wheels) == 1 else 's'}"
    print(f"Kaggle's own packages and {attached}, since there is no internet", flush=True)
    packages = sorted({"==".join(path.name.split("-")[:2]) for path in wheels})
    folders = [f"--find-links={folder}" for folder in sorted({path.parent for path in wheels})]
    if wheels and not _pip(sys.executable, "--no-index", "--no-deps", *folders, *packages):
        raise SessionFailed(f"{', '.join(packages)} could not be installed from the attached wheels.")


def find_input(inputs: Path, name: str) -> Path:
    """Return the folder called `name` below /kaggle/input, wherever Kaggle puts its kind."""
    found = [path for path in sorted(inputs.rglob(name), key=lambda path: len(path.parts)) if path.is_dir()]
    if not found:
        raise SessionFailed(f"Kaggle did not attach {name}: accept the competition's rules.")
    return found[0]


def pack_input(folder: Path, archive: Path) -> None:
    """Write all files of `folder` into a zip archive, uncompressed, as the competition's own archive has them."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED, strict_timestamps=False) as target:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                target.write(path, path.relative_to(folder))


def run_step(python: str, step: str, *arguments: str) -> int:
    """Run a step, pass on what it writes, and return its exit status."""
    environment = os.environ | {"PYTHONPATH": "workflow"}
    command = [python, "-m", "scoretable", step, *arguments]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        for line in thin_out(process.stdout or ()):
            print(line, flush=True)
    return process.returncode


def thin_out(lines: Any) -> Iterator[str]:
    """Leave out all but one per minute of the lines that a progress bar rewrites each second."""
    shown = 0.0
    for line in lines:
        if PROGRESS.search(line):
            if time.monotonic() - shown < LINE_SECONDS and shown:
                continue
            shown = time.monotonic()
        if line.strip():
            yield line.strip()


def _write_params(order: dict[str, Any], hours: float) -> None:
    """Let the row's own max_hours count too, so that a person can ask for shorter sessions."""
    if hours <= 0:
        raise SessionFailed(f"the limit of {order['hours']:g} h was over before the first step: raise kaggle_hours.")
    shorter = min(hours, order["session"]["max_hours"] or hours)
    write_settings(order["params"], order["session"] | {"max_hours": shorter})


def write_settings(params: dict[str, Any], session: dict[str, Any]) -> None:
    """Write params.yaml and session.yaml, as JSON, which is YAML."""
    PARAMS.write_text(json.dumps(params), encoding="utf-8")
    SESSION_PARAMS.write_text(json.dumps(session), encoding="utf-8")


def _restore(order: dict[str, Any], inputs: Path) -> None:
    """Take over the checkpoints of the session before, if its output is attached."""
    for report in sorted(inputs.rglob(SESSION)):
        content = json.loads(report.read_text(encoding="utf-8"))
        if content["lineage"] != order["lineage"]:
            continue
        for name, digest in content["files"].items():
            if not (report.parent / name).is_file() or copy_file(report.parent / name, Path(name)) != digest:
                raise SessionFailed(f"{name} of the previous session is damaged: run the same command again.")


def copy_file(source: Path, target: Path) -> str:
    """Copy a file and return its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checkpoints(order: dict[str, Any]) -> Path:
    return Path("checkpoints") / order["lineage"]


def _expect_success(step: str, status: int) -> None:
    if status:
        raise SessionFailed(_last_error() or f"the step {step} ended with exit status {status}: see the session's log.")


def _last_error() -> str:
    path = Path(".snakemake/scoretable-error.txt")
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def _pip(python: str, *arguments: str) -> bool:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, check=False).returncode == 0
