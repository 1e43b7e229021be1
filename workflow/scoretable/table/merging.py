"""Rows of another clone, taken into this one's score table."""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scoretable.rows.experiments import EXPERIMENT, REFS
from scoretable.workspace.errors import InputError

FIGURES = ("metrics", "plots")  # kinds of outputs that a table needs; models and data stay where they are


@dataclass(frozen=True)
class Merged:
    """A row that was taken. revision: its commit; name: what it is called here; theirs: what it is called there."""

    revision: str
    name: str
    theirs: str


def merge_rows(remote: str, root: Path) -> list[Merged]:
    """Take the experiments of a git remote (a name or an address) that are not here yet, and return them.

    A row whose name is taken here by another run gets the remote's name behind its own: row-8-origin. Nothing that is
    here is changed, but for an earlier copy of a row that was made anew there. Raises InputError where git cannot
    reach the remote.
    """
    here = _refs(root, ["for-each-ref", "--format=%(objectname)%09%(refname)", REFS])
    there = _refs(root, ["ls-remote", "--refs", "--", remote, f"{REFS}/*"])
    known = set(here.values())
    label = re.sub(r"[^A-Za-z0-9.]+", "-", Path(remote.removesuffix("/")).name.removesuffix(".git")).strip("-.")
    taken = {_name(ref) for ref in here}
    merged, wanted = [], []
    for ref, revision in there.items():
        if revision in known:
            continue
        name = _name(ref) if _name(ref) not in taken else f"{_name(ref)}-{label or 'remote'}"
        target = f"{ref.rpartition('/')[0]}/{name}"
        wanted.append(f"+{revision}:{target}" if target in here else f"{revision}:{target}")
        merged.append(Merged(revision, name, _name(ref)))
    if wanted:
        _git(root, "fetch", "--quiet", "--no-write-fetch-head", "--atomic", "--", remote, *wanted)
    return merged


def fetch_figures(revisions: Sequence[str], root: Path) -> None:
    """Bring the metrics and plots of commits from DVC's remote into its cache.

    Raises InputError where there is no remote or it does not give them; what came is kept, and asked for no more.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repository:
            repository.fetch(revs=list(revisions), workspace=False, types=list(FIGURES))
    except (DvcException, OSError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"the rows are here, but DVC's remote does not give their figures ({reason}): mend it, or ask that they be "
            "pushed (`dvc exp push`), and merge again."
        ) from None


def _name(ref: str) -> str:
    found = EXPERIMENT.fullmatch(ref)
    return found[3] if found else ""


def _refs(root: Path, command: Sequence[str]) -> dict[str, str]:
    """Return the commit of each experiment's ref."""
    lines = [line.split("\t") for line in _git(root, *command).splitlines()]
    return {ref: revision for revision, ref in lines if EXPERIMENT.fullmatch(ref)}


def _git(root: Path, *arguments: str) -> str:
    result = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = " ".join(result.stderr.split())[:300]
        raise InputError(f"git {arguments[0]} failed ({reason}): check the name or the address of the other clone.")
    return result.stdout
