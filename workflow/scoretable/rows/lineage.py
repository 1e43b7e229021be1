"""What the outputs of a step were made from: params, sources, and the steps before.

A step's lineage is known before it runs. When the step has finished, a file named by the lineage's digest is
written into a folder that moves along with the outputs (DVC versions both). So an output is up to date exactly
when the file with the digest of today's params and sources is there: Snakemake only has to look whether it
exists, whoever brought it - a run, `dvc checkout`, `dvc exp apply` or `dvc pull`. The file goes before the first
output is touched and comes back after the last, so a crash leaves outputs that nobody calls up to date.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from scoretable.competition.description import COMPETITIONS
from scoretable.rows.params import Params, step_params
from scoretable.rows.source_digest import source_digests
from scoretable.rows.stages import STAGES, source_files
from scoretable.workspace.atomic import replacing_folder
from scoretable.workspace.digests import file_digest
from scoretable.workspace.line_list import read_lines


@dataclass(frozen=True)
class Lineage:
    """All that the outputs of `step` depend on; `digest` sums it up in 16 hexadecimal digits."""

    step: str
    digest: str
    params: dict[str, Any]
    sources: dict[str, str]
    upstream: dict[str, str]


def trace_lineage(params: Params, root: Path, earlier: Mapping[str, str] | None = None) -> dict[str, Lineage]:
    """Return the lineage of every step for `params` and the sources below `root`.

    earlier: digests of what the training takes of earlier rows, by what it is.
    """
    lineages: dict[str, Lineage] = {}
    sources = {step: _sources(step, params, root) for step in STAGES}
    digests = source_digests(root / path for paths in sources.values() for path in paths)
    for step, stage in STAGES.items():
        content = {
            "step": step,
            "params": {name: getattr(params, name) for name in step_params(step)},
            "sources": {
                **{path.as_posix(): digests[root / path] for path in sources[step]},
                **list_digests(step, params, root),
            },
            "upstream": {name: lineages[name].digest for name in stage.after}
            | (dict(earlier or {}) if step == "train" else {}),
        }
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
        lineages[step] = Lineage(digest=digest, **content)  # type: ignore[arg-type]
    return lineages


def _sources(step: str, params: Params, root: Path) -> list[Path]:
    described = [COMPETITIONS / f"{params.competition}.yaml"] if step == "download" else []
    return [*described, *source_files(step, root)]


def list_digests(step: str, params: Params, root: Path) -> dict[str, str]:
    """Return the digest of the list that a step reads, by its path; order and comments make no difference."""
    if step != "preprocess" or params.drop is None:
        return {}
    names = read_lines(root / params.drop, "write it, or set drop: null in params.yaml")
    return {params.drop: hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()}


def lineage_file(folder: Path, lineage: Lineage) -> Path:
    """Path of the file whose presence says that the outputs beside it are those of `lineage`."""
    return folder / f"{lineage.digest}.json"


class Record(NamedTuple):
    """A lineage record in the making: its digest, and its folder, for small files that belong beside it."""

    digest: str
    folder: Path


@contextmanager
def recorded(lineage: Lineage, folder: Path, outputs: list[Path]) -> Iterator[Record]:
    """Run a block that makes `outputs`, and record `lineage` in `folder` when it has made them all."""
    remove_records(folder)
    with replacing_folder(folder) as temporary:
        yield Record(lineage.digest, temporary)
        made = {str(path): _describe(path) for path in outputs}
        made |= {str(folder / path.name): _describe(path) for path in sorted(temporary.iterdir())}
        content = asdict(lineage) | {"outputs": made}
        lineage_file(temporary, lineage).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def speaks_of(record: dict[str, Any], lineage: Lineage, outputs: list[Path]) -> bool:
    """Return whether a record is that of `lineage`, with all of its outputs: a byte of it may have changed."""
    expected = json.loads(json.dumps(asdict(lineage)))  # a tuple comes back as a list
    return expected.items() <= record.items() and set(map(str, outputs)) <= set(record["outputs"])


def read_record(path: Path) -> dict[str, Any] | None:
    """Return the content of a record, or None where there is none or it is damaged, as after a power failure."""
    return parse_record(path.read_bytes()) if path.is_file() else None


def parse_record(text: bytes) -> dict[str, Any] | None:
    """Return the content of a record that was read, or None where it is none."""
    try:
        content: dict[str, Any] = json.loads(text)
        sound = all({"bytes", "sha256"} <= set(output) for output in content["outputs"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return content if sound else None


def remove_records(folder: Path) -> None:
    """Remove a record with what lies beside it, the record first; an old one that stays would speak of new outputs."""
    for record in folder.glob("*.json"):
        record.unlink()
    if folder.exists():
        shutil.rmtree(folder)


def _describe(path: Path) -> dict[str, Any]:
    return {"bytes": path.stat().st_size, "sha256": file_digest(path)}
