"""A score table of many rows with all their outputs, made without git, for what depends on how many there are."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from made_experiments import ROOT, keep
from scoretable.experiments.experiment import Experiment
from scoretable.rows.layout import Layout
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.table.reported_rows import load_tables
from scoretable.table.table import ScoreTable, Setting, read_draw

CLASSES = (
    "bacterial_leaf_blight", "bacterial_leaf_streak", "bacterial_panicle_blight", "blast", "brown_spot", "dead_heart",
    "downy_mildew", "hispa", "normal", "tungro",
)  # fmt: skip
SURE = np.eye(len(CLASSES), dtype=np.float32)
MODELS = ("EfficientNetLite0", "SmallCNN", "InceptionV3", "MobileNetV2")
SOURCES = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "workflow/scoretable/training").glob("*.py"))]


def make_many_rows(folder: Path, rows: int, images: int = 2081, epochs: int = 50) -> ScoreTable:
    """A table of the team's rows and `rows` others, each of `images` validation images and `epochs` epochs."""
    (folder / ".dvc").mkdir(parents=True)
    draws = (read_draw(experiment, "accuracy") for experiment in make_experiments(folder, rows, images, epochs))
    return ScoreTable(load_tables(ROOT), tuple(Setting((draw,)) for draw in draws))


def make_experiments(folder: Path, rows: int, images: int, epochs: int) -> Iterator[Experiment]:
    random = np.random.default_rng(0)
    truth = random.integers(len(CLASSES), size=images)
    for number in range(rows):
        share = 0.5 + 0.45 * random.random()
        chosen = np.where(random.random(images) < share, truth, random.integers(len(CLASSES), size=images))
        params = Params(
            competition="sandbox", model=MODELS[number % 4], image_size=(128, 224, 448)[number % 3],
            batch_size=(8, 16, 32, 64)[number % 4], optimizer=("adam", "sgd", "rmsprop")[number // 4 % 3],
            learning_rate=(1e-4, 1e-3, 1e-2)[number // 12 % 3], dropout=(0.0, 0.2, 0.5)[number // 36 % 3],
            epochs=epochs, augment="flip", seed=number,
        )  # fmt: skip
        outputs = {path: keep(folder, text) for path, text in texts(truth, chosen, share, epochs, random).items()}
        outputs["models/validation.npz"] = keep(folder, answers_file(truth, SURE[chosen], CLASSES))
        outputs[str(Layout.of(params).lineage_folder("train"))] = keep_record(folder, number % 5)
        entries = "".join(
            f"    - path: {path}\n      hash: md5\n      md5: {digest}\n" for path, digest in outputs.items()
        )
        lock = f"schema: '2.0'\nstages:\n  train:\n    cmd: train\n    outs:\n{entries}"
        score = {"public_score": round(float(np.mean(truth == chosen)) + 0.02 * random.standard_normal(), 5)}
        known = params.model_dump() | SessionParams().model_dump()
        yield Experiment(
            f"sandbox-row-{number}", f"{number:040x}", f"{number % 7:040x}", "2026-01-01T00:00:00+00:00", known, score,
            lock, f"what was learned from row {number}", folder,
        )  # fmt: skip


def texts(
    truth: np.ndarray, chosen: np.ndarray, share: float, epochs: int, random: np.random.Generator
) -> dict[str, str]:
    counts = np.zeros((len(CLASSES), len(CLASSES)), int)
    np.add.at(counts, (truth, chosen), 1)
    curve = share * (1 - np.exp(-np.arange(1, epochs + 1) / 9)) + 0.02 * random.standard_normal(epochs)
    history = "".join(f"{epoch},{1 - value:.5f},{value:.5f}\n" for epoch, value in enumerate(curve, 1))
    matrix = "".join(f"{name},{','.join(map(str, row))}\n" for name, row in zip(CLASSES, counts, strict=True))
    shares = counts.diagonal() / counts.sum(axis=1)
    recall = "".join(f"{name},{share:.4f}\n" for name, share in zip(CLASSES, shares, strict=True))
    figures: dict[str, Any] = {"accuracy": float(np.mean(truth == chosen)), "loss": 1 - share, "macro_f1": share}
    training = {"train_seconds": 900 + 20_000 * random.random(), "images_per_second": 80.0, "device": "NVIDIA T4"}
    return {
        "models/history.csv": f"epoch,val_loss,val_accuracy\n{history}",
        "models/plots/confusion_matrix.csv": f"actual,{','.join(CLASSES)}\n{matrix}",
        "models/plots/per_class.csv": f"class,recall\n{recall}",
        "models/evaluation.json": json.dumps(figures | {"images": len(truth)}),
        "models/training.json": json.dumps(training | {"cost": random.random(), "versions": {"keras": "3.15.0"}}),
    }  # fmt: skip


def answers_file(
    truth: np.ndarray, answers: np.ndarray, classes: Sequence[str], name: str = "probabilities", **others: np.ndarray
) -> bytes:
    """The content of a validation.npz; name: of the answers; others: arrays in place of those that follow."""
    number = np.arange(len(truth))
    arrays = {name: answers, "truth": truth, "classes": np.array(classes, str), "fold": 0 * number}
    ids = np.array([f"{place:06}.jpg" for place in number])
    target = io.BytesIO()
    np.savez(target, **(arrays | {"ids": ids, "row": number} | others))
    return target.getvalue()


def keep_record(folder: Path, version: int) -> str:
    sources = {path: f"{version if place % 3 == 0 else 0:032x}" for place, path in enumerate(SOURCES)}
    record = keep(folder, json.dumps({"sources": sources}))
    return keep(folder, json.dumps([{"md5": record, "relpath": "record.json"}]), ".dir")
