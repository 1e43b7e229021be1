"""The package as it is committed, for a machine that has no copy of the repository."""

import lzma
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scoretable.workspace.errors import InputError

PACKAGE = "workflow"


@dataclass(frozen=True)
class CommittedSource:
    """Files of one commit. commit: its 40 hexadecimal digits; tar: they, as a tar archive compressed by xz."""

    commit: str
    tar: bytes


def pack_commit(root: Path, files: Sequence[str] = ()) -> CommittedSource:
    """Pack workflow/ and further `files` of the commit that is checked out in `root`.

    Raises InputError where one of them differs from the commit, since nobody could get that state back.
    """
    paths = (PACKAGE, *files)
    commit = _git(root, "rev-parse", "HEAD").decode().strip()
    status = _git(root, "status", "--porcelain", "-z", "--untracked-files=normal", "--no-renames", "--", *paths)
    changed = status.decode(errors="replace").split("\0")[:-1]
    if changed:
        name = changed[0][3:]
        raise InputError(
            f"{name} is not committed, and only committed files run elsewhere: type `git add {shlex.quote(name)}` and "
            "`git commit`, or set it aside with `git stash -u`."
        )
    packed = lzma.compress(_git(root, "archive", "--format=tar", commit, "--", *paths), preset=9)
    return CommittedSource(commit, packed)


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise InputError("git, which knows what is committed, is not installed: install it.") from None
    except subprocess.CalledProcessError as error:
        reason = " ".join(error.stderr.decode(errors="replace").split())[:200]
        raise InputError(f"git cannot tell what is committed ({reason}): work in a clone of the project.") from None
