"""The params.yaml and session.yaml that a run works from: as they were when it began.

An edit in the meantime, by you or by a `dvc exp run -S` that is refused, is the next row's. DVC reads the files
themselves when it saves a row, and after each stage, so for that they are put back; the edit is kept.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scoretable.rows.params import SESSION
from scoretable.workspace.atomic import read_json, replacing, write_json

SETTINGS = (Path("params.yaml"), Path(SESSION))
COPY = Path(".snakemake/scoretable-run")  # of the run that holds the lock, or of the last one
EDITED = Path(".snakemake/scoretable-edited")  # what an edit made of them, while the run's are in place
OWNER = COPY / "dvc.json"


def begin_settings(dvc_stage: bool) -> Path:
    """Copy params.yaml and session.yaml, and return the copy of the first; the caller holds the run's lock.

    The stages of one `dvc exp run` are one run: the first one copies, and the later ones put an edit aside.
    """
    owner = _find_dvc() if dvc_stage else None
    if owner is not None and read_json(OWNER) == owner:
        put_settings_back()
        return COPY / SETTINGS[0]
    _tell_of_edits()
    OWNER.unlink(missing_ok=True)
    for path in SETTINGS:
        (COPY / path).unlink(missing_ok=True)
        if path.exists():
            _copy(path, COPY / path)
    if owner is not None:
        write_json(OWNER, owner)
    return COPY / SETTINGS[0]


def put_settings_back() -> None:
    """Put the run's settings in place of edited ones, which are kept, and say where."""
    for path in _set_edits_aside():
        kept = EDITED / path
        print(f"scoretable: {path} was edited during this run, which needs it as it was: your edit is in {kept}.")
        print(f"scoretable: When the run has ended, type `mv {kept} {path}`.", flush=True)


@contextmanager
def settings_in_place() -> Iterator[None]:
    """Have the run's settings in params.yaml and session.yaml within the block, and an edit of them after it again."""
    edited = _set_edits_aside()
    try:
        yield
    finally:
        for path in edited:
            if path.read_bytes() == (COPY / path).read_bytes():  # else it was edited once more
                _copy(EDITED / path, path)
            (EDITED / path).unlink()


def _set_edits_aside() -> list[Path]:
    edited = [path for path in SETTINGS if (COPY / path).exists() and _differs(path, COPY / path)]
    for path in edited:
        if path.exists():
            _copy(path, EDITED / path)
        _copy(COPY / path, path)
    return [path for path in edited if (EDITED / path).exists()]


def _tell_of_edits() -> None:
    """Point to edits that were never fetched; one that has come back is dropped."""
    for path in SETTINGS:
        kept = EDITED / path
        if kept.exists() and not _differs(path, kept):
            kept.unlink()
        elif kept.exists():
            print(f"scoretable: an edit of {path} from an earlier run is still in {kept}.", flush=True)


def _differs(path: Path, other: Path) -> bool:
    return not path.exists() or path.read_bytes() != other.read_bytes()


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copyfile(source, temporary)


def _find_dvc() -> dict[str, int] | None:
    """Return which process the nearest `dvc` above this one is: it is not itself inside a stage.

    The time of its start would do less well, which moves when the clock is set while it runs.
    """
    import psutil

    for process in psutil.Process().parents():
        try:
            if "DVC_STAGE" not in process.environ():
                return {"pid": process.pid, "identity": hash(process)}  # its start, counted from the machine's
        except psutil.Error:
            return None
    return None
