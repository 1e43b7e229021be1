"""A threshold and cut points are the best ones of the images that they were found on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.competition.metric import METRICS, Score
from scoretable.scoring import cut_points
from scoretable.scoring.cut_points import find_cut_points, find_threshold, has_cut_points, has_threshold
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


@pytest.mark.parametrize(
    ("metric", "of_sets", "of_two", "of_three"),
    [
        ("f1", True, True, False),
        ("macro_f1", True, True, False),
        ("accuracy", True, False, False),
        ("error", True, False, False),
        ("fbeta", True, False, False),
        ("mean_auc", False, False, False),
    ],
)
def test_a_threshold_is_looked_for_where_the_metric_counts_labels(
    metric: Score, of_sets: bool, of_two: bool, of_three: bool
) -> None:
    places = np.array([0, 1, 1, 0])
    assert has_threshold(metric, SETS, TIMID) == of_sets
    assert [has_threshold(metric, places, np.zeros((4, classes))) for classes in (1, 2, 3)] == [False, of_two, of_three]


def test_cut_points_are_looked_for_where_one_number_stands_for_ordered_classes() -> None:
    places, numbers = np.array([0, 1, 1, 0]), np.zeros((4, 1))
    assert has_cut_points("accuracy", places, numbers)
    assert has_cut_points("quadratic_weighted_kappa", places, numbers)
    assert not has_cut_points("rmse", places, numbers)
    assert not has_cut_points("accuracy", places, np.zeros((4, 2)))
    assert not has_cut_points("accuracy", numbers, numbers)


def test_tried_are_one_half_and_what_lies_just_below_the_answers_to_true_labels() -> None:
    answers = np.array([[0.75, 0.125], [0.25, 0.625]], np.float32)
    below = [float(np.nextafter(np.float32(answer), np.float32(0))) for answer in (0.25, 0.75)]
    assert cut_points._thresholds(np.array([[1.0, 0.0], [1.0, 0.0]]), answers) == [0.5, *below]
    of_second = [float(np.nextafter(np.float32(0.625), np.float32(0)))]
    assert cut_points._thresholds(np.array([0, 1]), answers) == [0.5, *of_second]
    assert cut_points._thresholds(np.array([0, 0]), answers) == [0.5]


def test_the_threshold_is_that_of_beta_and_of_at_least_one_label() -> None:
    truth = np.array([[1.0, 0.0], [1.0, 1.0]])
    answers = np.array([[0.4, 0.1], [0.4, 0.1]], np.float32)
    assert find_threshold("fbeta", truth, answers, beta=0.5) == pytest.approx(0.4)
    assert find_threshold("fbeta", truth, answers, beta=2) == pytest.approx(0.1)
    assert find_threshold("fbeta", truth, answers, beta=0.5, at_least_one=True) == 0.5  # as good as 0.4


def test_cut_points_move_where_a_smaller_error_is_better_too_and_stay_where_nothing_gains() -> None:
    truth, numbers = np.array([0, 0, 1, 1]), np.array([[0.6], [0.7], [0.8], [0.9]])
    assert score("error", truth, numbers, cuts=find_cut_points(truth, numbers, 2, "error")) == 0
    assert find_cut_points(truth, truth[:, None] + 0.1, 4) == (0.5, 1.5, 2.5)
    first_of_equals = np.quantile(numbers, 9 / 24)
    assert find_cut_points(truth, numbers, 2, "accuracy") == pytest.approx((first_of_equals,))


def test_a_cut_point_is_tried_at_25_quantiles_of_the_numbers_between_its_neighbours() -> None:
    numbers = np.arange(100.0)
    moved = cut_points._moved((9.0, 20.0, 60.0), 1, numbers)
    assert [cuts[::2] for cuts in moved] == [(9.0, 60.0)] * 25
    assert [cuts[1] for cuts in moved] == pytest.approx(np.quantile(np.arange(10.0, 60), np.linspace(0, 1, 25)))
    assert cut_points._moved((9.0, 9.5), 0, numbers)[-1] == (9.0, 9.5)
    assert cut_points._moved((9.0, 9.5), 1, numbers)[0] == (9.0, 10.0)
    assert cut_points._moved((9.0, 9.5, 9.75), 1, numbers) == []


def test_very_many_answers_are_tried_at_fewer_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = np.linspace(0, 1, 1000, dtype=np.float32).reshape(-1, 2)
    assert len(cut_points._thresholds(np.ones_like(answers), answers)) == 102
    monkeypatch.setattr(cut_points, "MOST_CELLS", 1)
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
