"""An interval at 95% holds what is true in 93 to 97 of 100 simulated tables, also of 2 draws and of shares near 1.

The simulations are those of `benchmarks/coverage.py`, which writes the table in docs/statistics.md.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks"
TABLES = 1_000

sys.path.insert(0, str(FOLDER))
coverage = importlib.import_module("coverage")
sys.path.remove(str(FOLDER))

KINDS = coverage.nested, coverage.naive
ALWAYS = ("one share", "two rows", "draws of one setting")  # the others take turns, since they take a second each


def cases() -> list[Any]:
    quick = [(place, case) for place, case in enumerate(coverage.CASES) if not case.slow]
    return [
        pytest.param(
            place, case, id=f"{case.name}, {case.situation}",
            marks=[] if any(part in case.name for part in ALWAYS) else [pytest.mark.turns(6)],
        )
        for place, case in quick
    ]  # fmt: skip


@pytest.mark.parametrize(("place", "case"), cases())
def test_an_interval_holds_as_often_as_it_says(place: int, case: Any) -> None:
    held = case.simulate(np.random.default_rng(place), TABLES)
    assert 0.95 <= held <= 1 if case.at_least else 0.93 <= held <= 0.97


@pytest.mark.turns(6)
def test_the_nested_estimate_of_a_blend_holds_its_true_score_and_the_naive_one_does_not() -> None:
    """As in the table, with fewer tables, since each finds the weights of 20 rows 31 times."""
    held, naively = (kind(coverage.MANY_ROWS, "nnls")(np.random.default_rng(0), 200) for kind in KINDS)
    assert 0.93 <= held <= 0.97
    assert naively < 0.85


def test_students_interval_without_a_scale_left_the_possible() -> None:
    """What the table said before of 0.7 and 0.8: 0.1147 to 1.3853."""
    found = coverage.summarise([0.7, 0.8], coverage.scale_of("accuracy"))
    assert (found.low, found.high) == (pytest.approx(0.0932, abs=1e-4), 1.0)


@pytest.mark.parametrize(
    ("metric", "scorer", "draw"),
    [
        ("auc", coverage.area, coverage.two_classes(2)), ("log_loss", coverage.cross_entropy, coverage.two_classes(2)),
        ("rmse", coverage.root_mean_square, coverage.numbers), ("r2", coverage.coefficient, coverage.numbers),
    ],
)  # fmt: skip
def test_the_simulations_score_as_the_product_does(metric: Any, scorer: Any, draw: Any) -> None:
    drawn = draw(np.random.default_rng(1), 200)
    assert scorer(*drawn) == pytest.approx(coverage.score_by(metric, *drawn))


def test_the_page_holds_a_line_for_each_simulation() -> None:
    text = coverage.PAGE.read_text(encoding="utf-8")
    table = text.partition(coverage.MARKS[0])[2].partition(coverage.MARKS[1])[0]
    lines = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")][1:]
    assert [(name.strip(), situation.strip()) for name, situation in lines] == [
        (case.name, case.situation) for case in coverage.CASES
    ]
