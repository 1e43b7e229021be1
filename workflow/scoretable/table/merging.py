"""Rows of another clone, taken into this one's score table."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import EXPERIMENT, REFS, SCORE, SUBMISSION, UNTOLD, Experiment, list_experiments
from scoretable.experiments.verifications import read_verifications, with_verifications, without_verifications
from scoretable.workspace.errors import InputError, how_many

# Outputs that a table needs, beside the lineage records; models and data stay where they are.
FIGURES = (
    "models/metrics.json",
    "models/evaluation.json",
    "models/training.json",
    "models/history.csv",
    "models/plots",
)


@dataclass(frozen=True)
class Merged:
    """A row that was taken. name: here; theirs: there; is_new: else it was known, with other notes or scores."""

    name: str
    theirs: str
    is_new: bool = True


def merge_rows(remote: str, root: Path) -> list[Merged]:
    """Take the experiments of a git remote (a name or an address) that are not here yet, and return them.

    A row whose name is taken here by another run gets the remote's name behind its own: row-8-origin. Of a row that is
    here already, notes and scores that came later are taken; where both clones wrote a note, both are kept. Nothing
    else that is here is changed, except an earlier copy of a row that was made again there. Raises InputError where
    git cannot reach the remote.
    """
    here = _refs(root, ["for-each-ref", "--format=%(objectname)%09%(refname)", REFS])
    there = _refs(root, ["ls-remote", "--refs", "--", remote, f"{REFS}/*"])
    known = _history(root, here)
    new = {ref: revision for ref, revision in there.items() if revision not in known}
    if new:
        _git(root, "fetch", "--quiet", "--no-write-fetch-head", "--", remote, *new)
    label = re.sub(r"[^A-Za-z0-9.]+", "-", Path(remote.removesuffix("/")).name.removesuffix(".git")).strip("-.")
    return list(_take(new, here, label or "remote", root))


def fetch_figures(rows: Sequence[Experiment], root: Path) -> None:
    """Bring those figures and lineage records of rows that are not here from DVC's remote into its cache.

    Raises InputError where there is no remote or it does not give them; what came is kept, and not asked for again.
    """
    wanted = _figures_not_here(rows)
    if not wanted:
        return
    from dvc.exceptions import DvcException
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

    try:
        with Repo(str(root)) as repository:
            repository.cloud.pull([HashInfo("md5", digest) for digest in sorted(wanted)])
        lacking = _figures_not_here(rows)  # DVC passes over what its remote does not have either
        reason = f"it lacks {how_many(len(lacking), 'file')}" if lacking else ""
    except (DvcException, OSError) as error:
        reason = " ".join(str(error).split())[:300]
    if reason:
        raise InputError(
            f"the rows are here, but DVC's remote does not give their figures ({reason}): fix it, or ask for them to "
            "be pushed there (`dvc exp push --all-commits origin`), and merge again."
        )


def _figures_not_here(rows: Sequence[Experiment]) -> set[str]:
    return {digest for row in rows for path, digest in row.outputs.items() if _is_figure(path) and not row.cached(path)}


def _is_figure(path: str) -> bool:
    return path in FIGURES or "lineage" in re.split(r"[/.]", path)


def _take(new: Mapping[str, str], here: Mapping[str, str], label: str, root: Path) -> Iterator[Merged]:
    taken = {_name(ref) for ref in here}
    for ref, revision in new.items():
        target = ref
        if _name(ref) in taken and not _is_same_row(here.get(ref), revision, root):
            target = f"{ref}-{label}"
        ours = here.get(target)
        is_same = _is_same_row(ours, revision, root)
        if is_same and ours and not _is_ancestor(ours, revision, root):
            _join(target, revision, root)
        else:
            _git(root, "update-ref", target, revision, ours or "")
        yield Merged(_name(target), _name(ref), is_new=not is_same)


def _join(ref: str, theirs: str, root: Path) -> None:
    """Let the row here continue both commits: notes and verifications of both, and the score of the one that has it."""
    (ours,) = (row for row in list_experiments(root) if row.ref == ref)
    remark = _git(root, "show", "--no-patch", "--format=%B", theirs).strip()
    remarks = [ours.insight, "" if remark.startswith(UNTOLD) else without_verifications(remark)]
    if remarks[0] in remarks[1] or remarks[1] in remarks[0]:
        remarks = [max(remarks, key=len)]
    files = {path: _git(root, "show", f"{theirs}:{path}") for path in (SCORE, SUBMISSION)}
    is_scored_there = json.loads(files[SUBMISSION]).get("state") == "complete" != ours.score.get("state")
    kept = {path: text.encode() for path, text in files.items()} if is_scored_there else {}
    message = "\n".join(filter(None, remarks)) or without_verifications(ours.message)
    outcomes = (*ours.verifications, *read_verifications(remark))
    amend_experiment(ours, with_verifications(message, outcomes), kept, also=[theirs])


def _is_same_row(ours: str | None, theirs: str, root: Path) -> bool:
    """Whether two commits continue one experiment: then they have more in common than its baseline."""
    if ours is None:
        return False
    common = _git(root, "merge-base", ours, theirs).strip()
    return not _is_ancestor(common, f"{ours}^1", root)


def _is_ancestor(one: str, other: str, root: Path) -> bool:
    command = ["git", "merge-base", "--is-ancestor", one, other]
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode == 0


def _history(root: Path, here: Mapping[str, str]) -> set[str]:
    """Return all commits that the experiments here continue."""
    baselines = {"^" + ref.removeprefix(f"{REFS}/").rpartition("/")[0].replace("/", "") for ref in here}
    told = _git(root, "rev-list", "--ignore-missing", "--stdin", given="\n".join([*here.values(), *baselines]))
    return set(told.split())


def _name(ref: str) -> str:
    found = EXPERIMENT.fullmatch(ref)
    return found[3] if found else ""


def _refs(root: Path, command: Sequence[str]) -> dict[str, str]:
    """Return the commit of each experiment's ref."""
    lines = [line.split("\t") for line in _git(root, *command).splitlines()]
    return {ref: revision for revision, ref in lines if EXPERIMENT.fullmatch(ref)}


def _git(root: Path, *arguments: str, given: str = "") -> str:
    result = subprocess.run(
        ["git", *arguments], cwd=root, input=given, capture_output=True, encoding="utf-8", check=False
    )
    if result.returncode:
        reason = " ".join(result.stderr.split())[:300]
        raise InputError(f"git {arguments[0]} failed ({reason}): check the name or the address of the other clone.")
    return result.stdout
