"""Intervals and tests of shares agree with SciPy, or with figures of statsmodels 0.14."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scoretable.uncertainty.shares import clopper_pearson, mcnemar, paired_interval, wilson

SOME = [(0, 1), (1, 1), (3, 10), (96, 96), (64, 96), (2341, 2601)]
COUNTS = st.integers(1, 3_000).flatmap(lambda images: st.tuples(st.integers(0, images), st.just(images)))


@pytest.mark.parametrize("counts", SOME)
def test_wilsons_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    expected = stats.binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize("counts", SOME)
def test_the_exact_interval_is_that_of_scipy(counts: tuple[int, int]) -> None:
    expected = stats.binomtest(*counts).proportion_ci(method="exact")
    assert clopper_pearson(*counts) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 0), (0, 5), (3, 5), (20, 41), (7, 7)])
def test_mcnemars_test_is_that_of_a_fair_coin(only_first: int, only_second: int) -> None:
    tosses = only_first + only_second
    expected = stats.binomtest(only_first, tosses).pvalue if tosses else 1.0
    assert mcnemar(only_first, only_second) == pytest.approx(expected)


def test_two_rows_on_the_same_images_have_bonett_and_prices_interval() -> None:
    low, high = paired_interval(6, 1, 50)  # by hand: (7/52 + 2/52 - (5/52)^2) / 52 = 0.0031507
    assert (low, high) == (pytest.approx(-5 / 52 - 0.110016, abs=1e-5), pytest.approx(-5 / 52 + 0.110016, abs=1e-5))


def test_two_rows_that_answer_alike_still_have_an_interval() -> None:
    low, high = paired_interval(0, 0, 100)
    assert low == -high
    assert 0.02 < high < 0.04


@given(COUNTS, st.floats(0, 1))
def test_an_interval_of_two_shares_stays_within_the_possible(counts: tuple[int, int], share: float) -> None:
    differing, images = counts
    low, high = paired_interval(round(share * differing), differing - round(share * differing), images)
    assert -1 <= low <= high <= 1


def test_intervals_are_worked_out_of_whole_arrays() -> None:
    low, high = wilson(np.array([0, 50, 100]), 100)
    assert (low[0], high[2]) == (0, 1)
    assert low.shape == high.shape == (3,)
