"""What becomes known about a row after it is saved, such as a score or a remark, added to its experiment.

The experiment's ref moves to a new commit, whose first parent is the baseline, as DVC expects, and whose further
parents are the experiment as it was. So git and `dvc exp push` see it as the same experiment, continued.
"""

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scoretable.experiments.experiment import Experiment
from scoretable.workspace.errors import InputError

SIGNATURE = {  # variables of git, and what fills them in the format of `git show`
    "GIT_AUTHOR_NAME": "%an",
    "GIT_AUTHOR_EMAIL": "%ae",
    "GIT_AUTHOR_DATE": "%aI",
    "GIT_COMMITTER_NAME": "%cn",
    "GIT_COMMITTER_EMAIL": "%ce",
    "GIT_COMMITTER_DATE": "%cI",
}


def amend_experiment(
    experiment: Experiment,
    message: str | None = None,
    files: Mapping[str, bytes] | None = None,
    also: Sequence[str] = (),
    without: Sequence[str] = (),
) -> str:
    """Give an experiment another message or other files in git, and return its new commit.

    Its author and date stay, since they tell when the row was made. also: commits of the same row, as of another
    clone, that this one continues as well. without: files that git no longer has of it. Raises InputError where the
    experiment was changed meanwhile.
    """
    root = experiment.root
    tree = _tree_with(experiment, files or {}, without) if files or without else f"{experiment.revision}^{{tree}}"
    parents = [part for parent in (experiment.baseline, experiment.revision, *also) for part in ("-p", parent)]
    text = experiment.message if message is None else message
    commit = _git(root, "commit-tree", tree, *parents, given=text.encode(), environment=_signature(experiment))
    _git(root, "update-ref", experiment.ref, commit, experiment.revision)
    return commit


def create_experiment(root: Path, name: str, message: str, files: Mapping[str, bytes]) -> Experiment:
    """Make an experiment of the last commit with other files in git; the workspace stays as it is.

    Raises InputError where one of this name is there on that commit, or git knows no name and email.
    """
    baseline = _git(root, "rev-parse", "HEAD")
    bare = Experiment(name, baseline, baseline, "", {}, {}, "", message, root)
    commit = _git(root, "commit-tree", _tree_with(bare, files), "-p", baseline, given=message.encode())
    _git(root, "update-ref", bare.ref, commit, "")  # '': it must not be there
    return replace(bare, revision=commit)


def _tree_with(experiment: Experiment, files: Mapping[str, bytes], without: Sequence[str] = ()) -> str:
    root = experiment.root
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git(root, "read-tree", experiment.revision, environment=index)
        for path, content in files.items():
            blob = _git(root, "hash-object", "-w", "--stdin", given=content)
            _git(root, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environment=index)
        if without:
            _git(root, "update-index", "--force-remove", "--", *without, environment=index)
        return _git(root, "write-tree", environment=index)


def _signature(experiment: Experiment) -> dict[str, str]:
    """Return the author and committer of the experiment, as variables that git reads."""
    form = f"--format={'%x00'.join(SIGNATURE.values())}"
    told = _git(experiment.root, "show", "--no-patch", form, experiment.revision).split("\0")
    return dict(zip(SIGNATURE, told, strict=True))


def _git(root: Path, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
    result = subprocess.run(
        ["git", *arguments],
        cwd=root,
        input=given,
        capture_output=True,
        env=os.environ | (environment or {}),
        check=False,
    )
    if result.returncode:
        reason = " ".join(result.stderr.decode(errors="replace").split())[:300]
        raise InputError(f"git {arguments[0]} could not change the row ({reason}): the row is unchanged; try again.")
    return result.stdout.decode(errors="replace").strip()
