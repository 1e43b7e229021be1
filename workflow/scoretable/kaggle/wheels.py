"""Locked packages as files, for a machine without internet."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scoretable.workspace.errors import InputError

PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64")
PYTHONS = ("3.11", "3.12", "3.13")


def fetch_wheels(lock: Path, names: Sequence[str], folder: Path) -> None:
    """Fetch the locked versions of the packages `names`, without what they need, for PYTHONS on Linux into `folder`.

    Raises InputError where a name is not in the lock, or the registry does not give the files.
    """
    pinned = "\n".join(_pin(lock, name) for name in names)
    with tempfile.TemporaryDirectory() as temporary:
        requirements = Path(temporary) / "requirements.txt"
        requirements.write_text(pinned, encoding="utf-8")
        for python in PYTHONS:
            _download(requirements, python, folder)


def _pin(lock: Path, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}==.*?[^\\]$", lock.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if found is None:
        raise InputError(f"{lock} has no package {name}: restore it with `git checkout {lock}`.")
    return found.group()


def _download(requirements: Path, python: str, folder: Path) -> None:
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--only-binary", ":all:", "--python-version", python, *platforms, "--require-hashes",
        "--requirement", str(requirements), "--dest", str(folder),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1][:200]
        raise InputError(f"the packages for Kaggle could not be fetched ({reason}): check the network and try again.")
