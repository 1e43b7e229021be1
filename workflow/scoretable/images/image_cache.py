"""The image cache: every image of a competition as a row of one array, and what is known about it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoretable.competition.layouts import FURTHER
from scoretable.competition.targets import Targets, build_targets, group_targets
from scoretable.competition.task import TASKS, Form, FurtherTask, Task, has_one_label
from scoretable.workspace.errors import InputError, how_many

SPLITS = ("train", "test")
SOURCE = ["source_height", "source_width", "crop_left", "crop_top", "crop_right", "crop_bottom"]


@dataclass(frozen=True, eq=False)
class ImageCache:
    """An opened cache.

    train_images, test_images: uint8 (N, H, W, 3), RGB, memory-mapped and read-only.
    train, test: one row per image of the array: id (str), label (str, train only), group (str, train only, where the
    competition has a group_column), `SOURCE` (int64, pixels of
    the upright picture; all 0 where a test image could not be read and its row is black), and `further <name>` (str,
    train only, '' where nothing is known) of each of `further_columns`.
    labels: int64 (N,), the group of an image by which folds are stratified, see `targets.group_targets`; where each
    image has one label, its index into `classes`.
    classes: the labels that there are, sorted; empty where labels are numbers.
    fingerprint: sums up all of these in 64 hexadecimal digits.
    task, label_separator: of the competition; they say how to read the labels of `train`.
    form: in which the answers are handed in; no part of the fingerprint, since no model depends on it.
    further_columns: the task of what else is known of the training images, by name.
    """

    train_images: np.ndarray
    test_images: np.ndarray
    train: pd.DataFrame
    test: pd.DataFrame
    labels: np.ndarray
    classes: list[str]
    fingerprint: str
    task: Task = "multiclass"
    label_separator: str = " "
    form: Form = "label"
    further_columns: dict[str, FurtherTask] = field(default_factory=dict)

    @cached_property
    def groups(self) -> np.ndarray | None:
        """Which images stay on one side of a fold, int64 (N,); an image without a group has its own; None for all."""
        if "group" not in self.train:
            return None
        names = self.train["group"]
        alone = "\n" + names.index.astype(str).to_series(index=names.index)  # no name of a group has a line's end
        return pd.factorize(names.where(names.str.strip() != "", alone))[0].astype(np.int64)

    @cached_property
    def targets(self) -> Targets:
        """What the model is to answer for each training image, float32 (N, outputs); see `targets.build_targets`."""
        return build_targets(self.train["label"], self.classes, self.task, self.label_separator)

    @property
    def some_without_label(self) -> bool:
        """Whether an image has none of several labels."""
        return self.task == "multilabel" and bool((self.labels == len(self.classes)).any())

    @property
    def truth(self) -> Targets:
        """What answers are scored against: int64 (N,) where each image has one label, else as `targets`."""
        return self.labels if has_one_label(self.task) else self.targets


def open_cache(folder: Path) -> ImageCache:
    """Open a cache; raise InputError where a file is missing or is not what manifest.json says."""
    path = folder / "manifest.json"
    manifest = _parse(path, lambda: json.loads(path.read_text(encoding="utf-8")))
    try:
        classes, fingerprint, counts = manifest["classes"], manifest["fingerprint"], manifest["counts"]
        task, separator, form = manifest["task"], manifest["label_separator"], manifest["form"]
        further = manifest.get("further_columns", {})
        columns = [FURTHER + name for name in further]
        shapes = {name: (counts[name], manifest["height"], manifest["width"], 3) for name in SPLITS}
    except (KeyError, TypeError) as error:
        raise _damaged(path, f"it lacks {error}") from None
    train_images, test_images = (_open_array(folder / f"{name}.npy", shapes[name]) for name in SPLITS)
    train = _open_table(folder / "train.csv", counts["train"], ["label", *columns])
    test = _open_table(folder / "test.csv", counts["test"])
    if task not in TASKS:
        raise _damaged(path, f"it has the unknown task {task}")
    targets = _parse(folder / "train.csv", lambda: build_targets(train["label"], classes, task, separator))
    labels = group_targets(targets, task)
    meaning = fingerprint, task, separator, form, further
    return ImageCache(train_images, test_images, train, test, labels, classes, *meaning)


def _open_array(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    array = _parse(path, lambda: np.load(path, mmap_mode="r", allow_pickle=False))
    if array.dtype != np.uint8 or array.shape != shape:
        raise _damaged(path, f"it holds {array.dtype} {array.shape} but manifest.json says uint8 {shape}")
    return array


def _open_table(path: Path, rows: int, texts: Sequence[str] = ()) -> pd.DataFrame:
    types = dict.fromkeys(["id", "group", *texts], str)
    table = _parse(path, lambda: pd.read_csv(path, dtype=types, keep_default_na=False))
    missing = {"id", *SOURCE, *texts}.difference(table.columns)
    if missing:
        raise _damaged(path, f"it has no column {min(missing)}")
    if len(table) != rows:
        raise _damaged(path, f"it has {how_many(len(table), 'row')}, but manifest.json says {rows}")
    return table


def _parse(path: Path, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except FileNotFoundError:
        raise _damaged(path, "it is missing") from None
    except (ValueError, EOFError) as error:
        raise _damaged(path, " ".join(str(error).split())) from None


def _damaged(path: Path, reason: str) -> InputError:
    return InputError(f"{path} is damaged ({reason}): delete the folder {path.parent} and run the same command again.")
