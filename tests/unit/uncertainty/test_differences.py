"""Verdicts on two settings agree with SciPy's tests, stay in the range, and are corrected for their number."""

from statistics import fmean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from scoretable.uncertainty.differences import (
    Difference,
    Noise,
    difference,
    holm,
    in_direction,
    judge,
    paired_difference,
    run_noise,
    seeds_to_settle,
)
from scoretable.uncertainty.runs import ROUNDING, pool
from scoretable.uncertainty.scales import PLAIN, scale_of

SHARES = st.lists(st.integers(0, 100).map(lambda k: k / 100), min_size=2, max_size=8)
ACCURACY = scale_of("accuracy")


def verdict_of(low: float, high: float) -> str:
    return "larger" if low > 0 else "smaller" if high < 0 else "within noise"


SAMPLES = [([0.84, 0.8], [0.9, 0.93]), ([0.5, 0.52, 0.49], [0.6, 0.61, 0.6]), ([0.7, 0.7, 0.75], [0.6, 0.9, 0.66])]


@pytest.mark.parametrize(("first", "second"), [*SAMPLES, ([0.7, 0.8], [0.71, 0.7, 0.74, 0.76, 0.9])])
def test_without_ends_the_interval_of_a_difference_is_welchs(first: list[float], second: list[float]) -> None:
    found = difference(first, second, PLAIN)
    test = stats.ttest_ind(second, first, equal_var=False)
    expected = test.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert (found.value, found.chance) == pytest.approx((fmean(second) - fmean(first), test.pvalue))
    assert found.verdict == verdict_of(expected.low, expected.high)


@pytest.mark.parametrize(("first", "second"), SAMPLES)
def test_without_ends_pairs_are_compared_by_students_test(first: list[float], second: list[float]) -> None:
    found = paired_difference(first, second, PLAIN)
    expected = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    assert found.verdict == verdict_of(expected.low, expected.high)


@given(SHARES, SHARES)
def test_an_interval_of_two_accuracies_holds_their_difference_and_stays_in_the_possible(
    first: list[float], second: list[float]
) -> None:
    found = difference(first, second, ACCURACY)
    assume(found.low is not None and found.high is not None)
    assert -1 <= found.low <= found.value + 1e-9
    assert found.value - 1e-9 <= found.high <= 1


@given(SHARES, SHARES)
def test_a_verdict_says_that_0_is_beyond_the_interval(first: list[float], second: list[float]) -> None:
    found = difference(first, second, ACCURACY)
    assume(found.low is not None and found.high is not None)
    if found.verdict == "within noise":
        assert found.low <= 1e-9 and found.high >= -1e-9
    else:
        assert found.low > 0 or found.high < 0


def test_a_spread_that_is_only_rounding_tells_nothing() -> None:
    apart = 2 * ROUNDING  # two draws so far apart deviate by 1.4 times ROUNDING
    assert difference([0.5, 0.5 + apart / 2], [0.6], ACCURACY).verdict == "unknown"
    assert difference([0.5, 0.5 + apart], [0.6], ACCURACY).verdict == "larger"
    assert paired_difference([0.5, 0.5], [0.6, 0.6 + apart / 2], ACCURACY).verdict == "unknown"
    assert paired_difference([0.5, 0.5], [0.6, 0.6 + apart], ACCURACY).verdict == "larger"


def test_a_single_draw_of_each_tells_nothing_of_the_noise() -> None:
    unknown = Difference(pytest.approx(0.06), None, None, "unknown")
    assert difference([0.84], [0.9], ACCURACY) == paired_difference([0.84], [0.9], ACCURACY) == unknown


def test_the_spread_of_two_draws_counts_for_a_single_one() -> None:
    found = difference([0.84083, 0.80151], [0.90003], ACCURACY)
    assert found.verdict == "within noise"
    assert (found.low, found.high) == (pytest.approx(-0.2994, abs=1e-4), pytest.approx(0.4326, abs=1e-4))


def test_equal_draws_on_one_side_take_the_others_spread_for_all() -> None:
    assert difference([0.5, 0.5, 0.5], [0.6, 0.61, 0.62], ACCURACY).verdict == "larger"
    assert difference([0.6, 0.61, 0.62], [0.5, 0.5, 0.5], ACCURACY).verdict == "smaller"


