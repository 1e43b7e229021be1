"""What a look at the data found, as plain values: the JSON file, of which the page shows the head."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from scoretable.audit.look import Look
from scoretable.audit.repeats import Repeat
from scoretable.audit.shift import Shift
from scoretable.duplicates.alike import REACH

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
TELLING = 24  # images that tell most, of each kind


def describe(look: Look) -> dict[str, Any]:
    """Return all that was found, in lists, dicts, texts and numbers; images by their ids."""
    train_ids, test_ids = (table["id"].tolist() for table in (look.cache.train, look.cache.test))
    return {
        "task": look.cache.task,
        "images": {"train": len(train_ids), "test": len(test_ids), "test_unread": len(test_ids) - len(look.known)},
        "classes": [{"name": each.name, "train": len(each.rows), "folds": each.folds} for each in look.classes],
        "sizes": _sizes(look),
        "figures": {name: _quantiles(look, str(name)) for name in look.train.figures},
        "duplicates": _duplicates(look, train_ids, test_ids),
        "train_and_test": _shift(look, look.shift, train_ids, test_ids) if look.shift else None,
        "label_suspects": {
            "images": look.answered,
            "not_told": look.why,
            "list": [
                {"id": train_ids[each.row], "label": each.label, "answer": each.answer,
                 "certainty": round(each.certainty, 4)}
                for each in look.suspects or []
            ],
        },
    }  # fmt: skip


def telling_rows(shift: Shift, known: np.ndarray, train: int) -> tuple[list[int], list[int]]:
    """Return the places of the training images that look most like test images, and of the test images least like them.

    The first are what to validate on; of the second, the model knows by most that they are test images.
    """
    ours, others = shift.scores[:train], shift.scores[train:]
    like = np.argsort(-ours, kind="stable")[:TELLING]
    unlike = np.argsort(-others, kind="stable")[:TELLING]
    return like.tolist(), known[unlike].tolist()


def _sizes(look: Look) -> list[dict[str, Any]]:
    tables = {"train": look.train.figures, "test": look.test.figures}
    counts = pd.DataFrame({name: table.groupby(["width", "height"]).size() for name, table in tables.items()})
    counts = counts.fillna(0).astype(int)
    order = counts.loc[counts.sum(axis=1).sort_values(ascending=False, kind="stable").index].reset_index()
    return [{str(key): int(value) for key, value in row.items()} for row in order.to_dict("records")]


def _quantiles(look: Look, name: str) -> dict[str, list[float]]:
    tables = {"train": look.train.figures, "test": look.test.figures}
    return {
        split: [round(float(value), 4) for value in np.quantile(table[name], QUANTILES)] if len(table) else []
        for split, table in tables.items()
    }


def _duplicates(look: Look, train_ids: list[str], test_ids: list[str]) -> dict[str, Any]:
    repeats = look.repeats
    within = [repeat for repeat in repeats if len(repeat.train) > 1]
    across = [repeat for repeat in repeats if repeat.train and repeat.test]
    return {
        "reach_bits": REACH,
        "groups": len(repeats),
        "within_train": {"groups": len(within), "images": sum(len(repeat.train) for repeat in within)},
        "train_and_test": {"groups": len(across), "test_images": sum(len(repeat.test) for repeat in across)},
        "different_labels": sum(repeat.differs for repeat in repeats),
        "identical": sum(repeat.identical for repeat in repeats),
        "held_out": [{"fold": fold, "images": images, "with_copy_in_training": copies}
                     for fold, (images, copies) in enumerate(look.leaks)],
        "list": [_repeat(repeat, train_ids, test_ids) for repeat in repeats],
    }  # fmt: skip


def _repeat(repeat: Repeat, train_ids: list[str], test_ids: list[str]) -> dict[str, Any]:
    return {
        "train": _names(train_ids, repeat.train), "test": _names(test_ids, repeat.test), "labels": repeat.labels,
        "identical": repeat.identical,
    }  # fmt: skip


def _shift(look: Look, shift: Shift, train_ids: list[str], test_ids: list[str]) -> dict[str, Any]:
    like, unlike = telling_rows(shift, look.known, len(train_ids))
    return {
        "auc": round(shift.auc.value, 4),
        "interval": [round(shift.auc.low, 4), round(shift.auc.high, 4)],
        "features": [
            {"name": name, "auc": round(auc, 4), "train_mean": round(ours, 4), "test_mean": round(others, 4)}
            for name, auc, ours, others in shift.features
        ],
        "train_most_like_test": _names(train_ids, like),
        "test_least_like_train": _names(test_ids, unlike),
    }


def _names(ids: list[str], rows: Iterable[int]) -> list[str]:
    return [ids[row] for row in rows]
