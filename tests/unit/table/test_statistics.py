"""Intervals and verdicts agree with SciPy's tests."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scoretable.table.statistics import difference, in_direction, paired_difference, summarise

SCORES = st.lists(st.integers(0, 100).map(lambda k: k / 100), min_size=2, max_size=8)


@given(SCORES)
def test_the_interval_of_a_mean_is_students(values: list[float]) -> None:
    assume(len(set(values)) > 1)
    found = summarise(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


@given(SCORES, SCORES)
def test_the_interval_of_a_difference_is_welchs(first: list[float], second: list[float]) -> None:
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    found = difference(first, second)
    test = stats.ttest_ind(second, first, equal_var=False)
    expected = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.verdict == "within noise") == (expected.low <= 0 <= expected.high)


@given(SCORES)
def test_pairs_are_compared_by_their_differences(values: list[float]) -> None:
    found = paired_difference(values, [value + 0.1 + 0.001 * (place % 2) for place, value in enumerate(values)])
    assert found.value == pytest.approx(0.1, abs=0.001)
    assert found.verdict == "larger"


def test_a_single_draw_of_each_tells_nothing_of_the_noise() -> None:
    assert difference([0.84], [0.9]).verdict == "unknown"
    assert paired_difference([0.84], [0.9]).verdict == "unknown"
    assert summarise([0.84]).low is None


def test_the_spread_of_two_draws_counts_for_a_single_one() -> None:
    found = difference([0.84083, 0.80151], [0.90003])
    assert found.verdict == "within noise"
    assert found.low == pytest.approx(-0.3538, abs=1e-4)


def test_equal_draws_tell_nothing_of_the_noise() -> None:
    assert difference([0.5, 0.5], [0.6, 0.6]).verdict == "unknown"
    assert paired_difference([0.5, 0.52], [0.6, 0.62]).verdict == "unknown"


def test_equal_draws_on_one_side_take_the_others_spread_for_all() -> None:
    assert difference([0.5, 0.5, 0.5], [0.6, 0.61, 0.62]).verdict == "larger"
    assert difference([0.6, 0.61, 0.62], [0.5, 0.5, 0.5]).verdict == "smaller"


@pytest.mark.parametrize(
    ("scores", "verdict"), [([0.1, 0.11, 0.12], "smaller (better)"), ([0.9, 0.91], "larger (worse)")]
)
def test_a_verdict_about_a_loss_says_which_way_is_better(scores: list[float], verdict: str) -> None:
    assert in_direction(difference([0.5, 0.5, 0.51], scores), larger_is_better=False).verdict == verdict


def test_a_verdict_about_a_share_stays_as_it_is() -> None:
    change = difference([0.5, 0.5, 0.51], [0.9, 0.91])
    assert in_direction(change, larger_is_better=True) == change
