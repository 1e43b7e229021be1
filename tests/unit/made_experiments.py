"""A repository with experiments as DVC leaves them, made without running any."""

import hashlib
import json
import shutil
import subprocess
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from dvc.utils.serialize import dumps_yaml
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import trace_lineage
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params

ROOT = Path(__file__).parents[2]
SOURCE = "workflow/scoretable/training/loop.py"
STEPS = "workflow/scoretable/steps"
SETTINGS = ("params.yaml", "session.yaml")
PER_CLASS = "class,images,recall\n{first},2,0.5\n{second},2,1.0\n"
CONFUSION = "actual,{first},{second}\n{first},1,1\n{second},0,2\n"


def make_repository(folder: Path) -> Path:
    """A git repository with the files that the score table reads, and a few sources."""
    for name in ("workflow/competitions", "workflow/report", STEPS):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (*SETTINGS, "workflow/tables/paddy.csv", SOURCE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    commit(folder)
    return folder


def add_experiment(
    folder: Path,
    name: str,
    accuracy: float,
    public: float | None = None,
    classes: tuple[str, str] = ("blast", "tungro"),
    versions: dict[str, str] | None = None,
    metric: str = "accuracy",
    figures: dict[str, float] | None = None,
    cost: float | None = None,
    **params: Any,
) -> str:
    """Add an experiment with these figures and keys of params.yaml and session.yaml; returns its commit.

    metric: what its metrics.json holds; figures: of evaluation.json, beside the accuracy.
    """
    evaluation = {"accuracy": accuracy, "correct": round(100 * accuracy), "images": 100, **(figures or {})}
    session = SessionParams(**{key: value for key, value in params.items() if key in SessionParams.model_fields})
    made = Params(**{key: value for key, value in params.items() if key not in SessionParams.model_fields})
    training = {"train_seconds": 60.0, "images_per_second": 50.0, "device": "a CPU", "versions": versions or {}}
    training |= {} if cost is None else {"cost": cost}
    outputs = {
        "models/metrics.json": json.dumps({metric: evaluation.get(metric)}),
        "models/evaluation.json": json.dumps(evaluation),
        "models/training.json": json.dumps(training),
        "models/history.csv": "epoch,loss,accuracy,val_loss,val_accuracy\n1,2,0.1,2,0.2\n2,1,0.3,1,0.4\n",
        "models/plots/per_class.csv": PER_CLASS.format(first=classes[0], second=classes[1]),
        "models/plots/confusion_matrix.csv": CONFUSION.format(first=classes[0], second=classes[1]),
        "models/plots/mistakes.csv": f"image_id,actual,predicted\n{name}.jpg,{classes[0]},{classes[1]}\n",
        "models/model.keras": f"model of {name}",
        "data/submission.csv": f"submission of {name}",
        "data/raw/sandbox.zip": "archive",
    }
    digests = {path: keep(folder, text) for path, text in outputs.items()} | keep_records(folder, made, outputs)
    outs = [{"path": path, "hash": "md5", "md5": digest} for path, digest in digests.items()]
    deps = [{"path": "workflow", "hash": "md5", "md5": f"{0:032}.dir"}]
    lock = {"schema": "2.0", "stages": {"train": {"cmd": "train", "deps": deps, "outs": outs}}}
    submission = {"state": "not submitted"} if public is None else {"state": "complete", "public_score": public}
    kept = {path: (folder / path).read_bytes() for path in SETTINGS}
    baseline = git(folder, "rev-parse", "HEAD")
    for path, settings in zip(SETTINGS, (made, session), strict=True):
        (folder / path).write_text(yaml.safe_dump(settings.model_dump()))
    (folder / "dvc.lock").write_text(dumps_yaml(lock))
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models/score.json").write_text(json.dumps({"public_score": public, "private_score": None}))
    (folder / "models/submission.json").write_text(json.dumps(submission))
    revision = commit(folder)
    git(folder, "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", revision)
    git(folder, "reset", "--quiet", "--hard", baseline)
    for path, content in kept.items():
        (folder / path).write_bytes(content)
    return revision


def keep_records(folder: Path, params: Params, outputs: dict[str, str]) -> dict[str, str]:
    """Put the lineage records of a row with these outputs into DVC's cache; returns the MD5 of each step's folder."""
    layout, kept = Layout.of(params), {}
    for step, lineage in trace_lineage(params, folder).items():
        made = {str(path): outputs[str(path)].encode() for path in layout.outputs(step) if str(path) in outputs}
        described = {path: {"bytes": len(text), "sha256": sha256(text).hexdigest()} for path, text in made.items()}
        record = keep(folder, json.dumps(asdict(lineage) | {"outputs": described}))
        listed = [{"md5": record, "relpath": f"{lineage.digest}.json"}]
        kept[str(layout.lineage_folder(step))] = keep(folder, json.dumps(listed), ".dir")
    return kept


def rewrite_experiment(folder: Path, name: str, files: dict[str, str | None]) -> None:
    """Give an experiment's commit these files instead, or take those away that are None."""
    (ref,) = git(folder, "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}").split()
    branch = git(folder, "branch", "--show-current")
    git(folder, "checkout", "--quiet", ref)
    for path, text in files.items():
        if text is None:
            (folder / path).unlink()
        else:
            (folder / path).write_text(text)
    git(folder, "update-ref", ref, commit(folder))
    git(folder, "checkout", "--quiet", branch)


def add_output(folder: Path, name: str, path: str, content: bytes, suffix: str = "") -> None:
    """Give an experiment a further output, such as its validation.npz, which older rows do not have.

    suffix: .dir where the content is the list of a folder.
    """
    (ref,) = git(folder, "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}").split()
    lock = yaml.safe_load(git(folder, "show", f"{ref}:dvc.lock"))
    lock["stages"]["train"]["outs"].append({"path": path, "hash": "md5", "md5": keep(folder, content, suffix)})
    rewrite_experiment(folder, name, {"dvc.lock": dumps_yaml(lock)})


def keep(folder: Path, content: str | bytes, suffix: str = "") -> str:
    """Put a file into DVC's cache and return its MD5; suffix: .dir for the list of a folder."""
    content = content.encode() if isinstance(content, str) else content
    digest = hashlib.md5(content).hexdigest() + suffix
    path = folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return digest


def commit(folder: Path) -> str:
    (folder / ".gitignore").write_text("/.dvc\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", f"dvc: commit experiment {0:064}")
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
