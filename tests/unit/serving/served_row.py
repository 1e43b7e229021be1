"""A saved row with a random model, made from a small archive without any training."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import yaml
from made_experiments import add_experiment, add_output, commit, keep
from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.task import count_outputs, resolve_head
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.models.classifier import build_classifier, save_model
from scoretable.prediction.predictions import load_predictions
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.steps import predict, preprocess
from unit.archives import competition, encode, make_zip, photo

NAME = "mine"
LABELS = {
    "multiclass": lambda number: ("blast", "normal", "tungro", "hispa")[number % 4],
    "binary": lambda number: "01"[number % 2],
    "multilabel": lambda number: ("scab", "scab rust", "rust", "mould")[number % 4],
    "ordinal": lambda number: str(number % 3),
    "regression": lambda number: f"{300 + number}.5",
}
ORIENTATION = 0x0112


@dataclass(frozen=True)
class Served:
    """folder: of the test images' files; answers: float32 (columns,) of the row itself to each, by file name.

    pixels: uint8 (n, height, width, 3), the test images as the row has seen them.
    """

    row: str
    folder: Path
    answers: dict[str, np.ndarray]
    classes: list[str]
    pixels: np.ndarray


def draw_photos() -> dict[str, bytes]:
    """As cameras and telephones leave them: large, small, turned, grey, transparent, and of other formats."""
    turned = photo(48, 90, 101).getexif()
    turned[ORIENTATION] = 6
    grey, clear = photo(70, 50, 103).convert("L"), photo(31, 77, 104).convert("RGBA")
    clear.putalpha(128)
    return {
        "100.jpg": encode(photo(400, 300, 100), quality=90),
        "101.jpg": encode(photo(48, 90, 101), exif=turned, quality=90),
        "102.jpg": encode(photo(7, 5, 102), quality=90),
        "103.png": encode(grey, "PNG"),
        "104.png": encode(clear, "PNG"),
        "105.webp": encode(photo(60, 61, 105), "WEBP"),
        "106.bmp": encode(photo(33, 20, 106), "BMP"),
    }


def serve(folder: Path, task: str = "multiclass", figures: dict[str, Any] | None = None, **params: Any) -> Served:
    """Save a row in the repository `folder`, which is the working directory.

    figures: of evaluation.json, such as the threshold.
    """
    settings = Params(
        competition="leaves", model="SmallCNN", weights=None, image_size="40x32", validation=0.5, **params
    )
    layout = Layout.of(settings)
    photos = describe_leaves(task, layout)
    preprocess.run(settings, SessionParams(), layout, Record("0", layout.lineage_folder("preprocess")))
    cache = open_cache(layout.cache)
    save_model(random_model(settings, cache), layout.model)
    predict.run(settings, SessionParams(), layout, Record("0", layout.lineage_folder("predict")))
    predictions = load_predictions(layout.predictions, cache.task)
    answers = dict(zip(predictions.ids, np.array(predictions.answers), strict=True))
    kept = [{"md5": keep(folder, path.read_bytes()), "relpath": path.name} for path in layout.cache.iterdir()]
    outputs = {str(path): path.read_bytes() for path in (layout.model, layout.validation)}
    outputs[str(layout.evaluation)] = json.dumps(figures or {}).encode()
    pixels = np.array(cache.test_images)
    for made in ("models", "data"):  # the row's own copies must do
        shutil.rmtree(made)
    commit(folder)
    add_experiment(folder, NAME, 0.5, **settings.model_dump())
    for path, content in outputs.items():
        add_output(folder, NAME, path, content)
    add_output(folder, NAME, str(layout.cache), json.dumps(kept).encode(), ".dir")
    return Served(NAME, write_photos(Path("photos"), photos), answers, cache.classes, pixels)


def describe_leaves(task: str, layout: Layout) -> dict[str, bytes]:
    """Write a competition's file and its archive, and return its test images by name."""
    parts = competition(task=task, train={"table": "train.csv", "images": "train_images/{id}"})
    content = parts.model_dump(exclude_unset=True, exclude={"name"})
    (COMPETITIONS / "leaves.yaml").write_text(yaml.safe_dump(content))
    photos = draw_photos()
    train = {f"{number}.jpg": LABELS[task](number) for number in range(16)}
    lines = {
        "train.csv": ["image_id,label", *(f"{name},{label}" for name, label in train.items())],
        "sample_submission.csv": ["image_id,label", *(f"{name},{train['0.jpg']}" for name in photos)],
    }
    members = {name: "\n".join(rows).encode() for name, rows in lines.items()}
    members |= {f"train_images/{name}": encode(photo(24, 32, number)) for number, name in enumerate(train)}
    layout.archive.parent.mkdir(parents=True)
    make_zip(layout.archive, members | {f"test_images/{name}": content for name, content in photos.items()})
    return photos


def random_model(params: Params, cache: ImageCache) -> keras.Model:
    """A model whose answers differ from photo to photo."""
    task = load_competition(params.competition).task
    activation, _ = resolve_head(task, None, None)
    keras.utils.set_random_seed(1)
    outputs = count_outputs(task, len(cache.classes))
    return build_classifier(params.model, None, params.height, params.width, outputs, activation, params.dropout)


def write_photos(folder: Path, photos: dict[str, bytes]) -> Path:
    """Write the files and return their folder."""
    folder.mkdir()
    for name, content in photos.items():
        (folder / name).write_bytes(content)
    return folder
