"""Each fold that was held out is answered by the model that has not seen it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scoretable.models import classifier
from scoretable.prediction import inference
from scoretable.prediction.predictions import load_predictions
from scoretable.prediction.validation_answers import load_validation_answers
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.steps import predict
from scoretable.training.folds import split_fold
from unit.small_training import small_cache

CACHE = small_cache()
FOLDS = 4
ALONE = SimpleNamespace(layers=[], name="alone")
SEVERAL = SimpleNamespace(layers=[SimpleNamespace(name=f"member_{fold}") for fold in range(FOLDS)], name="mean")


def held_out(fold: int) -> list[int]:
    return split_fold(CACHE.labels, FOLDS, fold, seed=1)[1].tolist()


@pytest.mark.parametrize(
    ("fold", "model", "members"),
    [(2, ALONE, {2: "alone"}), ("all", SEVERAL, {fold: f"member_{fold}" for fold in range(FOLDS)})],
)
def test_a_validation_image_is_answered_by_the_model_that_has_not_seen_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fold: int | str, model: Any, members: dict[int, str]
) -> None:
    asked: list[tuple[str, str, list[int], tuple[str, ...]]] = []

    def answer(
        model: Any, images: np.ndarray, rows: np.ndarray, tta: tuple[str, ...], **named: Any
    ) -> Iterator[np.ndarray]:  # so that each answer says whose it is
        asked.append((model.name, "train" if images is CACHE.train_images else "test", rows.tolist(), tta))
        yield np.stack([rows, 100 - rows], axis=1).astype(np.float32)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predict, "open_cache", lambda folder: CACHE)
    monkeypatch.setattr(classifier, "load_model", lambda path: model)
    monkeypatch.setattr(inference, "stream_answers", answer)
    params = Params(fold=fold, validation=1 / FOLDS, seed=1, tta="flip")
    layout = Layout.of(params)
    predict.run(params, SessionParams(), layout, Record("0123", tmp_path))

    test_rows = list(range(len(CACHE.test)))
    assert asked == [
        (model.name, "test", test_rows, ("flip",)),
        *((name, "train", held_out(number), ("flip",)) for number, name in members.items()),
    ]
    assert load_predictions(layout.predictions, CACHE.task).answers[:, 0].tolist() == test_rows
    kept = load_validation_answers(layout.validation, CACHE.task)
    rows = [row for number in members for row in held_out(number)]
    assert kept.answers[:, 0].tolist() == kept.row.tolist() == rows
    assert kept.ids == [f"{row}.jpg" for row in rows]
    assert kept.truth.tolist() == CACHE.labels[rows].tolist()
    assert kept.fold.tolist() == [number for number in members for _ in held_out(number)]
    assert kept.classes == CACHE.classes
