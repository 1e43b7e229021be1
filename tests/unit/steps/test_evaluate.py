"""The step measures the answers that are kept, beside the photos that they are of."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scoretable.competition.description import load_competition
from scoretable.evaluation.report import Answers
from scoretable.prediction.validation_answers import save_validation_answers
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.scoring.decision import Decision
from scoretable.steps import evaluate
from scoretable.workspace.errors import InputError
from unit.small_training import small_cache

CACHE = small_cache()
SANDBOX = load_competition("sandbox", Path(__file__).parents[3] / "workflow/competitions")
LAYOUT = Layout.of(Params())
HELD_OUT = {0: np.array([3, 1]), 1: np.array([2])}


@pytest.fixture(autouse=True)
def _answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(evaluate, "open_cache", lambda folder: CACHE)
    monkeypatch.setattr(evaluate, "load_competition", lambda name: SANDBOX)
    blocks = (np.full((len(rows), 2), rows[:, None], np.float32) for rows in HELD_OUT.values())
    save_validation_answers(LAYOUT.validation, blocks, CACHE, HELD_OUT)
    LAYOUT.history.write_text("epoch\n")


def test_each_kept_answer_is_measured_against_its_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[tuple[Answers, Any]] = []

    def measure(answers: Answers, images: Any, **named: Any) -> tuple[dict[str, float], Decision]:
        measured.append((answers, images))
        return {"accuracy": 0.5, "correct": 20, "images": 40}, Decision()

    monkeypatch.setattr(evaluate, "write_evaluation", measure)
    monkeypatch.setattr(pd, "read_csv", lambda path: pd.DataFrame())
    evaluate.run(Params(), SessionParams(), LAYOUT, Record("0123", tmp_path))

    ((answers, images),) = measured
    assert answers.answers[:, 0].tolist() == [3, 1, 2]
    assert answers.image_ids == ["3.jpg", "1.jpg", "2.jpg"]
    assert answers.truth.tolist() == CACHE.labels[[3, 1, 2]].tolist()
    assert all(np.array_equal(images[place], CACHE.train_images[row]) for place, row in enumerate([3, 1, 2]))


def test_answers_that_cannot_be_read_are_refused_by_the_name_of_their_file(tmp_path: Path) -> None:
    content = LAYOUT.validation.read_bytes()
    LAYOUT.validation.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"models/validation.npz is damaged .*make it again with `snakemake"):
        evaluate.run(Params(), SessionParams(), LAYOUT, Record("0123", tmp_path))
