"""The hours of a study end it, and leave room for the confirmation where a whole call has that."""

import pytest
from scoretable.study.budget import HOUR, Budget, BudgetSpent, ChoosingEnded


def test_without_a_limit_any_run_may_begin() -> None:
    Budget(None, spent=100 * HOUR).check(HOUR, HOUR)


def test_choosing_ends_before_a_run_that_would_use_up_what_is_kept() -> None:
    budget = Budget(6, spent=3 * HOUR)
    budget.check(expected=HOUR, reserved=2 * HOUR)
    with pytest.raises(ChoosingEnded):
        budget.check(expected=1.1 * HOUR, reserved=2 * HOUR)


def test_nothing_is_kept_where_a_whole_call_has_no_room_for_it() -> None:
    Budget(6, spent=3 * HOUR).check(expected=HOUR, reserved=5.5 * HOUR)
    with pytest.raises(BudgetSpent):
        Budget(6, spent=6 * HOUR).check(expected=HOUR, reserved=5.5 * HOUR)
