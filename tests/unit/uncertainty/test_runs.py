"""What draws say of run noise, alone and with the spread of other settings."""

from math import inf
from statistics import stdev

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from scipy.special import polygamma
from scoretable.competition.metric import METRICS, Score
from scoretable.uncertainty.runs import ROUNDING, Spread, Summary, own_spread, pool, summarise
from scoretable.uncertainty.scales import PLAIN, scale_of

SHARES = st.lists(st.integers(0, 100).map(lambda k: k / 100), min_size=2, max_size=8)
ACCURACY = scale_of("accuracy")


@pytest.mark.parametrize("values", [[0.26, 0.32], [0.9, 0.95, 0.99], [0.5, 0.5, 0.51, 0.4, 0.62]])
def test_without_ends_the_interval_of_a_mean_is_students(values: list[float]) -> None:
    found = summarise(values, PLAIN)
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.mean, found.deviation) == pytest.approx((np.mean(values), stdev(values)))


@given(SHARES)
def test_no_interval_of_an_accuracy_leaves_the_possible(values: list[float]) -> None:
    assume(stdev(values) > ROUNDING)
    found = summarise(values, ACCURACY)
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.mean + 1e-12
    assert found.mean - 1e-12 <= found.high <= 1


@pytest.mark.parametrize("metric", METRICS)
def test_no_interval_of_any_metric_leaves_its_range(metric: Score) -> None:
    rules = METRICS[metric]
    lowest, highest = max(rules.lowest, -2.0), min(rules.highest, 2.0)
    for values in ([lowest, highest], [highest, highest - 0.01], [lowest, lowest + 0.01]):
        found = summarise(values, scale_of(metric))
        assert found.low is not None and found.high is not None
        assert rules.lowest <= found.low < found.high <= rules.highest


def test_two_draws_of_an_accuracy_near_1_have_an_interval_below_it() -> None:
    found = summarise([0.84083, 0.80151], ACCURACY)
    assert (found.low, found.high) == (pytest.approx(0.5224, abs=1e-4), pytest.approx(0.9879, abs=1e-4))


def test_draws_that_are_close_together_have_almost_students_interval() -> None:
    values = [0.700, 0.702, 0.699]
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = summarise(values, ACCURACY)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=2e-5)


def test_a_single_draw_alone_has_no_interval() -> None:
    assert summarise([0.84], ACCURACY) == Summary(1, 0.84, None, None, None)
    assert own_spread([0.84], ACCURACY) is None


def test_equal_draws_alone_have_no_interval() -> None:
    assert summarise([0.5, 0.5], ACCURACY) == Summary(2, 0.5, 0.0, None, None)
    assert pool([[0.5, 0.5 + ROUNDING], [0.7]], ACCURACY) is None


def test_a_single_draw_has_the_spread_of_the_others_and_says_so() -> None:
    family = pool([[0.5], [0.6, 0.62], [0.8, 0.83, 0.81]], PLAIN)
    assert family is not None
    spread = family.lend([0.5], PLAIN)
    assert (spread.lenders, spread.freedom) == (2, pytest.approx(3, abs=3))
    assert spread.variance == pytest.approx((0.0002 + 2 * 0.00023333) / 3, rel=1e-3)
    found = summarise([0.5], PLAIN, spread)
    assert (found.deviation, found.lenders) == (None, 2)
    assert found.low is not None and found.high is not None and found.low < 0.5 < found.high


def test_the_only_setting_with_several_draws_keeps_its_own_spread() -> None:
    family = pool([[0.84, 0.8], [0.9]], ACCURACY)
    assert family is not None
    assert family.lend([0.84, 0.8], ACCURACY) == own_spread([0.84, 0.8], ACCURACY)
    assert family.lend([0.84, 0.8], ACCURACY).lenders == 0


def test_settings_that_spread_alike_are_pooled_wholly() -> None:
    family = pool([[0.5, 0.52], [0.6, 0.62], [0.7, 0.72]], PLAIN)
    assert family is not None
    assert family.freedom == inf
    assert family.lend([0.5, 0.52], PLAIN) == Spread(pytest.approx(0.0002), 3, 2)


def test_settings_that_spread_differently_keep_more_of_their_own() -> None:
    settings = [[0.5, 0.5 + 10**-power, 0.5 - 10**-power] for power in (1, 2, 3, 4)]
    family = pool(settings, PLAIN)
    assert family is not None
    assert family.freedom < 3
    variances = [family.lend(scores, PLAIN).variance for scores in settings]
    assert variances == sorted(variances, reverse=True)
    assert variances[0] > 2 * variances[3]


def test_the_weight_of_a_family_is_that_of_smyth() -> None:
    random = np.random.default_rng(3)
    settings = [random.normal(0, deviation, 7).tolist() for deviation in np.exp(random.normal(0, 0.4, 40))]
    family = pool(settings, PLAIN)
    assert family is not None
    beyond = np.var(np.log([stdev(scores) ** 2 for scores in settings]), ddof=1) - polygamma(1, 6 / 2)
    expected = 2 * brentq(lambda half: polygamma(1, half) - beyond, 0.1, 1e4)
    assert family.freedom == pytest.approx(expected, rel=1e-3)
