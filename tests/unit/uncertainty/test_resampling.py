"""The noise of images, by resampling them, is that of the formulas where there is one."""

import numpy as np
import pytest
from scoretable.scoring.scores import score
from scoretable.uncertainty.resampling import freedom_of, image_noise
from scoretable.uncertainty.scales import PLAIN, scale_of

RANDOM = np.random.default_rng(5)


def test_the_noise_of_a_mean_is_its_standard_error() -> None:
    values = RANDOM.normal(0, 1, 300)
    noise = image_noise(lambda chosen: values[chosen].mean(), 300, PLAIN, rounds=4_000)
    assert noise is not None
    assert noise.variance == pytest.approx(values.var(ddof=1) / 300, rel=0.07)


def test_two_rows_are_compared_on_the_same_images() -> None:
    hard = RANDOM.normal(0, 1, 300)
    first, second = hard + RANDOM.normal(0, 0.1, 300), hard + RANDOM.normal(0, 0.1, 300)
    noise = image_noise(lambda chosen: [first[chosen].mean(), second[chosen].mean()], 300, PLAIN)
    assert noise is not None
    assert noise.variance == pytest.approx((second - first).var() / 300, rel=0.15)
    assert noise.variance < 0.1 * 2 * first.var() / 300


@pytest.mark.turns(4)  # scikit-learn takes a millisecond for each of its 450 values
def test_the_noise_of_an_auc_is_hanley_and_mcneils() -> None:
    truth = np.repeat([0, 1], [200, 100])
    second = np.concatenate([RANDOM.normal(0, 1, 200), RANDOM.normal(1, 1, 100)])
    answers = np.column_stack([-second, second])
    answers = 1 / (1 + np.exp(-answers))
    noise = image_noise(lambda chosen: score("auc", truth[chosen], answers[chosen]), 300, PLAIN, rounds=150)
    auc = score("auc", truth, answers)
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)  # Hanley and McNeil (1982), equation 2
    expected = (auc * (1 - auc) + 99 * (q1 - auc**2) + 199 * (q2 - auc**2)) / (100 * 200)
    assert noise is not None
    assert noise.variance == pytest.approx(expected, rel=0.35)


def test_images_without_a_value_of_the_metric_are_left_out() -> None:
    truth, answers = np.array([0] * 9 + [1]), np.column_stack([np.linspace(1, 0, 10), np.linspace(0, 1, 10)])
    answers[8:] = answers[[9, 8]]
    noise = image_noise(lambda chosen: score("auc", truth[chosen], answers[chosen]), 10, scale_of("auc"), rounds=60)
    assert noise is not None and noise.variance > 0


def test_images_that_are_all_answered_alike_tell_nothing() -> None:
    assert image_noise(lambda chosen: 1.0, 50, scale_of("auc"), rounds=20) is None


def test_the_same_rows_have_the_same_noise() -> None:
    values = RANDOM.normal(0, 1, 40)
    once, again = (image_noise(lambda chosen: values[chosen].mean(), 40, PLAIN, rounds=50) for _ in range(2))
    assert once == again


def test_noise_that_a_few_images_make_is_known_less_well() -> None:
    even = np.tile([-1.0, 0.0, 1.0], 100)
    few = np.zeros(300)
    few[:3] = 1.0
    assert freedom_of(even, 300) > 300
    assert freedom_of(few, 300) < 10
