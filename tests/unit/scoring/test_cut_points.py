"""A threshold and cut points are the best ones of the images that they were found on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.competition.metric import METRICS, Score
from scoretable.scoring import cut_points
from scoretable.scoring.cut_points import find_cut_points, find_threshold
from scoretable.scoring.scores import score

SETS = np.array([[1, 0], [0, 1], [1, 1], [0, 0]], np.float32)
TIMID = np.array([[0.4, 0.1], [0.2, 0.35], [0.45, 0.4], [0.1, 0.2]], np.float32)  # all true labels lie above 0.3


def test_labels_that_are_never_above_one_half_are_found_by_a_lower_threshold() -> None:
    threshold = find_threshold("f1", SETS, TIMID)
    assert 0.2 < threshold <= 0.35
    assert (score("f1", SETS, TIMID), score("f1", SETS, TIMID, threshold=threshold)) == (0, 1)


def test_of_equally_good_thresholds_the_one_nearest_to_one_half_is_taken() -> None:
    assert find_threshold("f1", SETS, np.where(SETS > 0, 0.9, 0.1).astype(np.float32)) == 0.5


def test_the_threshold_of_two_classes_is_that_of_the_second() -> None:
    truth, second = np.array([0, 0, 1, 1]), np.array([0.1, 0.2, 0.3, 0.4])
    answers = np.column_stack([1 - second, second])
    assert score("f1", truth, answers, threshold=find_threshold("f1", truth, answers)) == 1


def test_without_a_true_label_the_threshold_stays_at_one_half() -> None:
    assert find_threshold("f1", np.zeros((2, 2)), TIMID[:2]) == 0.5


@pytest.mark.parametrize("metric", ["f1", "macro_f1", "mean_f1", "fbeta", "accuracy", "error"])
@given(seed=st.integers(0, 10_000))
@settings(max_examples=3, deadline=None)
def test_no_threshold_of_a_grid_is_better_where_each_true_answer_was_tried(metric: Score, seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, (12, 3)).astype(np.float32)
    truth[:, 0] = 1
    answers = np.clip(generator.normal(0.3, 0.2, truth.shape) + 0.2 * truth, 0, 1).astype(np.float32)
    sign = 1 if METRICS[metric].larger_is_better else -1
    found = sign * score(metric, truth, answers, threshold=find_threshold(metric, truth, answers))
    assert found >= max(sign * score(metric, truth, answers, threshold=grid) for grid in np.linspace(0, 1, 41))


def test_very_many_answers_are_tried_at_fewer_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut_points, "MOST_CELLS", 1)
    answers = np.linspace(0, 1, 1000, dtype=np.float32).reshape(-1, 2)
    assert len(cut_points._thresholds(np.ones_like(answers), answers)) == 12


def test_cut_points_part_classes_whose_numbers_are_shifted() -> None:
    truth = np.repeat([0, 1, 2], 10)
    numbers = (truth + np.tile(np.linspace(0.6, 0.9, 10), 3))[:, None]
    cuts = find_cut_points(truth, numbers, 3)
    assert score("quadratic_weighted_kappa", truth, numbers, cuts=cuts) == 1


@given(seed=st.integers(0, 10_000))
@settings(max_examples=4, deadline=None)
def test_cut_points_rise_and_score_no_less_than_the_halves(seed: int) -> None:
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 4, 40)
    numbers = (0.6 * truth + generator.normal(0, 0.5, 40))[:, None].astype(np.float32)
    cuts = find_cut_points(truth, numbers, 5)
    assert len(cuts) == 4
    assert all(np.diff(cuts) > 0)
    assert score("quadratic_weighted_kappa", truth, numbers, cuts=cuts) >= score(
        "quadratic_weighted_kappa", truth, numbers, cuts=(0.5, 1.5, 2.5, 3.5)
    )
