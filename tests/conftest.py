"""How tests are shared out among the processes, and among the commits.

What takes longest begins first, so that no process is left alone with it. In `make test`, dear tests take turns: of
those marked `turns(n)`, each commit runs one in n, and of the others that start snakemake and dvc one in four.
"""

import os
from collections import defaultdict

import pytest
from projects import commits_seed

# What waits most of its time, for Slurm for minutes; what starts processes, first what takes minutes; files of long
# tests; what begins with a row that one of them makes for all, and would wait for it earlier; and all others.
KAGGLE = "tests/unit/kaggle"
SHARED_ROWS = ("_second_run", "_first_run")  # fixtures of tests/workflow/conftest.py
ORDER = (
    "test_slurm.py",
    KAGGLE,
    "test_kaggle.py",
    "test_score_table",
    "test_code_competition",
    "test_interruptions",
    "test_second_sandbox",
    "tests/workflow",
    "test_replicas",
    "test_backends",
    "test_linters",
    "/training",
    *SHARED_ROWS,
    "presets",
    "",
)


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def place_of(item: pytest.Item) -> int:
    """Of the first of `ORDER` that the row has which a test begins with, or else its file."""
    row = next((name for name in SHARED_ROWS if name in getattr(item, "fixturenames", ())), None)
    return next(place for place, part in enumerate(ORDER) if part in (row or file_of(item)))


def turns_of(item: pytest.Item) -> tuple[int, float]:
    """In how many commits a test runs once, and its CPU seconds: four, and 10, if it starts snakemake or dvc.

    Each commit draws its own faults.
    """
    mark = item.get_closest_marker("turns")
    starts_rows = "tests/workflow" in item.nodeid and "test_faults" not in item.nodeid
    turns, seconds = (4, 10.0) if starts_rows else (1, 1.0)
    return (mark.args[0], mark.kwargs.get("seconds", seconds)) if mark else (turns, seconds)


def have_no_turn(items: list[pytest.Item]) -> list[pytest.Item]:
    """Of the tests that run once in n commits, all but one of n shares that take equally long; the commit says which.

    Those of a file that is marked `turns(n, together=True)` are in one share, since they use a dear fixture.
    """
    named: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        mark = item.get_closest_marker("turns")
        named[file_of(item) if mark and mark.kwargs.get("together") else item.nodeid].append(item)
    taken: dict[int, list[float]] = {}
    seed, waiting = commits_seed(), []
    for tests in sorted(named.values(), key=lambda tests: -turns_of(tests[0])[1]):  # so that shares end up equal
        turns, seconds = turns_of(tests[0])
        shares = taken.setdefault(turns, [0.0] * turns)
        share = shares.index(min(shares))
        shares[share] += seconds
        if (seed - share) % turns:
            waiting += tests
    return waiting


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort by `place_of`, but for the test that makes the row; a unit test goes with its file, which shares fixtures.

    Those of `kaggle` go together, since several that wait at the same time would leave the cores idle.
    """
    items.sort(key=place_of)
    if "TAKE_TURNS" in os.environ:
        waiting = have_no_turn(items)
        config.hook.pytest_deselected(items=waiting)
        left = {item.nodeid for item in waiting}
        items[:] = [item for item in items if item.nodeid not in left]
    begins = next((item for item in items if ORDER[place_of(item)] in SHARED_ROWS[1:]), None)
    if begins:
        items.remove(begins)
        items.insert(0, begins)
    for item in items:
        if "tests/unit" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(KAGGLE if KAGGLE in item.nodeid else file_of(item)))
