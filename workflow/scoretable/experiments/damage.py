"""Files that are no longer what their step wrote: found before another step reads them.

A lineage record holds size and SHA-256 of each output. Every run compares them before it plans, reading only files that
may have changed since; a step compares what it reads once more before it begins, at the speed of SHA-256. What is
damaged comes back from DVC's cache, or loses its record, so that the step that made it makes it again.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from scoretable.experiments.cached_outputs import restore_from_cache
from scoretable.experiments.dvc_settings import cache_folder
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, read_record, speaks_of
from scoretable.rows.stages import STAGES, STEPS
from scoretable.workspace.digests import file_digest, file_digests, file_md5
from scoretable.workspace.errors import InputError
from scoretable.workspace.main_repository import main_repository

UNREAD = {  # large, and at most opened
    "train": {"test.npy"},
    "evaluate": {"test.npy", "model.keras", "predictions.npz"},
    "submission": {"validation.npz"},
}


class Output(NamedTuple):
    """A file as the step that made it recorded it; what: bytes and sha256."""

    maker: str
    path: Path
    what: dict[str, Any]

    @property
    def has_its_size(self) -> bool:
        """Whether the file is missing, as Snakemake will notice, or as large as it was."""
        return not self.path.exists() or self.path.stat().st_size == self.what["bytes"]

    @property
    def is_whole(self) -> bool:
        """Whether the file is missing, as the step will notice, or every byte is as it was."""
        return not self.path.exists() or (self.has_its_size and file_digest(self.path) == self.what["sha256"])


def mend_damaged_outputs(layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Bring back this row's outputs that are not what their step recorded, or remove the record, and say so."""
    for step in STEPS:
        record = lineage_file(layout.lineage_folder(step), lineages[step])
        content = read_record(record)
        if record.exists() and not (content and speaks_of(content, lineages[step], layout.outputs(step))):
            record.unlink()
            print(f"scoretable: {record} is damaged, so `{step}` runs again or its outputs are taken from a saved row.")
    for output in find_damaged_outputs(layout, lineages):
        found = _describe(output, "SHA-256" if output.has_its_size else "size")
        if restore_from_cache(output.path, output.what["sha256"]):
            print(f"scoretable: {found}, so it was brought back from DVC's cache.", flush=True)
        else:
            _discard(output, layout, lineages)
            print(f"scoretable: {found}, so it is made again.", flush=True)


def find_damaged_outputs(layout: Layout, lineages: dict[str, Lineage]) -> list[Output]:
    """Return this row's outputs that are there and not what their step recorded.

    You may have replaced an archive; `replaced_archive` takes care of that.
    """
    outputs = [output for output in _recorded(STEPS, layout, lineages) if output.path != layout.archive]
    digests = file_digests(output.path for output in outputs)
    return [output for output in outputs if digests.get(output.path, output.what["sha256"]) != output.what["sha256"]]


def refuse_damaged_inputs(step: str, layout: Layout, lineages: dict[str, Lineage]) -> None:
    """Raise InputError where a file that `step` reads is not what the step before it recorded.

    Its record is gone then, and so are damaged copies of it in DVC's cache, which would only come back.
    """
    makers, unread = STAGES[step].makers, UNREAD.get(step, set())
    outputs = [output for output in _recorded(makers, layout, lineages) if output.path.name not in unread]
    with ThreadPoolExecutor(2) as pool:
        whole = list(pool.map(lambda output: output.is_whole, outputs))
    damaged = [output for output, is_whole in zip(outputs, whole, strict=True) if not is_whole]
    for output in damaged:
        _discard(output, layout, lineages)
    if damaged:
        raise InputError(f"{_describe(damaged[0], 'SHA-256')}: run the same command again, which rebuilds it.")


def _recorded(steps: tuple[str, ...], layout: Layout, lineages: dict[str, Lineage]) -> Iterator[Output]:
    for step in steps:
        content = read_record(lineage_file(layout.lineage_folder(step), lineages[step])) or {"outputs": {}}
        yield from (Output(step, Path(path), what) for path, what in content["outputs"].items())


def _discard(output: Output, layout: Layout, lineages: dict[str, Lineage]) -> None:
    # Another training may end in another model, so what was made from this one must not stay beside it.
    later = ("predict", "evaluate", "submission") if output.maker == "train" else ()
    for step in (output.maker, *later):
        lineage_file(layout.lineage_folder(step), lineages[step]).unlink(missing_ok=True)
    sizes = {output.what["bytes"], output.path.stat().st_size}
    for cached in cache_folder(main_repository(Path.cwd())).glob("??/*"):
        if cached.stat().st_size in sizes and not _has_its_name(cached):
            cached.unlink()


def _has_its_name(cached: Path) -> bool:
    return file_md5(cached) == cached.parent.name + cached.name.removesuffix(".dir")


def _describe(output: Output, property_: str) -> str:
    return f"{output.path} is damaged (its {property_} is not the one that `{output.maker}` recorded)"
