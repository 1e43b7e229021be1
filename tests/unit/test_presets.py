"""Each preset goes from its archive to a file that a grader of its own accepts, and reports that grader's score."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_competitions import DRAWN, draw_archive
from graders import GRADERS, Grader, build_solution, read_csv, refuse_misfit
from scoretable.competition.description import Competition, load_competition
from scoretable.competition.sample import read_sample
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.prediction.predictions import Predictions
from scoretable.prediction.submission import write_submission
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Record
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.scoring.decision import parse_figures
from scoretable.steps import download, evaluate, predict, preprocess, submission, train
from scoretable.training.folds import split_fold

ROOT = Path(__file__).parents[2]
STEPS = (download, preprocess, train, predict, evaluate, submission)
pytestmark = [pytest.mark.usefixtures("one_block", "undrawn"), pytest.mark.turns(4)]


def row_of(name: str) -> Params:
    return Params(
        competition=name, model="SmallCNN", weights=None, image_size=32, epochs=1, batch_size=16, validation=0.5,
        learning_rate=0.01, augment="none",
    )  # fmt: skip


def run_steps(params: Params, layout: Layout) -> None:
    shutil.copytree(ROOT / "workflow/competitions", "workflow/competitions")
    archive = Path(f"data/archives/{params.competition}.zip")
    archive.parent.mkdir(parents=True)
    archive.write_bytes(draw_archive(params.competition))
    for step in STEPS:
        run: Callable[..., str] = step.run
        name = step.__name__.rpartition(".")[2]
        record = Record(name, layout.lineage_folder(name))
        run(params, SessionParams(), layout, record, **({"fetch": None} if step is download else {}))


def reported_at(figures: dict[str, Any], metric: str) -> float:
    """Return the score of what would be handed in for the images that an evaluation is of.

    A headline that comes of a found threshold, or found cut points, is cross-fitted; the score at them has its own key.
    """
    names = (f"{metric}_at_threshold", f"{metric}_at_cut_points", metric)
    return next(figures[name] for name in names if name in figures)


def answer_held_out(params: Params, layout: Layout, cache: ImageCache, competition: Competition) -> pd.DataFrame:
    """Return the answers to the images of the held-out fold, as they would be handed in, by row of the cache."""
    from scoretable.models.classifier import load_model
    from scoretable.prediction.inference import predict_answers

    _, rows = split_fold(cache.labels, params.folds, 0, params.seed, cache.groups)
    answers = predict_answers(load_model(layout.model), cache.train_images, rows, task=cache.task)
    sample = read_sample(layout.archive, competition.submission)
    asked = pd.concat([sample[:1]] * len(rows), ignore_index=True)
    asked[competition.submission.id_column] = rows.astype(str)
    _, cut = parse_figures(layout.evaluation.read_bytes(), str(layout.evaluation))
    predictions = Predictions(answers, rows.astype(str).tolist(), cache.classes)
    write_submission(predictions, asked, competition, Path("held_out.csv"), cut)
    return read_csv(Path("held_out.csv"))


def classes_of(cache: ImageCache, separator: str) -> set[str]:
    cells = cache.train["label"]
    return set(cells) | {label for cell in cells for label in cell.split(separator)}


def draw_solution(grader: Grader, cache: ImageCache, sample: pd.DataFrame, separator: str) -> pd.DataFrame:
    """Return true answers to the test images, drawn from the labels of the training images, all of them where any."""
    labels = np.random.default_rng(0).permutation(np.resize(cache.train["label"].unique(), len(sample)))
    return build_solution(grader, labels.tolist(), list(sample.columns), separator)


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_the_preset_ends_in_a_file_that_an_independent_grader_accepts_and_reports_its_score(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    params, grader = row_of(name), GRADERS[name]
    layout = Layout.of(params)
    run_steps(params, layout)

    competition, cache = load_competition(name), open_cache(layout.cache)
    separator = competition.label_separator if competition.task == "multilabel" else ""
    handed_in, sample = read_csv(layout.submission), read_sample(layout.archive, competition.submission)
    refuse_misfit(grader, handed_in, sample, classes_of(cache, separator or "\n"))
    grader.grade(draw_solution(grader, cache, sample, separator), handed_in)

    held_out = answer_held_out(params, layout, cache, competition)
    labels = cache.train["label"].iloc[held_out.iloc[:, 0].astype(int)].tolist()
    graded = grader.grade(build_solution(grader, labels, list(sample.columns), separator), held_out)
    figures = json.loads(layout.evaluation.read_text())
    assert reported_at(figures, competition.score) == pytest.approx(graded, abs=1e-6)
    at_half = figures.get(f"{competition.score}_at_half", figures[competition.score])
    assert pd.read_csv(layout.history)[f"val_{competition.score}"].iloc[-1] == pytest.approx(at_half, abs=1e-6)
    assert json.loads(layout.metrics.read_text()) == {competition.score: figures[competition.score]}
