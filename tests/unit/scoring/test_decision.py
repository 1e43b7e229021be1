"""What is handed in is cut where other images say so, and its score is one that other images can expect."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scoretable.competition.metric import Score
from scoretable.competition.task import Task
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.scoring.decision import decide, describe_cut, find_cut, parse_figures
from scoretable.scoring.measure import Measure
from scoretable.workspace.errors import InputError

KAPPA = Measure("quadratic_weighted_kappa", "ordinal", 5)
SHARES = [0.49, 0.10, 0.27, 0.05, 0.09]  # of the grades in aptos2019-blindness-detection


def draw_grades(images: int, seed: int, shrink: float = 0.6) -> tuple[NDArray, NDArray]:
    """Grades and numbers that are drawn towards their mean, as a regression's are."""
    generator = np.random.default_rng(seed)
    truth = generator.choice(5, images, p=SHARES)
    numbers = 1.2 + shrink * (truth + generator.normal(0, 0.6, images) - 1.2)
    return truth, numbers[:, None].astype(np.float32)


def draw_sets(images: int, seed: int, shy: float = 1.5) -> tuple[NDArray, NDArray]:
    """Labels, and probabilities that are too small."""
    generator = np.random.default_rng(seed)
    truth = (generator.random((images, 6)) < [0.25, 0.3, 0.1, 0.2, 0.06, 0.1]).astype(np.float32)
    logits = 1.5 * (generator.normal(0, 1, truth.shape) + 2.4 * truth - 2.2) - shy
    return truth, (1 / (1 + np.exp(-logits))).astype(np.float32)


def test_a_found_threshold_stands_with_the_score_at_one_half_and_the_optimistic_one() -> None:
    figures = decide(Measure("mean_f1", "multilabel", 6), *draw_sets(300, 0)).figures
    assert list(figures) == ["mean_f1", "threshold", "mean_f1_at_half", "mean_f1_at_threshold"]
    assert figures["mean_f1_at_half"] < figures["mean_f1"]
    assert figures["threshold"] < 0.4


def test_found_cut_points_are_one_less_than_the_classes() -> None:
    truth, numbers = draw_grades(300, 0)
    decision = decide(KAPPA, truth, numbers)
    assert list(decision.figures)[:2] == ["quadratic_weighted_kappa", "cut_points"]
    assert len(decision.figures["cut_points"]) == 4
    assert decision.chosen is not None
    assert decision.chosen.shape == truth.shape


@pytest.mark.parametrize(
    ("measure", "draw"), [(KAPPA, draw_grades), (Measure("mean_f1", "multilabel", 6), draw_sets)], ids=["kappa", "f1"]
)
def test_the_headline_is_what_other_images_reach_where_the_score_of_the_same_ones_is_too_high(
    measure: Measure, draw: Any
) -> None:
    told, optimistic, reached = [], [], []
    for seed in range(4):
        truth, answers = draw(120, seed)
        figures = decide(measure, truth, answers).figures
        cut = find_cut(measure, truth, answers)
        told.append(figures[measure.metric])
        optimistic.append(measure.score(truth, answers, cut))
        reached.append(measure.score(*draw(5000, 1000 + seed), cut))
    assert abs(np.mean(told) - np.mean(reached)) < 0.02
    assert np.mean(optimistic) > np.mean(told)


def test_cuts_that_other_images_do_not_confirm_are_not_taken() -> None:
    truth = np.random.default_rng(1).integers(0, 2, (200, 3)).astype(np.float32)
    answers = np.where(truth > 0, 0.9, 0.1).astype(np.float32)
    decision = decide(Measure("f1", "multilabel", 3), truth, answers)
    assert decision.figures == {"f1": 1, "threshold": 0.5, "f1_cross_fitted": 1}
    assert decision.reason == "since no other was better"


@pytest.mark.parametrize(
    ("images", "rule", "reason"), [(29, "found", "takes 30 images"), (300, "half", "as the competition's file says")]
)
def test_few_images_and_the_competitions_file_leave_the_cut_at_one_half(images: int, rule: Any, reason: str) -> None:
    decision = decide(KAPPA, *draw_grades(images, 0), rule)
    assert decision.figures["cut_points"] == [0.5, 1.5, 2.5, 3.5]
    assert set(decision.figures) == {"quadratic_weighted_kappa", "cut_points"}
    assert reason in decision.reason


