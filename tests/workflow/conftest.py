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
