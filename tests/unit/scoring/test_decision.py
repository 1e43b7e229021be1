"""What is handed in is cut where other images say so, and its score is one that other images can expect."""

import itertools
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scoretable.competition.metric import Score
from scoretable.competition.task import Task
from scoretable.scoring import cut_points, decision
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


def beside_each_other(images: int) -> tuple[NDArray, NDArray]:
    """Images in turn of the first label, of both, and of the first; 0.5 finds the labels of the third kind alone.

    A threshold below 0.4 costs recall of the second kind, and one below 0.1 precision of the others.
    """
    truth, answers = [[1, 0], [1, 1], [1, 0]], [[0.4, 0.1], [0.4, 0.1], [0.9, 0.1]]
    places = np.arange(images) % 3
    return np.array(truth, np.float32)[places], np.array(answers, np.float32)[places]


def of_half(recall: float) -> float:
    """The F-beta of beta 0.5 where all answered labels are right."""
    return 1.25 * recall / (0.25 + recall)


PRECISE = Measure("fbeta", "multilabel", 2, beta=0.5)


def test_a_found_threshold_stands_with_the_score_at_one_half_and_the_optimistic_one() -> None:
    truth, answers = beside_each_other(30)
    decided = decide(PRECISE, truth, answers)
    found = round((2 + of_half(1 / 2)) / 3, 9)
    assert decided.figures == {
        "fbeta": found,
        "threshold": pytest.approx(0.4),
        "fbeta_at_half": round(1 / 3, 9),
        "fbeta_at_threshold": found,
    }
    assert decided.figures["threshold"] < np.float32(0.4)
    np.testing.assert_array_equal(decided.chosen, np.tile([True, False], (30, 1)))


def test_found_cut_points_are_one_less_than_the_classes() -> None:
    truth = np.tile([0, 1, 2], 10)  # and no image of the fourth class
    numbers = (truth - np.repeat(np.linspace(0.6, 0.9, 10), 3))[:, None].astype(np.float32)  # all too small
    decided = decide(Measure("accuracy", "ordinal", 4), truth, numbers)
    first, second, third = decided.figures.pop("cut_points")
    assert -0.6 < first <= 0.1
    assert 0.4 < second <= 1.1
    assert third == 2.5
    assert decided.figures == {"accuracy": 1, "accuracy_at_half": round(1 / 3, 9), "accuracy_at_cut_points": 1}
    np.testing.assert_array_equal(decided.chosen, truth)


def test_cut_points_are_those_of_the_measures_own_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision, "find_cut_points", lambda truth, answers, classes, metric="kappa": (classes, metric))
    truth, numbers = draw_grades(5, 0)
    assert find_cut(Measure("error", "ordinal", 5), truth, numbers).points == (5, "error")


