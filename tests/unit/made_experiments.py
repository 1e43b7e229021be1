"""A repository with experiments as DVC leaves them, made without running any."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml
from dvc.utils.serialize import dumps_yaml
from scoretable.rows.params import Params

ROOT = Path(__file__).parents[2]
SOURCE = "workflow/scoretable/training/loop.py"
PER_CLASS = "class,images,recall\n{first},2,0.5\n{second},2,1.0\n"
CONFUSION = "actual,{first},{second}\n{first},1,1\n{second},0,2\n"


def make_repository(folder: Path) -> Path:
    """A git repository with the files that the score table reads."""
    for name in ("workflow/competitions", "workflow/report"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("params.yaml", "workflow/score_table.csv", SOURCE):
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
    **params: Any,
) -> str:
    """Add an experiment with these figures and params; returns its commit."""
    outputs = {
        "models/metrics.json": json.dumps({"accuracy": accuracy, "correct": round(100 * accuracy), "images": 100}),
        "models/training.json": json.dumps({"train_seconds": 60.0, "images_per_second": 50.0, "device": "a CPU"}),
        "models/history.csv": "epoch,loss,accuracy,val_loss,val_accuracy\n1,2,0.1,2,0.2\n2,1,0.3,1,0.4\n",
        "models/plots/per_class.csv": PER_CLASS.format(first=classes[0], second=classes[1]),
        "models/plots/confusion_matrix.csv": CONFUSION.format(first=classes[0], second=classes[1]),
        "models/plots/mistakes.csv": f"image_id,actual,predicted\n{name}.jpg,{classes[0]},{classes[1]}\n",
        "models/model.keras": f"model of {name}",
        "data/submission.csv": f"submission of {name}",
        "data/raw/sandbox.zip": "archive",
    }
    outs = [{"path": path, "hash": "md5", "md5": keep(folder, text)} for path, text in outputs.items()]
    deps = [{"path": SOURCE, "hash": "md5", "md5": hashlib.md5((folder / SOURCE).read_bytes()).hexdigest()}]
    lock = {"schema": "2.0", "stages": {"train": {"cmd": "train", "deps": deps, "outs": outs}}}
    score = {"state": "not submitted"} if public is None else {"state": "complete", "public_score": public}
    kept = {path: (folder / path).read_bytes() for path in ("params.yaml",)}
    baseline = git(folder, "rev-parse", "HEAD")
    (folder / "params.yaml").write_text(yaml.safe_dump(Params(**params).model_dump()))
    (folder / "dvc.lock").write_text(dumps_yaml(lock))
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models/score.json").write_text(json.dumps(score))
    revision = commit(folder)
    git(folder, "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", revision)
    git(folder, "reset", "--quiet", "--hard", baseline)
    for path, content in kept.items():
        (folder / path).write_bytes(content)
    return revision


def keep(folder: Path, text: str) -> str:
    """Put a file into DVC's cache and return its MD5."""
    digest = hashlib.md5(text.encode()).hexdigest()
    path = folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return digest


def commit(folder: Path) -> str:
    (folder / ".gitignore").write_text("/.dvc\n")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "a state")
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
