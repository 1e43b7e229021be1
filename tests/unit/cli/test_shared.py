"""A shell completes the names of rows."""

from pathlib import Path

import pytest
from made_experiments import add_experiment, git
from scoretable.cli.shared import complete_row


def test_the_experiments_that_begin_so_are_offered(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("row-8", "row-6", "mine"):
        add_experiment(repository, name, 0.5)
    monkeypatch.chdir(repository)
    assert list(complete_row("row")) == ["row-6", "row-8"]


def test_what_dvc_keeps_for_itself_is_not_offered(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "update-ref", "refs/exps/exec/EXEC_HEAD", "HEAD")
    git(repository, "update-ref", "refs/exps/celery/stash/row", "HEAD")
    monkeypatch.chdir(repository)
    assert list(complete_row("")) == []


def test_outside_of_a_clone_nothing_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(complete_row("")) == []
