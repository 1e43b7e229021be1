"""How tests are shared out among the processes: what takes longest begins first, and none is left alone with it."""

import pytest

# The test that waits for Slurm for minutes, those that start processes, files of long ones, and all others.
ORDER = (
    "test_slurm.py",
    "tests/workflow",
    "test_replicas",
    "test_backends",
    "test_linters",
    "/training",
    "presets",
    "",
)


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by the first of `ORDER` that a test's file has; a unit test goes with its file, which shares fixtures."""
    items.sort(key=lambda item: next(place for place, part in enumerate(ORDER) if part in file_of(item)))
    for item in items:
        if "tests/unit" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(file_of(item)))
