"""On a scale a score has no ends, and what comes back from it lies in the metric's range."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.metric import METRICS, Score
from scoretable.uncertainty.scales import PLAIN, Scale, scale_of

PLACES = st.floats(-1e6, 1e6)


def some_scores(metric: Score) -> np.ndarray:
    """Scores of a metric's range, with its ends."""
    rules = METRICS[metric]
    return np.linspace(max(rules.lowest, -5.0), min(rules.highest, 5.0), 21)


@pytest.mark.parametrize("metric", METRICS)
def test_a_score_comes_back_from_its_scale(metric: Score) -> None:
    scale, scores = scale_of(metric), some_scores(metric)
    assert scale.back(scale.forward(scores)) == pytest.approx(scores, abs=1e-9)
    assert (np.diff(scale.forward(scores)) > 0).all()


@pytest.mark.parametrize("metric", METRICS)
@given(place=PLACES)
def test_no_place_of_a_scale_is_beyond_the_range(metric: Score, place: float) -> None:
    rules = METRICS[metric]
    assert rules.lowest <= scale_of(metric).back(place) <= rules.highest


@pytest.mark.parametrize("metric", METRICS)
@given(middle=st.floats(-10, 10), distance=PLACES)
def test_no_difference_is_more_than_the_range_allows(metric: Score, middle: float, distance: float) -> None:
    rules = METRICS[metric]
    found = scale_of(metric).apart(middle, distance)
    assert abs(found) <= rules.highest - rules.lowest
    assert found * distance >= 0


def test_the_noise_of_a_share_is_as_large_wherever_it_lies() -> None:
    scale, images = scale_of("accuracy"), 400
    shares = np.array([0.1, 0.5, 0.9])
    draws = np.random.default_rng(0).binomial(images, shares, (20_000, 3)) / images
    assert np.std(scale.forward(draws), axis=0) == pytest.approx(3 * [0.5 / images**0.5], rel=0.02)


def test_a_slope_is_how_fast_scores_change() -> None:
    assert Scale(-1, 1).slope(np.pi / 4) == pytest.approx(2.0, rel=1e-3)
    assert Scale(0.0, np.inf).slope(np.log(3)) == pytest.approx(3.0, rel=1e-3)


def test_scores_of_an_unknown_metric_stay_as_they_are() -> None:
    assert scale_of(None) == PLAIN
    assert PLAIN.back(PLAIN.forward([-3.0, 7.0])).tolist() == [-3.0, 7.0]
