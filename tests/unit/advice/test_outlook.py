"""What a row's local and public score say of its private one."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_experiments import add_experiment, add_output
from scoretable.advice.outlook import Split, combine, find_split, outlooks
from scoretable.table.table import read_score_table
from scoretable.uncertainty.scales import scale_of

PADDY = "paddy-disease-classification"


def predictions(images: int) -> bytes:
    file = io.BytesIO()
    np.savez(file, ids=np.arange(images).astype(str))
    return file.getvalue()


def test_the_private_part_is_the_test_images_without_the_public_ones_of_the_competitions_file(repository: Path) -> None:
    add_experiment(repository, "one", 0.9, competition=PADDY)
    assert find_split(read_score_table(repository), PADDY) is None
    add_output(repository, "one", "data/predictions.npz", predictions(3469))
    table = read_score_table(repository)
    assert find_split(table, PADDY) == Split(2601, 868)
    assert find_split(table, "sandbox") is None


def test_an_interval_holds_the_private_score_as_often_as_it_says(repository: Path) -> None:
    add_experiment(repository, "one", 0.7, competition=PADDY)
    (some,) = outlooks(read_score_table(repository), PADDY, Split(300, 700), repository)
    random, scale, images = np.random.default_rng(0), scale_of("accuracy"), np.array([400, 300, 700])
    truth = random.uniform(0.6, 0.97, 2_000)
    local, public, private = (random.binomial(n, truth) / n for n in images)
    held = []
    for *given, score in zip(local, public, private, strict=True):
        place, variance, _ = combine(scale.forward(given).tolist(), (1 / (4 * images[:2])).tolist())
        low, high = replace(some, place=place, variance=variance).interval
        held.append(low <= score <= high)
    assert 0.93 <= np.mean(held) <= 0.97


def test_both_scores_are_weighed_by_their_images(repository: Path) -> None:
    add_experiment(repository, "one", 0.80, public=0.84, competition=PADDY)
    (found,) = outlooks(read_score_table(repository), PADDY, Split(300, 700), repository)
    assert found.agree
    assert found.expected == pytest.approx((0.80 * 100 + 0.84 * 300) / 400, abs=1e-3)


def test_where_the_two_scores_are_too_far_apart_the_public_one_counts_alone(repository: Path) -> None:
    add_experiment(repository, "one", 0.95, public=0.60, competition=PADDY)
    (found,) = outlooks(read_score_table(repository), PADDY, Split(300, 700), repository)
    assert not found.agree
    assert found.expected == pytest.approx(0.60)


def test_a_row_without_a_public_score_is_expected_where_its_local_one_is(repository: Path) -> None:
    add_experiment(repository, "one", 0.7, competition=PADDY)
    (found,) = outlooks(read_score_table(repository), PADDY, Split(300, 700), repository)
    assert found.expected == pytest.approx(0.7)
    low, high = found.interval
    assert low < 0.62 and high > 0.77