def test_each_part_is_cut_where_the_other_four_parts_say(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, answers = beside_each_other(30)
    numbered = answers + np.arange(30, dtype=np.float32)[:, None] / 1000
    seen = []
    found = decision.find_cut
    monkeypatch.setattr(decision, "find_cut", lambda *args: seen.append(args[2][:, 1].tolist()) or found(*args))
    decide(PRECISE, truth, numbered)
    assert [len(part) for part in seen] == [24, 24, 24, 24, 24, 30]
    left_out = [set(seen[-1]) - set(part) for part in seen[:5]]
    assert len(set.union(*left_out)) == 30


@pytest.mark.parametrize("truth", [np.arange(43) % 4 // 2, np.eye(3)[np.arange(41) % 3] * (np.arange(41) % 2)[:, None]])
def test_each_part_has_its_share_of_each_class_or_number_of_labels(truth: NDArray) -> None:
    count = truth if truth.ndim == 1 else truth.sum(axis=1)
    order = sorted(np.random.default_rng(0).permutation(len(truth)), key=lambda image: count[image])
    expected = dict(zip(order, itertools.cycle(range(5)), strict=False))
    assert decision.deal(truth, decision.PARTS).tolist() == [expected[image] for image in range(len(truth))]


@pytest.mark.parametrize(
    ("measure", "draw"), [(KAPPA, draw_grades), (Measure("mean_f1", "multilabel", 6), draw_sets)], ids=["kappa", "f1"]
)
def test_the_headline_is_what_other_images_reach_where_the_score_of_the_same_ones_is_too_high(
    measure: Measure, draw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut_points, "MOST_THRESHOLDS", 21)  # of all of them it takes four seconds
    told, optimistic, reached = [], [], []
    for seed in range(4):
        truth, answers = draw(120, seed)
        figures = decide(measure, truth, answers).figures
        _, cut = parse_figures(json.dumps(figures).encode(), "e.json")
        told.append(figures[measure.metric])
        optimistic.append(measure.score(truth, answers, cut))
        reached.append(measure.score(*draw(5000, 1000 + seed), cut))
    assert abs(np.mean(told) - np.mean(reached)) < 0.02
    assert np.mean(optimistic) > np.mean(told)


def test_cuts_that_other_images_do_not_confirm_are_not_taken() -> None:
    truth = np.random.default_rng(1).integers(0, 2, (200, 3)).astype(np.float32)
    answers = np.where(truth > 0, 0.9, 0.1).astype(np.float32)
    decided = decide(Measure("f1", "multilabel", 3), truth, answers)
    assert decided.figures == {"f1": 1, "threshold": 0.5, "f1_cross_fitted": 1}
    assert decided.reason == "since no other was better"


@pytest.mark.parametrize("metric", ["accuracy", "error"])
def test_a_cut_by_which_other_images_score_worse_is_not_taken(metric: Score) -> None:
    generator = np.random.default_rng(0)
    truth, answers = generator.integers(0, 2, (40, 2)).astype(np.float32), generator.random((40, 2)).astype(np.float32)
    decided = decide(Measure(metric, "multilabel", 2), truth, answers)
    assert set(decided.figures) == {metric, "threshold", f"{metric}_cross_fitted"}
    worse = decided.figures[metric] - decided.figures[f"{metric}_cross_fitted"]
    assert (worse > 0) if metric == "accuracy" else (worse < 0)
    np.testing.assert_array_equal(decided.chosen, answers >= 0.5)


@pytest.mark.parametrize(
    ("images", "rule", "reason"), [(29, "found", "takes 30 images"), (300, "half", "as the competition's file says")]
)
def test_few_images_and_the_competitions_file_leave_the_cut_at_one_half(images: int, rule: Any, reason: str) -> None:
    truth, numbers = draw_grades(images, 0)
    decided = decide(KAPPA, truth, numbers, rule)
    assert decided.figures["cut_points"] == [0.5, 1.5, 2.5, 3.5]
    assert set(decided.figures) == {"quadratic_weighted_kappa", "cut_points"}
    assert reason in decided.reason
    np.testing.assert_array_equal(decided.chosen, np.clip(np.floor(numbers[:, 0] + 0.5), 0, 4))


def test_the_positive_class_is_the_one_with_the_threshold() -> None:
    truth = np.tile([0, 1], 100)
    first = np.where(truth == 0, 0.3, 0.1)  # that it is the first class is never thought likely
    first[::20] = 0.1  # a tenth of the first class, which is not found
    answers = np.column_stack([first, 1 - first]).astype(np.float32)
    figures = decide(Measure("f1", "binary", 2, positive=0), truth, answers).figures
    assert (figures["f1_at_half"], figures["f1"]) == (0, round(2 * 0.9 / 1.9, 9))
    assert 0.1 <= figures["threshold"] < 0.3


@pytest.mark.parametrize(
    ("metric", "task"), [("log_loss", "binary"), ("mean_auc", "multilabel"), ("accuracy", "multiclass")]
)
def test_a_metric_that_cuts_nothing_has_its_score_alone(metric: Score, task: Task) -> None:
    truth = np.eye(2, dtype=np.float32) if task == "multilabel" else np.array([0, 1])
    decided = decide(Measure(metric, task, 2), truth, np.array([[0.6, 0.4], [0.3, 0.7]], np.float32))
    assert list(decided.figures) == [metric]
    assert decided.chosen is None


def test_the_cut_is_read_back_exactly() -> None:
    assert parse_figures(json.dumps({"f1": 1, "threshold": 1 / 3}).encode(), "e.json")[1] == Cut(1 / 3) != PLAIN
    assert parse_figures(b'{"cut_points": [0.25, 1]}', "e.json")[1] == Cut(points=(0.25, 1))
    assert parse_figures(b'{"accuracy": 1}', "e.json")[1] == PLAIN


def test_where_each_image_has_a_label_the_score_is_of_the_likeliest_one_and_the_cut_says_so() -> None:
    truth = np.eye(3, dtype=np.float32)[np.arange(60) % 3]
    answers = 0.2 + 0.1 * truth.astype(np.float32)  # right, and all below 0.5
    sparse = Measure("mean_f1", "multilabel", 3)
    assert (sparse.score(truth, answers), replace(sparse, at_least_one=True).score(truth, answers)) == (0, 1)
    decided = decide(replace(sparse, at_least_one=True), truth, answers)
    assert decided.figures == {"mean_f1": 1, "threshold": 0.5, "empty": "likeliest", "mean_f1_cross_fitted": 1}
    assert decided.chosen is not None
    assert decided.chosen.any(axis=1).all()
    assert parse_figures(json.dumps(decided.figures).encode(), "e.json")[1] == Cut(at_least_one=True)
    assert describe_cut(decided.figures, "mean_f1") == "threshold 0.5, else the likeliest"


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
    assert describe_cut({"f1": 0.61, "cut_points": [0.4, 1.5], "f1_at_half": 0.55}, "f1") == (
        "cut points 0.4, 1.5 (f1 0.6100 by cross-fitting, 0.5500 at the halves)"
    )
    assert describe_cut({"auc": 0.61}, "auc") == ""
