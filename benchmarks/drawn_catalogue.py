"""A large catalogue for `catalogue.py`: an archive of many small members, its tables, and a cache of single pixels."""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scoretable.competition.description import Competition
from scoretable.competition.tables import MOST_CELLS
from scoretable.images.image_cache import SOURCE, SPLITS

CONTENT = b"\xff\xd8" + bytes(600)  # of each image: as many bytes as `limits` asks of an archive of many members
GROUP_IMAGES = 10
MOST_LABELS = 4  # of an image of the task multilabel


METRICS = {"ranked": "map_at_k", "columns": "log_loss"}  # by the form that they are for


@dataclass(frozen=True)
class Catalogue:
    """What is drawn, and where. form: of the answer, None for the task's own."""

    folder: Path
    images: int
    classes: int
    task: str
    form: str | None

    @property
    def archive(self) -> Path:
        return self.folder / "catalogue.zip"

    @property
    def cache(self) -> Path:
        return self.folder / "cache"

    @property
    def predictions(self) -> Path:
        return self.folder / "predictions.npz"

    @property
    def competition(self) -> Competition:
        content: dict[str, Any] = {
            "name": "catalogue",
            "title": "A large catalogue",
            "source": "archive",
            "task": self.task,
            "metric": METRICS.get(self.form, "accuracy") if self.task == "multiclass" else "fbeta",
            "train": {"table": "train.csv", "images": "train_images/{id}", "group_column": "place"},
            "test": {"images": "test_images/{id}"},
            "submission": {"form": self.form},
        }
        return Competition.model_validate(content)

    @property
    def names(self) -> list[str]:
        return [f"class {number:05d}".replace(" ", "_") for number in range(self.classes)]


def draw_tables(catalogue: Catalogue) -> dict[str, pd.DataFrame]:
    """Return train.csv and the sample; each class has two images at least, and the later ones fewer than the first."""
    random = np.random.default_rng(0)
    names, images = np.array(catalogue.names), catalogue.images
    places = (catalogue.classes * random.random((images, MOST_LABELS)) ** 2).astype(int)
    twice = np.resize(np.arange(catalogue.classes), min(2 * catalogue.classes, images))
    places[: len(twice), 0] = twice
    ids = [f"{number:07d}.jpg" for number in random.permutation(images)]
    labels = names[places[:, 0]]
    if catalogue.task == "multilabel":
        counts = random.integers(1, MOST_LABELS + 1, images)
        labels = np.array([" ".join(row[:count]) for row, count in zip(names[places], counts, strict=True)])
    groups = random.integers(0, max(images // GROUP_IMAGES, 2), images)
    sample = pd.DataFrame({"image_id": [f"t{number:07d}.jpg" for number in range(images // 10)]})
    columns = ["label"] if catalogue.form != "columns" else catalogue.names
    if len(columns) * len(sample) >= MOST_CELLS:
        raise SystemExit(f"a sample of {len(sample)} rows and {len(columns)} columns is more than a table may have")
    for column in columns:
        sample[column] = "" if catalogue.form != "columns" else "0.5"
    return {"train": pd.DataFrame({"image_id": ids, "label": labels, "place": groups}), "test": sample}


def draw_archive(catalogue: Catalogue) -> None:
    tables = draw_tables(catalogue)
    with zipfile.ZipFile(catalogue.archive, "w", zipfile.ZIP_STORED) as archive:
        for split, table in tables.items():
            for id_ in table["image_id"]:
                archive.writestr(zipfile.ZipInfo(f"{split}_images/{id_}"), CONTENT)
        for name, table in zip(("train.csv", "sample_submission.csv"), tables.values(), strict=True):
            archive.writestr(name, table.to_csv(index=False))


def draw_cache(catalogue: Catalogue) -> None:
    """Write what `build_cache` would of images of one pixel."""
    catalogue.cache.mkdir()
    tables = draw_tables(catalogue)
    for split in SPLITS:
        table = tables[split].rename(columns={"image_id": "id", "place": "group"})
        table = table[["id", *(["label", "group"] if split == "train" else [])]]
        table.assign(**dict.fromkeys(SOURCE, 1)).to_csv(catalogue.cache / f"{split}.csv", index=False)
        pixels = np.random.default_rng(1).integers(0, 256, (len(table), 1, 1, 3), np.uint8)
        np.save(catalogue.cache / f"{split}.npy", pixels)
    manifest = {
        "classes": catalogue.names,
        "fingerprint": "",
        "form": catalogue.form or "label",
        "counts": {split: len(tables[split]) for split in SPLITS},
        "task": catalogue.task,
        "label_separator": " ",
        "height": 1,
        "width": 1,
    }
    (catalogue.cache / "manifest.json").write_text(json.dumps(manifest))
