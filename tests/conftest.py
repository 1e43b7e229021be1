"""The order of the tests: what takes longest begins first, so that no process is left alone with it at the end."""

import pytest

# The test that waits for minutes for Slurm, those that start processes, and last those that take milliseconds.
ORDER = ("test_slurm", "workflow/", "test_linters", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort by the first of `ORDER` that a test's name has; else they stay as they are."""
    items.sort(key=lambda item: next(place for place, part in enumerate(ORDER) if part in item.nodeid))
