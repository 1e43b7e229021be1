"""Intervals and verdicts agree with SciPy's tests."""

from statistics import fmean, stdev

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scoretable.table.statistics import (
    ROUNDING,
    Difference,
    Summary,
    difference,
    in_direction,
    paired_difference,
    summarise,
)

SCORES = st.lists(st.integers(0, 100).map(lambda k: k / 100), min_size=2, max_size=8)


@given(SCORES)
def test_the_interval_of_a_mean_is_students(values: list[float]) -> None:
    assume(len(set(values)) > 1)
    found = summarise(values)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.draws, found.mean) == (len(values), pytest.approx(fmean(values)))
    assert found.deviation == pytest.approx(stdev(values))


@given(SCORES, SCORES)
def test_the_interval_of_a_difference_is_welchs(first: list[float], second: list[float]) -> None:
    assume(len(set(first)) > 1 and len(set(second)) > 1)
    found = difference(first, second)
    test = stats.ttest_ind(second, first, equal_var=False)
    expected = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.value == pytest.approx(fmean(second) - fmean(first))
    assert found.verdict == verdict_of(expected.low, expected.high)


@given(st.lists(st.tuples(*[st.integers(0, 100).map(lambda k: k / 100)] * 2), min_size=2, max_size=8))
def test_pairs_are_compared_by_their_differences(pairs: list[tuple[float, float]]) -> None:
    first, second = map(list, zip(*pairs, strict=True))
    assume(stdev(b - a for a, b in pairs) > ROUNDING)
    found = paired_difference(first, second)
    expected = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.value == pytest.approx(fmean(second) - fmean(first))
    assert found.verdict == verdict_of(expected.low, expected.high)


def verdict_of(low: float, high: float) -> str:
    return "larger" if low > 0 else "smaller" if high < 0 else "within noise"


def test_a_spread_that_is_only_rounding_tells_nothing() -> None:
    apart = 2 * ROUNDING  # two draws so far apart deviate by 1.4 times ROUNDING
    assert difference([0.5, 0.5 + apart / 2], [0.6]).verdict == "unknown"
    assert difference([0.5, 0.5 + apart], [0.6]).verdict == "larger"
    assert paired_difference([0.5, 0.5], [0.6, 0.6 + apart / 2]).verdict == "unknown"
    assert paired_difference([0.5, 0.5], [0.6, 0.6 + apart]).verdict == "larger"


def test_a_single_draw_of_each_tells_nothing_of_the_noise() -> None:
    assert difference([0.84], [0.9]).verdict == "unknown"
    assert paired_difference([0.84], [0.9]).verdict == "unknown"
    assert summarise([0.84]) == Summary(1, 0.84, None, None, None)
    unknown = Difference(pytest.approx(0.06), None, None, "unknown")
    assert difference([0.84], [0.9]) == paired_difference([0.84], [0.9]) == unknown


def test_the_spread_of_two_draws_counts_for_a_single_one() -> None:
    found = difference([0.84083, 0.80151], [0.90003])
    assert found.verdict == "within noise"
    assert (found.low, found.high) == (pytest.approx(-0.3538, abs=1e-4), pytest.approx(0.5115, abs=1e-4))


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


def test_a_loss_that_differs_within_noise_is_no_better() -> None:
    assert in_direction(difference([0.5, 0.6], [0.5, 0.61]), larger_is_better=False).verdict == "within noise"


@given(SCORES, SCORES | st.just([0.5]))
def test_the_other_way_round_a_difference_has_the_other_sign(first: list[float], second: list[float]) -> None:
    there, back = difference(first, second), difference(second, first)
    assert there.value == pytest.approx(-back.value)
    assert there.low is None or (there.low, there.high) == pytest.approx((-(back.high or 0), -(back.low or 0)))


def test_draws_without_a_partner_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([0.5, 0.6], [0.5])
