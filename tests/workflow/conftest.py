"""Fixtures: a fresh clone, and one in which a row is finished."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock
from projects import Project, Run, make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh clone in which nothing has run."""
    (tmp_path / "project").mkdir()
    return make_project(tmp_path / "project")


def _made_once(name: str, make: Callable[[Path], str], factory: pytest.TempPathFactory, worker: str) -> Run:
    """Let one of the processes that run the tests make a project and keep what it printed; the others wait for it."""
    shared = factory.getbasetemp() if worker == "master" else factory.getbasetemp().parent
    folder, printed = shared / name, shared / f"{name}.txt"
    with FileLock(shared / f"{name}.lock"):
        if not printed.exists():
            printed.write_text(make(folder))
    return Project(folder), printed.read_text()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str, Callable[[Path], str]], Run]:
    """Makes a project under a name, of what prints something into a folder, once for all processes."""
    return partial(_made_once, factory=tmp_path_factory, worker=worker_id)


@pytest.fixture(scope="session")
def _first_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Run:
    def make(folder: Path) -> str:
        folder.mkdir()
        return make_project(folder).snakemake("submission")

    return _made_once("finished", make, tmp_path_factory, worker_id)


@pytest.fixture
def first_output(_first_run: Run) -> str:
    """What the first `snakemake --cores 1 submission` printed."""
    return _first_run[1]


@pytest.fixture
def finished(_first_run: Run, tmp_path: Path) -> Project:
    """A copy of a clone in which `snakemake --cores 1 submission` has finished."""
    return _first_run[0].copy(tmp_path / "copy")


@pytest.fixture(scope="session")
def _second_run(_first_run: Run, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Run:
    def make(folder: Path) -> str:
        project = _first_run[0].copy(folder)
        project.run("dvc", "exp", "run", "--queue", "-S", "tta=flip", "--name", "second", "-m", "mirrored too")
        project.run("dvc", "exp", "run", "--run-all")
        printed = project.run("dvc", "queue", "logs", "second")
        project.run("dvc", "queue", "remove", "--success")  # else `dvc exp show` has two columns for the queue
        project.run("dvc", "exp", "apply", "second")
        return printed

    return _made_once("second", make, tmp_path_factory, worker_id)


@pytest.fixture
def second_output(_second_run: Run) -> str:
    """What the queued experiment of `-S tta=flip` printed after the first run."""
    return _second_run[1]


@pytest.fixture
def two_rows(_second_run: Run, tmp_path: Path) -> Project:
    """A copy of a clone with the row of the first run and the queued experiment `second`, which has been applied."""
    return _second_run[0].copy(tmp_path / "two-rows")
