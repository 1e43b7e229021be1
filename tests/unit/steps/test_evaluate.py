"""Each fold is evaluated by the model that has not seen it, on the images that were held out."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scoretable.competition.description import load_competition
from scoretable.evaluation.report import Answers
from scoretable.models import classifier
from scoretable.prediction import inference
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.scoring.decision import Decision
from scoretable.steps import evaluate
from scoretable.training.folds import split_fold
from unit.small_training import small_cache

CACHE = small_cache()
SANDBOX = load_competition("sandbox", Path(__file__).parents[3] / "workflow/competitions")
FOLDS = 4
MODEL = SimpleNamespace(layers=[SimpleNamespace(name=f"member_{fold}") for fold in range(FOLDS)])


def held_out(fold: int) -> list[int]:
    return split_fold(CACHE.labels, FOLDS, fold, seed=1)[1].tolist()


@pytest.mark.parametrize(
    ("fold", "model", "asked"),
    [
        (2, SimpleNamespace(layers=[], name="alone"), [("alone", held_out(2))]),
        ("all", MODEL, [(f"member_{fold}", held_out(fold)) for fold in range(FOLDS)]),
    ],
)
def test_a_model_is_measured_on_the_images_that_were_held_out_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fold: int | str, model: Any, asked: list[tuple[str, list[int]]]
) -> None:
    predicted: list[tuple[str, list[int]]] = []
    measured: list[tuple[Answers, Any]] = []

    def predict(
        member: Any, images: np.ndarray, rows: np.ndarray, *arguments: Any, **named: Any
    ) -> Iterator[np.ndarray]:
        predicted.append((member.name, rows.tolist()))
        yield np.stack([rows, 100 - rows], axis=1) / 100  # so that each answer says whose it is

    def measure(answers: Answers, images: Any, **named: Any) -> tuple[dict[str, float], Decision]:
        measured.append((answers, images))
        return {"accuracy": 0.5, "correct": 20, "images": 40}, Decision()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluate, "open_cache", lambda folder: CACHE)
    monkeypatch.setattr(evaluate, "write_evaluation", measure)
    monkeypatch.setattr(classifier, "load_model", lambda path: model)
    monkeypatch.setattr(inference, "stream_answers", predict)
    monkeypatch.setattr(pd, "read_csv", lambda path: pd.DataFrame())
    monkeypatch.setattr(evaluate, "load_competition", lambda name: SANDBOX)
    params = Params(fold=fold, validation=1 / FOLDS, seed=1)
    evaluate.run(params, SessionParams(), Layout.of(params), Record("0123", tmp_path))

    assert predicted == asked
    ((answers, images),) = measured
    rows = [row for _, rows in asked for row in rows]
    assert (100 * answers.answers[:, 0]).round().tolist() == rows
    assert answers.image_ids == [f"{row}.jpg" for row in rows]
    assert answers.truth.tolist() == CACHE.labels[rows].tolist()
    assert all(np.array_equal(images[place], CACHE.train_images[row]) for place, row in enumerate(rows))