def test_the_positive_class_is_the_one_with_the_threshold() -> None:
    truth = np.tile([0, 1], 100)
    first = np.where(truth == 0, 0.3, 0.1)  # that it is the first class is never thought likely
    answers = np.column_stack([first, 1 - first]).astype(np.float32)
    figures = decide(Measure("f1", "binary", 2, positive=0), truth, answers).figures
    assert (figures["f1_at_half"], figures["f1"]) == (0, 1)
    assert 0.1 <= figures["threshold"] < 0.3


@pytest.mark.parametrize(
    ("metric", "task"), [("log_loss", "binary"), ("mean_auc", "multilabel"), ("accuracy", "multiclass")]
)
def test_a_metric_that_cuts_nothing_has_its_score_alone(metric: Score, task: Task) -> None:
    truth = np.eye(2, dtype=np.float32) if task == "multilabel" else np.array([0, 1])
    decision = decide(Measure(metric, task, 2), truth, np.array([[0.6, 0.4], [0.3, 0.7]], np.float32))
    assert list(decision.figures) == [metric]
    assert decision.chosen is None


def test_the_cut_is_read_back_exactly() -> None:
    figures = decide(Measure("fbeta", "multilabel", 6), *draw_sets(100, 0)).figures
    assert parse_figures(json.dumps(figures).encode(), "e.json")[1] == Cut(figures["threshold"]) != PLAIN
    assert parse_figures(b'{"cut_points": [0.25, 1]}', "e.json")[1] == Cut(points=(0.25, 1))
    assert parse_figures(b'{"accuracy": 1}', "e.json")[1] == PLAIN


def test_where_each_image_has_a_label_the_score_is_of_the_likeliest_one_and_the_cut_says_so() -> None:
    truth = np.eye(3, dtype=np.float32)[np.arange(60) % 3]
    answers = 0.2 + 0.1 * truth.astype(np.float32)  # right, and all below 0.5
    sparse = Measure("mean_f1", "multilabel", 3)
    assert (sparse.score(truth, answers), replace(sparse, at_least_one=True).score(truth, answers)) == (0, 1)
    decision = decide(replace(sparse, at_least_one=True), truth, answers)
    assert decision.figures == {"mean_f1": 1, "threshold": 0.5, "empty": "likeliest", "mean_f1_cross_fitted": 1}
    assert decision.chosen is not None
    assert decision.chosen.any(axis=1).all()
    assert parse_figures(json.dumps(decision.figures).encode(), "e.json")[1] == Cut(at_least_one=True)
    assert describe_cut(decision.figures, "mean_f1") == "threshold 0.5, else the likeliest"


def test_a_found_threshold_is_the_best_one_beside_the_likeliest_labels() -> None:
    truth, answers = draw_sets(300, 0)
    truth[:, 0] = np.where(truth.any(axis=1), truth[:, 0], 1)
    measure = Measure("mean_f1", "multilabel", 6, at_least_one=True)
    cut = find_cut(measure, truth, answers)
    grid = [measure.score(truth, answers, Cut(float(threshold))) for threshold in np.linspace(0.02, 0.9, 45)]
    assert cut.at_least_one
    assert measure.score(truth, answers, cut) >= max(grid) - 1e-3
    assert cut.threshold != find_cut(replace(measure, at_least_one=False), truth, answers).threshold


@pytest.mark.parametrize("content", [b"", b"[]", b'{"threshold": "high"}', b'{"cut_points": 3}'])
def test_a_damaged_evaluation_is_refused_with_its_name(content: bytes) -> None:
    with pytest.raises(InputError, match=r"models/evaluation.json is damaged"):
        parse_figures(content, "models/evaluation.json")


def test_a_cut_is_said_with_what_it_brings() -> None:
    assert describe_cut({"f1": 0.61, "threshold": 0.3124, "f1_at_half": 0.55}, "f1") == (
        "threshold 0.3124 (f1 0.6100 by cross-fitting, 0.5500 at 0.5)"
    )
    assert describe_cut({"f1": 0.61, "cut_points": [0.5, 1.5]}, "f1") == "cut points 0.5, 1.5"
    assert describe_cut({"auc": 0.61}, "auc") == ""
