"""Each grader of the tests gives what its definition gives by hand."""

from collections.abc import Callable
from math import log, sqrt

import graders
import pandas as pd
import pytest
from drawn_competitions import DRAWN
from graders import GRADERS, Grader, build_solution, refuse_misfit


def cells(*rows: str) -> pd.DataFrame:
    """One row of the answer's columns a text, with bars between the cells."""
    return pd.DataFrame([row.split("|") for row in rows], dtype=str)


@pytest.mark.parametrize(
    ("score", "true", "given", "expected"),
    [
        (graders.accuracy, ("a", "b", "b", "a"), ("a", "b", "a", "a"), 3 / 4),
        (graders.log_loss, ("1", "0"), ("0.5", "0.75"), (log(2) + log(4)) / 2),
        (graders.log_loss, ("1",), ("0",), 15 * log(10)),  # clipped
        (graders.log_loss, ("0|1|0", "1|0|0"), ("0.2|0.5|0.3", "2|1|1"), (log(2) + log(2)) / 2),  # rows sum to 1 after
        # Of the six pairs of a yes and a no, four are in order and one is a tie.
        (graders.auc, ("1", "1", "0", "0", "0"), ("0.9", "0.4", "0.6", "0.4", "0.1"), 4.5 / 6),
        (graders.mean_column_auc, ("1|0|0", "0|1|0", "0|0|0"), ("0.9|0.5|1", "0.3|0.5|1", "0.1|0.1|1"), (1 + 0.75) / 2),
        # The curve goes up to 1/2, right to 1/2, up to 1, and right: half of the height has an area of 1, half of 1/2.
        (graders.weighted_auc, ("1", "0", "1", "0"), ("4", "3", "2", "1"), (0.4 * 2 + 0.1 + 0.5 / 2) / 1.4),
        (graders.weighted_auc, ("1", "0"), ("1", "1"), (0.4 * 2 * 0.8 + 0.6 * 0.3) / 1.4),  # the diagonal
        # Squared distances: 0, 1 and 0; by chance 0, 4 and 4 from 0, 1, 1 and 1 from 1, and 4, 0 and 0 from 2.
        (graders.quadratic_weighted_kappa, ("0", "1", "2"), ("0", "2", "2"), 1 - (1 / 3) / ((8 + 3 + 4) / 9)),
        (graders.map_at_5, ("7", "8", "9"), ("7 8", "7 8 9", "1 2 3 4 5 9"), (1 + 1 / 2 + 0) / 3),
        # Two right, one too many and two left out.
        (graders.micro_f1, ("a b", "c", "d"), ("a b e", "", "d"), 2 * 3 / (2 * 3 + 1 + 1)),
        (graders.mean_f1, ("a b", "c"), ("a", "c d"), (2 / 3 + 2 / 3) / 2),
        (graders.rmse, ("1", "2"), ("4", "6"), sqrt((9 + 16) / 2)),
    ],
)
def test_a_score_is_the_one_that_was_computed_by_hand(
    score: Callable[[pd.DataFrame, pd.DataFrame], float],
    true: tuple[str, ...],
    given: tuple[str, ...],
    expected: float,
) -> None:
    assert score(cells(*true), cells(*given)) == pytest.approx(expected, abs=1e-12)


def test_each_drawn_competition_has_a_grader() -> None:
    assert set(GRADERS) == set(DRAWN)


@pytest.mark.parametrize(
    ("kind", "rows", "problem"),
    [
        ("label", ("1|a",), "ids"),
        ("label", ("2|a", "1|b"), "ids"),
        ("label", ("1|a", "2|"), "empty"),
        ("label", ("1|a", "2|c"), "classes"),
        ("labels", ("1|a b", "2|b b"), "repeated"),
        ("probability", ("1|0.5", "2|inf"), "finite"),
        ("probability", ("1|0.5", "2|1.5"), "range"),
        ("distribution", ("1|0.5|0.5", "2|0.5|0.4"), "sum to 1"),
    ],
)
def test_a_file_that_a_competition_would_not_take_is_refused(
    kind: graders.Kind, rows: tuple[str, ...], problem: str
) -> None:
    submission = cells(*rows)
    sample = pd.DataFrame({column: ["1", "2"] for column in submission})
    with pytest.raises(AssertionError, match=problem):
        refuse_misfit(Grader(kind, graders.accuracy), submission, sample, {"a", "b"})


def test_a_solution_has_a_column_for_each_class_and_a_1_where_the_label_names_it() -> None:
    solution = build_solution(Grader("columns", graders.accuracy), ["x - y,z", ""], ["id", "z", "x - y"], ",")
    assert solution.to_numpy().tolist() == [["0", "1", "1"], ["1", "0", "0"]]
