"""Fixtures that several modules share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kaggle_competition import small_kaggle
from kaggle_server import Kaggle


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kaggle]:
    """A small competition on the loopback server, to which this process' kaggle client talks."""
    with small_kaggle(tmp_path / "server", monkeypatch) as served:
        yield served
