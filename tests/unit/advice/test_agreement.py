"""How far local and public scores go together."""

from pathlib import Path

import numpy as np
import pytest
from made_experiments import add_experiment
from scipy.stats import rankdata
from scoretable.advice.agreement import Agreement, agreement, correlation_interval
from scoretable.advice.outlook import Split, outlooks
from scoretable.table.table import read_score_table


def found(repository: Path, *scores: tuple[float, float | None]) -> Agreement | None:
    for place, (local, public) in enumerate(scores):
        add_experiment(repository, f"row{place}", local, public=public, epochs=1 + place)
    return agreement(outlooks(read_score_table(repository), "sandbox", Split(300, 700), repository))


def test_scores_of_one_order_correlate(repository: Path) -> None:
    told = found(repository, (0.5, 0.52), (0.6, 0.61), (0.7, 0.73), (0.8, 0.82), (0.9, None))
    assert told is not None
    assert (told.rows, told.correlation) == (4, pytest.approx(1))
    assert told.apart == pytest.approx(0.02)
    assert told.is_noise


def test_a_spread_that_images_do_not_explain_is_no_noise(repository: Path) -> None:
    told = found(repository, (0.5, 0.9), (0.6, 0.2), (0.7, 0.9), (0.8, 0.3))
    assert told is not None
    assert not told.is_noise


def test_three_rows_say_nothing(repository: Path) -> None:
    assert found(repository, (0.5, 0.52), (0.6, 0.61), (0.7, 0.73)) is None


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_the_interval_of_a_rank_correlation_holds_as_often_as_it_says(correlation: float) -> None:
    random, truth = np.random.default_rng(0), 6 / np.pi * np.arcsin(correlation / 2)  # Pearson 1907
    held = []
    for _ in range(1_000):
        first = random.standard_normal(12)
        second = correlation * first + np.sqrt(1 - correlation**2) * random.standard_normal(12)
        low, high = correlation_interval(float(np.corrcoef(rankdata(first), rankdata(second))[0, 1]), 12)
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.97
