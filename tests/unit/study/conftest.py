"""No test of a study makes a row."""

from pathlib import Path

import pytest
from scoretable.study import running
from scoretable.table.reproduce import Run


@pytest.fixture(autouse=True)
def _no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a test would start a run, which takes minutes, in this repository."""

    def refuse(run: Run, root: Path, queue: bool, submit: bool) -> bool:
        raise AssertionError(f"{run.name} was started")

    monkeypatch.setattr(running, "start_run", refuse)
