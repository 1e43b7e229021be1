"""What a run has made so far, kept under a second name until its row is saved.

A `dvc exp run` that is refused since a run is going on has checked out what dvc.lock says by then: the files of an
earlier row, over those that the run has just made. Links cost no space, and bring them back.
"""

import contextlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from scoretable.experiments.run_settings import COPY
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, read_record
from scoretable.rows.stages import STAGES
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError

KEPT = COPY / "outputs"


def keep_outputs(steps: Iterable[str], layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Link what these steps have made for this row into the run's folder."""
    for step in steps:
        if lineage_file(layout.lineage_folder(step), lineages[step]).exists():
            beside = [path for path in layout.lineage_folder(step).rglob("*") if path.is_file()]
            for path in [*layout.outputs(step), *beside]:
                _link(path, KEPT / path)


def put_inputs_back(step: str, layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Put back what `step` reads, as `put_outputs_back`; raise InputError where that is not to be had."""
    makers = STAGES[step].makers
    put_outputs_back(makers, layout, lineages)
    for maker in makers:
        if not lineage_file(layout.lineage_folder(maker), lineages[maker]).exists():
            made = layout.outputs(maker)[0]
            raise InputError(f"{made} was replaced during this run: run the same command again, which makes it again.")


def put_outputs_back(steps: Iterable[str], layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Put back what these steps made where other files have taken its place, and say so."""
    for step in steps:
        folder = layout.lineage_folder(step)
        record = lineage_file(folder, lineages[step])
        known = read_record(KEPT / record)
        if known is None:
            continue
        replaced = [Path(path) for path, what in known["outputs"].items() if _is_replaced(Path(path), what["sha256"])]
        if replaced or not record.exists():
            told = (replaced or [record])[0]
            print(f"scoretable: {told} was replaced during this run, so it was put back.", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            beside = {path.relative_to(KEPT) for path in (KEPT / folder).rglob("*") if path.is_file()}
            for path in (*replaced, *(beside - {record}), record):  # last what says that all is there
                _link(KEPT / path, path)


def drop_kept_outputs() -> None:
    """Forget what was kept, since the row is saved."""
    shutil.rmtree(KEPT, ignore_errors=True)


def _is_replaced(path: Path, sha256: str) -> bool:
    """Whether another file, or none, has taken the place of one that was kept and is whole."""
    kept = KEPT / path
    if not kept.exists() or (path.exists() and path.samefile(kept)):
        return False
    return (not path.exists() or file_digest(path) != sha256) and file_digest(kept) == sha256


def _link(source: Path, target: Path) -> None:
    if target.exists() and target.samefile(source):  # a new link would be a change, and the file hashed again
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.link")
    with contextlib.suppress(OSError):  # a file system without links: then the steps refuse what was replaced
        os.link(source, temporary, follow_symlinks=False)
        temporary.replace(target)
    temporary.unlink(missing_ok=True)
