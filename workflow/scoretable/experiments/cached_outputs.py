"""Outputs that DVC's cache still has, brought back to where they belong."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scoretable.archive.kept import link_archive
from scoretable.experiments.dvc_settings import cache_folder
from scoretable.experiments.experiment import Experiment, list_experiments, read_hashes
from scoretable.experiments.row_records import row_record
from scoretable.rows.layout import Layout
from scoretable.rows.lineage import Lineage, lineage_file, parse_record, read_record, remove_records
from scoretable.rows.stages import STAGES
from scoretable.workspace.atomic import replacing_folder
from scoretable.workspace.digests import file_digest
from scoretable.workspace.main_repository import main_repository


def restore_from_cache(path: Path, sha256: str) -> bool:
    """Put the output `path` back from DVC's cache, and return whether a copy with this SHA-256 was there.

    It is looked for under the MD5s that the workspace's dvc.lock and those of all experiments name for it.
    """
    cached = _find(path, sha256, _locks())
    if cached is not None:
        _link(cached, path)
    return cached is not None


def restore_step(step: str, layout: Layout, lineages: dict[str, Lineage]) -> str | None:
    """Bring a step's outputs back from a saved row that was made from the same, and return that row's name, if any.

    So what was made once is not made again when you go back to it: DVC's own cache of runs leaves out outputs that
    persist, and knows nothing of what Snakemake runs. An archive comes from outside, so it is no output to bring back,
    and only rows of the very archive that is here count, and of the very bytes that the steps before have made here: a
    training that had to be run again may have come to another model.
    """
    archive = _archive_of(read_record(lineage_file(layout.lineage_folder("download"), lineages["download"])), layout)
    if step == "download" or archive is None:
        return None
    folder, name = layout.lineage_folder(step), lineage_file(layout.lineage_folder(step), lineages[step]).name
    for experiment in reversed(_experiments()):
        record = parse_record(experiment.read_cached(experiment.listed(str(folder)).get(name, "")) or b"")
        if record is None or _archive_of(row_record(experiment, "download"), layout) != archive:
            continue
        if not _read_the_same(step, experiment, layout, lineages):
            continue
        outputs = layout.outputs(step)
        found = [cached for path in outputs if (cached := _find_recorded(path, record, experiment))]
        if len(found) == len(outputs):
            remove_records(folder)
            for path, cached in zip(outputs, found, strict=True):
                _link(cached, path)
            with replacing_folder(folder) as temporary:
                (temporary / name).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
            return experiment.name
    return None


def _read_the_same(step: str, experiment: Experiment, layout: Layout, lineages: dict[str, Lineage]) -> bool:
    """Whether the steps before, as far as they are recorded here, have made what they had made for the experiment."""
    for maker in STAGES[step].makers:
        here = read_record(lineage_file(layout.lineage_folder(maker), lineages[maker]))
        there = row_record(experiment, maker).get("outputs", {})
        if here and any(here["outputs"].get(str(path)) != there.get(str(path)) for path in layout.outputs(maker)):
            return False
    return True


def _archive_of(record: dict[str, Any] | None, layout: Layout) -> str | None:
    """Return the SHA-256 of the archive that a record of `download` names."""
    sha256: str | None = (record or {}).get("outputs", {}).get(str(layout.archive), {}).get("sha256")
    return sha256


def _find_recorded(path: Path, record: dict[str, Any], experiment: Experiment) -> Path | None:
    known = record["outputs"].get(str(path))
    return _find(path, known["sha256"], [experiment.lock]) if known else None


def _find(path: Path, sha256: str, locks: Iterable[str]) -> Path | None:
    places = map(_place, dict.fromkeys(_known_md5s(path, locks)))
    return next((cached for cached in places if cached.is_file() and file_digest(cached) == sha256), None)


def _link(cached: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    link_archive(cached, path)


def _place(digest: str) -> Path:
    return cache_folder(main_repository(Path.cwd())) / digest[:2] / digest[2:]


def _known_md5s(path: Path, locks: Iterable[str]) -> Iterator[str]:
    for lock in locks:
        outputs = read_hashes(lock, "outs")
        if str(path) in outputs:
            yield outputs[str(path)]
        for folder in map(str, path.parents):
            if folder in outputs:
                yield from _md5s_in_folder(outputs[folder], path.relative_to(folder))


def _locks() -> Iterator[str]:
    here = Path("dvc.lock")
    if here.exists():
        yield here.read_text(encoding="utf-8")
    yield from (experiment.lock for experiment in reversed(_experiments()))


def _experiments() -> list[Experiment]:
    """Return the experiments of the repository that this folder is, or is DVC's copy of."""
    root = main_repository(Path.cwd())
    return list_experiments(root) if (root / ".dvc").is_dir() and (root / ".git").exists() else []


def _md5s_in_folder(digest: str, inner: Path) -> Iterator[str]:
    """Yield what DVC's list of a folder's files says of the file `inner`."""
    try:
        entries = json.loads(_place(digest).read_text(encoding="utf-8"))
        yield from (str(entry["md5"]) for entry in entries if entry["relpath"] == inner.as_posix())
    except (OSError, ValueError, KeyError, TypeError):
        return
