"""Learning-rate schedules."""

import pytest
from scoretable.training.early_stopping import rank_epochs
from scoretable.training.schedules import build_schedule, plateau_rate


def rates(name: str, warmup: float = 0.0) -> list[float]:
    schedule = build_schedule(name, 0.5, 100, warmup)
    return [float(schedule(step)) for step in range(101)]  # type: ignore[operator]


def test_cosine_goes_from_the_peak_to_zero() -> None:
    course = rates("cosine")
    assert (course[0], course[50]) == (pytest.approx(0.5), pytest.approx(0.25))
    assert course[100] == pytest.approx(0.0, abs=1e-7)


def test_a_warm_up_rises_from_zero_to_the_peak() -> None:
    course = rates("cosine", warmup=0.2)
    assert (course[0], course[10], course[20]) == (pytest.approx(0), pytest.approx(0.25), pytest.approx(0.5))
    assert course[100] == pytest.approx(0.0, abs=1e-7)
    constant = rates("constant", warmup=0.2)
    assert (constant[0], constant[10], constant[100]) == (pytest.approx(0), pytest.approx(0.25), pytest.approx(0.5))


def test_one_cycle_rises_and_falls() -> None:
    course = rates("one_cycle")
    assert course[0] == pytest.approx(0.02, rel=1e-4)
    assert max(course) == pytest.approx(course[30]) == pytest.approx(0.5)
    assert (course[15], course[65]) == (pytest.approx(0.26), pytest.approx(0.250025))
    assert course[100] == pytest.approx(0.00005, rel=1e-2)


def test_without_warm_up_a_constant_rate_is_a_number() -> None:
    assert build_schedule("constant", 0.5, 100, 0.0) == 0.5
    assert build_schedule("reduce_on_plateau", 0.5, 100, 0.0) == 0.5


def test_a_plateau_lowers_the_rate_after_three_epochs_without_a_lower_loss() -> None:
    def rate_after(*losses: float) -> float:
        return plateau_rate(1.0, rank_epochs([{"val_loss": loss} for loss in losses], "loss"))

    assert rate_after(3.0, 2.0, 2.0, 2.5) == 1.0
    assert rate_after(3.0, 2.0, 2.0, 2.5, 2.1) == pytest.approx(0.3)
    assert rate_after(3.0, 2.0, 2.0, 2.5, 2.1, 1.0, 1.1) == pytest.approx(0.3)
    assert rate_after(*[1.0] * 7) == pytest.approx(0.09)


def test_a_plateau_is_one_of_the_competitions_score_in_its_own_direction() -> None:
    history = [{"val_auc": auc, "val_loss": loss} for auc, loss in ((0.9, 4.0), (0.8, 3.0), (0.7, 2.0), (0.6, 1.0))]
    assert plateau_rate(1.0, rank_epochs(history, "auc")) == pytest.approx(0.3)
    assert plateau_rate(1.0, rank_epochs(history, "loss")) == 1.0
