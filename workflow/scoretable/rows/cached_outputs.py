"""Outputs that DVC's cache still has, brought back to where they belong."""

import json
from collections.abc import Iterator
from pathlib import Path

from scoretable.competition.kept_archive import link_archive
from scoretable.rows.experiments import CACHE, list_experiments, read_hashes
from scoretable.workspace.digests import file_digest
from scoretable.workspace.main_repository import main_repository


def restore_from_cache(path: Path, sha256: str) -> bool:
    """Put the output `path` back from DVC's cache, and return whether a copy with this SHA-256 was there.

    It is looked for under the MD5s that the workspace's dvc.lock and those of all experiments name for it.
    """
    cache = main_repository(Path.cwd()) / CACHE
    for digest in dict.fromkeys(_known_md5s(path, cache)):
        cached = cache / digest[:2] / digest[2:]
        if cached.is_file() and file_digest(cached) == sha256:
            link_archive(cached, path)
            return True
    return False


def _known_md5s(path: Path, cache: Path) -> Iterator[str]:
    for lock in _locks():
        outputs = read_hashes(lock, "outs")
        if str(path) in outputs:
            yield outputs[str(path)]
        for folder in map(str, path.parents):
            if folder in outputs:
                yield from _md5s_in_folder(cache, outputs[folder], path.relative_to(folder))


def _locks() -> Iterator[str]:
    here = Path("dvc.lock")
    if here.exists():
        yield here.read_text(encoding="utf-8")
    if Path(".dvc").is_dir() and Path(".git").exists():
        yield from (experiment.lock for experiment in reversed(list_experiments(Path())))


def _md5s_in_folder(cache: Path, digest: str, inner: Path) -> Iterator[str]:
    """Yield what DVC's list of a folder's files says of the file `inner`."""
    listed = cache / digest[:2] / digest[2:]
    try:
        entries = json.loads(listed.read_text(encoding="utf-8"))
        yield from (str(entry["md5"]) for entry in entries if entry["relpath"] == inner.as_posix())
    except (OSError, ValueError, KeyError, TypeError):
        return
