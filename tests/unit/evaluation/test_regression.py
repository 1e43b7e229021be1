"""Figures of numbers, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from scoretable.evaluation import regression as evaluation
from scoretable.scoring.scores import score
from scoretable.workspace.errors import InputError

TRUTH = np.array([10, 20, 30, 40], np.float32)
ANSWERS = np.array([12, 20, 26, 40], np.float32)


def test_the_summary_holds_the_numbers_worked_out_by_hand() -> None:
    assert evaluation.summarise_numbers(TRUTH, ANSWERS) == {
        "mse": 5,
        "rmse": pytest.approx(5**0.5, abs=1e-6),
        "mae": 1.5,
        "r2": pytest.approx(1 - 20 / 500),
        "images": 4,
    }


def test_always_the_mean_has_an_r2_of_zero_and_one_image_too() -> None:
    assert evaluation.summarise_numbers(TRUTH, np.full(4, 25.0))["r2"] == 0
    assert evaluation.summarise_numbers(TRUTH[:1], ANSWERS[:1])["r2"] == 0


def test_the_largest_error_comes_first_and_no_image_is_missing() -> None:
    errors = evaluation.largest_errors(TRUTH, ANSWERS, ["a", "b", "c", "d"])
    assert errors.to_dict("list") == {
        "position": [2, 0, 1, 3],
        "image_id": ["c", "a", "b", "d"],
        "actual": [30, 10, 20, 40],
        "predicted": [26, 12, 20, 40],
        "error": [-4, 2, 0, 0],
    }


def test_ranges_hold_equally_many_images_and_their_errors() -> None:
    truth = np.arange(100.0)
    table = evaluation.per_range(truth, truth + np.where(truth < 20, 2, -1))
    assert table["class"].tolist() == ["below 19.8", "19.8 to 39.6", "39.6 to 59.4", "59.4 to 79.2", "79.2 or more"]
    assert table["images"].tolist() == [20] * 5
    assert table["mae"].tolist() == [2, 1, 1, 1, 1]
    assert table["bias"].tolist() == [2, -1, -1, -1, -1]


def test_the_confusion_counts_the_pairs_of_ranges() -> None:
    truth = np.arange(100.0)
    counts = evaluation.confusion_of_ranges(truth, truth + 20)
    pairs = evaluation.range_pairs(truth, truth + 20)
    assert counts.to_numpy().sum() == len(pairs) == 100
    assert (counts.index.name, counts.columns.name) == ("actual", "predicted")
    assert counts.loc["below 19.8", "19.8 to 39.6"] == 20
    assert counts.loc["79.2 or more", "79.2 or more"] == 20
    assert pd.crosstab(pairs["actual"], pairs["predicted"]).to_numpy().sum() == 100


def test_equal_errors_keep_the_order_of_the_images_whatever_their_sign() -> None:
    signs = np.tile([1.0, -1.0], 20)
    errors = evaluation.largest_errors(np.zeros(40), signs / 3, list(map(str, range(40))))
    assert errors["position"].tolist() == list(range(40))
    assert errors["error"].tolist()[:2] == errors["predicted"].tolist()[:2] == [0.333333, -0.333333]
    places = evaluation.largest_errors(np.zeros(40), np.arange(40.0) % 3 - 1, list(map(str, range(40))))["position"]
    assert places.tolist() == sorted(range(40), key=lambda place: place % 3 == 1)


def test_figures_of_numbers_have_six_decimals_and_those_between_ranges_four_digits() -> None:
    truth = 12345 * np.arange(10.0)
    assert evaluation.summarise_numbers(truth, truth + 1 / 3)["mae"] == 0.333333
    table = evaluation.per_range(truth, truth - 1 / 3)
    assert table.iloc[0].tolist() == ["below 2.222e+04", 2, 0.333333, -0.333333]
    assert table.iloc[1]["class"] == "2.222e+04 to 4.444e+04"


def test_equal_numbers_share_a_range() -> None:
    table = evaluation.per_range(np.array([0.0] * 9 + [5.0]), np.zeros(10))
    assert table["class"].tolist() == ["below 0", "0 or more"]
    assert table["images"].tolist() == [0, 10]
    assert table["mae"].tolist() == [0, 0.5]


def test_answers_that_are_not_finite_are_refused() -> None:
    with pytest.raises(InputError, match="1 of 4 validation images, so training diverged"):
        evaluation.summarise_numbers(TRUTH, np.array([1, 2, np.inf, 4]))


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="none of them empty"):
        evaluation.summarise_numbers(TRUTH[:2], ANSWERS)
    with pytest.raises(ValueError, match="one image id per number"):
        evaluation.largest_errors(TRUTH, ANSWERS, ["a"])
    with pytest.raises(ValueError, match="zip"):
        evaluation.summarise_columns(np.zeros((2, 2)), np.zeros((2, 3)))


def test_the_rmse_of_several_numbers_is_the_root_over_all_of_them_as_the_metric_has_it() -> None:
    truth, answers = np.array([[0.0, 0], [1, 10]]), np.array([[1.0, 0], [1, 4]])
    figures = evaluation.summarise_columns(truth, answers)
    assert figures["rmse"] == pytest.approx((37 / 4) ** 0.5, abs=1e-6) == pytest.approx(score("rmse", truth, answers))
    assert figures["r2"] == pytest.approx(score("r2", truth, answers), abs=1e-6)
    assert (figures["mae"], figures["images"]) == (7 / 4, 2)
