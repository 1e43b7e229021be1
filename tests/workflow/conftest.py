"""Fixtures: a fresh clone, and one in which a row is finished."""

from pathlib import Path

import pytest
from projects import Project, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh clone in which nothing has run."""
    (tmp_path / "project").mkdir()
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def _first_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    project = make_project(tmp_path_factory.mktemp("finished"))
    return project, project.snakemake("submission")


@pytest.fixture
def first_output(_first_run: tuple[Project, str]) -> str:
    """What the first `snakemake --cores 1 submission` printed."""
    return _first_run[1]


@pytest.fixture
def finished(_first_run: tuple[Project, str], tmp_path: Path) -> Project:
    """A copy of a clone in which `snakemake --cores 1 submission` has finished."""
    return _first_run[0].copy(tmp_path / "copy")


@pytest.fixture(scope="session")
def _second_run(_first_run: tuple[Project, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    project = _first_run[0].copy(tmp_path_factory.mktemp("second") / "copy")
    return project, project.run("dvc", "exp", "run", "-S", "seed=1", "--name", "second")


@pytest.fixture
def second_output(_second_run: tuple[Project, str]) -> str:
    """What `dvc exp run -S seed=1` printed after the first run."""
    return _second_run[1]


@pytest.fixture
def two_rows(_second_run: tuple[Project, str], tmp_path: Path) -> Project:
    """A copy of a clone with the row of the first run and the experiment `second`, which is in the workspace."""
    return _second_run[0].copy(tmp_path / "two-rows")