def test_two_single_draws_are_told_apart_by_the_spread_of_other_settings() -> None:
    family = pool([[0.5], [0.9], [0.70, 0.71], [0.80, 0.81, 0.79], [0.6, 0.605]], ACCURACY)
    assert difference([0.5], [0.9], ACCURACY, family).verdict == "larger"
    assert difference([0.5], [0.51], ACCURACY, family).verdict == "within noise"


def test_a_family_is_known_no_better_for_two_settings_than_for_one() -> None:
    family = pool([[0.5], [0.9], [0.70, 0.71], [0.80, 0.81]], PLAIN)
    assert family is not None
    noise = run_noise([0.5], [0.9], PLAIN, family)
    assert noise == Noise(2 * family.variance, family.known)


@given(SHARES, SHARES | st.just([0.5]))
def test_the_other_way_round_a_difference_has_the_other_sign(first: list[float], second: list[float]) -> None:
    there, back = difference(first, second, ACCURACY), difference(second, first, ACCURACY)
    assert there.value == pytest.approx(-back.value)
    assert there.low is None or (there.low, there.high) == pytest.approx((-(back.high or 0), -(back.low or 0)))


def test_draws_without_a_partner_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        paired_difference([0.5, 0.6], [0.5], ACCURACY)


@pytest.mark.parametrize(
    ("scores", "verdict"), [([0.1, 0.11, 0.12], "smaller (better)"), ([0.9, 0.91], "larger (worse)")]
)
def test_a_verdict_about_a_loss_says_which_way_is_better(scores: list[float], verdict: str) -> None:
    change = difference([0.5, 0.5, 0.51], scores, scale_of("log_loss"))
    assert in_direction(change, larger_is_better=False).verdict == verdict


def test_a_verdict_about_a_share_stays_as_it_is() -> None:
    change = difference([0.5, 0.5, 0.51], [0.9, 0.91], ACCURACY)
    assert in_direction(change, larger_is_better=True) == change


def test_a_loss_that_differs_within_noise_is_no_better() -> None:
    change = difference([0.5, 0.6], [0.5, 0.61], scale_of("log_loss"))
    assert in_direction(change, larger_is_better=False).verdict == "within noise"


def test_two_causes_of_noise_add_up() -> None:
    assert Noise(0.03) + Noise(0.01) == Noise(0.04)
    both = Noise(0.03, 2) + Noise(0.01, 8)
    assert both.variance == pytest.approx(0.04)
    assert both.freedom == pytest.approx(0.04**2 / (0.03**2 / 2 + 0.01**2 / 8))


def test_noise_of_images_alone_is_judged_by_the_normal_distribution() -> None:
    found = judge(0.0, 1.0, Noise(0.25), PLAIN)
    assert (found.low, found.high) == (pytest.approx(1 - 1.959964 / 2), pytest.approx(1 + 1.959964 / 2))


def test_a_few_more_seeds_settle_a_difference_that_is_large() -> None:
    close = seeds_to_settle([0.70, 0.72, 0.71], [0.74, 0.72, 0.73], ACCURACY)
    wide = seeds_to_settle([0.60, 0.72, 0.66], [0.74, 0.62, 0.68], ACCURACY)
    assert close is not None and 1 <= close <= 4
    assert wide is None


def test_more_seeds_do_not_help_where_the_images_are_too_few() -> None:
    draws = [0.70, 0.72, 0.71], [0.74, 0.72, 0.73]
    assert seeds_to_settle(*draws, ACCURACY, images=0.01) is None


def test_more_differences_that_are_looked_at_need_more_seeds() -> None:
    draws = [0.70, 0.72, 0.71], [0.74, 0.72, 0.73]
    one, many = (seeds_to_settle(*draws, ACCURACY, looked_at=count) for count in (1, 20))
    assert one is not None and many is not None and many > one


def test_holms_correction_is_that_of_statsmodels() -> None:
    # multipletests([0.04, 0.001, 0.03, 0.5], method="holm") of statsmodels 0.14
    assert holm([0.04, 0.001, 0.03, 0.5]) == pytest.approx([0.09, 0.004, 0.09, 0.5])
    assert holm([]) == []
    assert holm([0.6, 0.9]) == [1.0, 1.0]
