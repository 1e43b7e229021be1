"""Answers come to labels: those that reach the threshold, the likeliest class, or the class that a number falls in."""

import numpy as np
import pytest
from scoretable.scoring.choices import Cut, choose, choose_class, choose_labels

TWO = np.array([[0.5, 0.5], [0.2, 0.8], [0.7, 0.3]], np.float32)


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (Cut(), ""),
        (Cut(0.31236), "threshold 0.3124"),
        (Cut(at_least_one=True), "threshold 0.5, else the likeliest"),
        (Cut(points=(0.4, 1.29996)), "cut points 0.4, 1.3"),
    ],
)
def test_a_cut_is_said_unless_it_is_at_one_half(cut: Cut, said: str) -> None:
    assert cut.describe() == said


def test_between_ordered_classes_lie_the_halves_or_the_points() -> None:
    assert Cut().points_between(4) == (0.5, 1.5, 2.5)
    assert Cut(points=(0.2, 0.9)).points_between(3) == (0.2, 0.9)


def test_a_label_of_several_reaches_the_threshold_and_the_second_of_two_classes_exceeds_it() -> None:
    assert choose_labels(TWO).tolist() == [[True, True], [False, True], [True, False]]
    assert choose_class(TWO).tolist() == [0, 1, 0]


def test_where_no_label_reaches_the_threshold_there_is_none_or_the_first_of_the_likeliest() -> None:
    answers = np.array([[0.1, 0.4, 0.4], [0.9, 0.2, 0.5]])
    assert choose_labels(answers).tolist() == [[False, False, False], [True, False, True]]
    assert choose_labels(answers, at_least_one=True).tolist() == [[False, True, False], [True, False, True]]
    truth = np.zeros((2, 3))
    for filled in (False, True):
        chosen = choose(truth, answers, at_least_one=filled).chosen
        np.testing.assert_array_equal(chosen, choose_labels(answers, at_least_one=filled))
    assert not choose(truth, answers).chosen[0].any()


def test_the_positive_one_of_two_classes_may_be_the_first() -> None:
    assert choose_class(TWO, 0.6, positive=0).tolist() == [1, 1, 0]


@pytest.mark.parametrize("answers", [TWO, np.eye(3, dtype=np.float32)])
def test_a_class_is_a_whole_number(answers: np.ndarray) -> None:
    assert choose_class(answers).dtype == np.int64


def test_choices_know_how_many_classes_there_are_whatever_the_images_have() -> None:
    truth, numbers = np.array([0, 1]), np.array([[0.2], [0.9]])
    assert choose(truth, numbers, cuts=(0.5, 1.5, 2.5)).classes == 4
    assert choose(truth, numbers).classes == 2
    assert choose(truth, TWO[:2]).classes == 2
    assert choose(np.zeros((2, 3)), np.zeros((2, 3))).classes == 3


def test_numbers_fall_between_the_given_points() -> None:
    assert choose(np.array([0, 0]), np.array([[0.2], [1.4]]), cuts=(0.1, 1.5, 2.5)).chosen.tolist() == [1, 1]
