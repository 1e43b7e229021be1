"""The weights of a blend, worked out by hand."""

import numpy as np
import pytest
from scoretable.blending.weights import greedy_weights, nnls_weights

TRUTH = np.array([[1.0], [2.0], [3.0], [4.0]])


def near(mean: np.ndarray) -> tuple[float, float]:
    return -float(np.abs(mean - TRUTH).max()), 0.0


def test_the_bag_begins_with_the_best_row_and_takes_what_helps_most_again_and_again() -> None:
    terms = np.stack([TRUTH + 1, TRUTH - 2, TRUTH + 5])  # two parts of the first and one of the second: the truth
    np.testing.assert_allclose(greedy_weights(terms, near, rounds=3), [2 / 3, 1 / 3, 0])
    np.testing.assert_allclose(greedy_weights(terms, near, rounds=1), [1, 0, 0])


def test_the_best_bag_of_all_rounds_is_taken_and_not_the_last() -> None:
    terms = np.stack([TRUTH + 1, TRUTH - 2, TRUTH + 5])
    np.testing.assert_allclose(greedy_weights(terms, near, rounds=4), [2 / 3, 1 / 3, 0])


def test_bags_of_equal_score_are_told_apart_by_the_second_number() -> None:
    terms = np.stack([TRUTH + 2, TRUTH + 1])
    np.testing.assert_allclose(greedy_weights(terms, lambda mean: (0.0, near(mean)[0]), rounds=5), [0, 1])


def test_a_row_that_perfects_no_blend_has_no_weight() -> None:
    assert greedy_weights(np.stack([TRUTH, -TRUTH]), near).tolist() == [1, 0]


def test_least_squares_find_the_mixture_that_the_truth_is() -> None:
    random = np.random.default_rng(0)
    terms = random.random((3, 50, 4))
    np.testing.assert_allclose(nnls_weights(terms, 0.3 * terms[0] + 0.7 * terms[2]), [0.3, 0, 0.7], atol=1e-9)


def test_least_squares_are_never_negative_and_add_up_to_one() -> None:
    terms = np.stack([TRUTH * 2, -TRUTH])
    assert nnls_weights(terms, TRUTH).tolist() == [1, 0]


def test_rows_that_tell_nothing_have_equal_weights() -> None:
    assert nnls_weights(np.zeros((4, 5, 2)), np.ones((5, 2))).tolist() == [0.25] * 4


@pytest.mark.parametrize("rounds", [1, 50])
def test_weights_add_up_to_one(rounds: int) -> None:
    terms = np.random.default_rng(1).random((5, 4, 1))
    assert greedy_weights(terms, near, rounds).sum() == pytest.approx(1)
