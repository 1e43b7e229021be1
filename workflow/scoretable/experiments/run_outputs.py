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
from scoretable.rows.lineage import Lineage, lineage_file
from scoretable.rows.stages import STAGES
from scoretable.workspace.digests import file_digest
from scoretable.workspace.errors import InputError

KEPT = COPY / "outputs"


def keep_outputs(steps: Iterable[str], layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Link what these steps have made for this row into the run's folder."""
    for step in steps:
        if lineage_file(layout.lineage_folder(step), lineages[step]).exists():
            for path in _files(step, layout):
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
        if not (KEPT / record).exists():
            continue
        kept = [path.relative_to(KEPT) for path in _files(step, layout, KEPT)]
        replaced = [path for path in kept if _differs(path, KEPT / path)]
        if replaced:
            print(f"scoretable: {replaced[0]} was replaced during this run, so it was put back.", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            for path in (*(path for path in kept if path != record), record):  # the record says that all is there
                _link(KEPT / path, path)


def drop_kept_outputs() -> None:
    """Forget what was kept, since the row is saved."""
    shutil.rmtree(KEPT, ignore_errors=True)


def _files(step: str, layout: Layout, root: Path = Path()) -> list[Path]:
    beside = [path for path in (root / layout.lineage_folder(step)).rglob("*") if path.is_file()]
    return [root / path for path in layout.outputs(step) if (root / path).exists()] + beside


def _differs(path: Path, kept: Path) -> bool:
    return not path.exists() or not (path.samefile(kept) or file_digest(path) == file_digest(kept))


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.link")
    with contextlib.suppress(OSError):  # a file system without links: then the steps refuse what was replaced
        os.link(source, temporary, follow_symlinks=False)
        temporary.replace(target)
    temporary.unlink(missing_ok=True)
