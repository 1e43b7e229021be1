"""The files of rows, from DVC's cache here or from its remote."""

import io
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from scoretable.competition.task import Task
from scoretable.experiments.experiment import Experiment
from scoretable.prediction.predictions import Predictions, read_predictions
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.scoring.choices import Cut
from scoretable.scoring.decision import parse_figures
from scoretable.workspace.errors import InputError

Content = TypeVar("Content")
Row = Experiment | str  # or a Git revision


def fetch_predictions(row: Row, path: Path, task: Task) -> Predictions:
    """Read a row's predictions, at `path` of an experiment or Git revision, from DVC's cache here or from its remote.

    Raises InputError where there is no such row, where its file is nowhere or damaged, or where it is
    for another kind of task.
    """
    return _read(lambda file: read_predictions(file, task), row, path, task)


def fetch_validation_answers(row: Row, path: Path, task: Task) -> ValidationAnswers:
    """Read a row's answers to the validation images; errors as above."""
    return _read(lambda file: ValidationAnswers.read(file, task), row, path, task)


def fetch_cut(row: Row, path: Path) -> Cut:
    """Read where a row's submission was cut into labels, from its evaluation at `path`; errors as above."""
    content = _fetch(row, path)
    try:
        return parse_figures(content, str(path))[1]
    except InputError:
        raise _damaged(_name(row), path, "no figures") from None


def _read(read: Callable[[BinaryIO], Content], row: Row, path: Path, task: Task) -> Content:
    try:
        return read(io.BytesIO(_fetch(row, path)))
    except ValueError as error:
        raise _damaged(_name(row), path, str(error)) from None
    except KeyError:
        raise InputError(f"row {_name(row)} is for another kind of task than {task}: leave it out.") from None


def _damaged(row: str, path: Path, reason: str) -> InputError:
    """Return what is wrong with a file in DVC's cache: DVC takes a copy there for whole as long as it is there."""
    from dvc.api import DVCFileSystem

    files = DVCFileSystem(".", rev=row)
    copy = files.repo.cache.local.oid_to_path(files.info(str(path))["md5"])
    return InputError(
        f"{path} of row {row} is damaged ({reason}): type `rm -f {shlex.quote(copy)}`, and if DVC's remote has no "
        f"other copy, {_remaking(row)}."
    )


def _remaking(row: str) -> str:
    """Return how a file comes into DVC's cache again, also where the workspace still has it."""
    return (
        f"make it again with `dvc exp apply {row}`, `snakemake --cores 1 submission` and `dvc commit --force dvc.yaml`"
    )


def _name(row: Row) -> str:
    return row if isinstance(row, str) else row.name


def _fetch(row: Row, path: Path) -> bytes:
    here = None if isinstance(row, str) else row.read(path.as_posix())
    return _fetch_by_dvc(_name(row), path) if here is None else here


def _fetch_by_dvc(row: str, path: Path) -> bytes:
    import dvc.api
    from dvc.exceptions import DvcException
    from dvc.scm import RevError

    try:
        content: bytes = dvc.api.read(str(path), repo=".", rev=row, mode="rb")
    except RevError:
        raise InputError(f"there is no row {row}: `scoretable table` lists all rows.") from None
    except (DvcException, OSError):
        raise InputError(
            f"{path} of row {row} is neither here nor on DVC's remote: ask for it to be pushed there "
            f"(`dvc exp push origin {row}`), or {_remaking(row)}."
        ) from None
    return content
