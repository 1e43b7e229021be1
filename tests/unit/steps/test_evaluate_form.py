"""The step scores the answers as they are handed in, in the form that the sample shows."""

import json
from pathlib import Path

import numpy as np
import pytest
from scoretable.competition.description import load_competition
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.prediction.validation_answers import save_validation_answers
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.steps import evaluate
from unit.archives import encode, make_zip, photo

IMAGES = 80  # of which 40 are held out, enough for a threshold of their own
FILE = """
title: Leaves
source: archive
task: multilabel
metric: f1
train: {table: train.csv, label_columns: [rust, scab], images: "train/{id}"}
test: {images: "test/{id}"}
submission: {form: null}
"""


def figures_of(sample: str, form: str) -> dict[str, float]:
    """Evaluate drawn answers in the working folder, and return its figures."""
    folder = Path("workflow/competitions")
    folder.mkdir(parents=True)
    (folder / "leaves.yaml").write_text(FILE.replace("form: null", f"form: {form}"))
    members = {f"train/{number}.png": encode(photo(32, 32, number), "PNG") for number in range(IMAGES)}
    rows = "".join(f"{number}.png,{number % 2},{number // 2 % 2}\n" for number in range(IMAGES))
    members |= {"train.csv": b"image_id,rust,scab\n" + rows.encode(), "sample_submission.csv": sample.encode()}
    members["test/t.png"] = encode(photo(32, 32), "PNG")
    params = Params(competition="leaves", image_size=32)
    layout = Layout.of(params)
    archive = make_zip(Path("a.zip"), members)
    build_cache(archive, load_competition("leaves"), layout.cache, 32, 32, "stretch", "ignore", 0.0, "refuse")
    held_out = np.arange(IMAGES // 2)
    answers = np.random.default_rng(0).random((len(held_out), 2), np.float32)
    save_validation_answers(layout.validation, [answers], open_cache(layout.cache), {0: held_out})
    layout.history.write_text("epoch,loss,val_loss,val_f1\n1,1,1,0.5\n")
    evaluate.run(params, SessionParams(), layout, Record("evaluate", layout.lineage_folder("evaluate")))
    return dict(json.loads(layout.evaluation.read_text()))


@pytest.mark.parametrize(
    ("sample", "form", "is_cut"),
    [
        ("image_id,rust,scab\nt.png,0.5,0.5\n", "columns", False),
        ("image_id,labels\nt.png,rust scab\n", "null", True),
    ],
)
def test_no_threshold_is_looked_for_where_the_sample_wants_probabilities(
    sample: str, form: str, is_cut: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undrawn: None
) -> None:
    monkeypatch.chdir(tmp_path)
    figures = figures_of(sample, form)
    assert ("f1_at_half" in figures or "f1_cross_fitted" in figures) == is_cut
    assert is_cut or figures["threshold"] == 0.5
    assert "empty" not in figures  # since every fourth training image has no label
