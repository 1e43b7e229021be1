"""Commands of the pipeline run and measured as processes, in a clone that holds a row to make."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from harness import ROOT, Figures

MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
# A process begins with its parent's peak of memory, so the parent is this one and not a benchmark full of libraries.
# RssAnon is what the process itself has written to memory: pages of mapped files, which the kernel takes back when it
# needs them, are not in it. Linux keeps no peak of it, so it is looked at twenty times a second.
LAUNCHER = """
import os, sys, time
def own_memory():
    try:
        with open(f"/proc/{process}/status") as status:
            return max([int(line.split()[1]) for line in status if line.startswith("RssAnon")], default=0)
    except OSError:
        return 0
begun = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
own, ended = 0, 0
while not ended:
    own = max(own, own_memory())
    time.sleep(0.05)
    ended, status, usage = os.wait4(process, os.WNOHANG)
seconds = time.perf_counter() - begun
print([status, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, own])
"""


@dataclass(frozen=True)
class Clone:
    """This repository as it is committed, with params of its own; commands that run in it use its package."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, params: dict[str, Any]) -> "Clone":
        """Clone the repository into `folder` and commit `params`, also those of session.yaml, on top of its own."""
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        for file in (folder / "params.yaml", folder / "session.yaml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            content |= {name: value for name, value in params.items() if name in content}
            file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        for setting in ("user.name=benchmark", "user.email=benchmark@localhost"):
            subprocess.run(["git", "config", *setting.split("=")], cwd=folder, check=True)
        commit = ["git", "commit", "--quiet", "--all", "--allow-empty", "--message", "a row"]
        subprocess.run(commit, cwd=folder, check=True)
        return cls(folder)

    def measure(self, *command: str) -> Figures:
        """Run `python -m command`; return its seconds, CPU seconds and peaks of memory in MB.

        `peak` is that of the largest process, as the kernel counts it, pages of mapped files included. `own` is that of
        the first process without them, where the system tells it. Raises RuntimeError with what the command printed
        where it fails.
        """
        variables = os.environ | {"PYTHONPATH": str(self.folder / "workflow"), "KERAS_BACKEND": "tensorflow"}
        log = self.folder.parent / f"{self.folder.name}.log"
        with log.open("wb") as printed:
            launched = subprocess.run(
                [sys.executable, "-I", "-S", "-c", LAUNCHER, sys.executable, "-m", *command],
                cwd=self.folder, env=variables, stdout=subprocess.PIPE, stderr=printed, check=True,
            )  # fmt: skip
        status, seconds, cpu, memory, own = json.loads(launched.stdout)
        if status:
            raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text(errors='replace')[-2000:]}")
        own_memory = {"own MB": own * 1024 / 1e6} if own else {}
        return {"seconds": seconds, "CPU seconds": cpu, "peak MB": memory * MEMORY_UNIT / 1e6} | own_memory


def disk_bytes(*places: Path) -> int:
    """Return the bytes of files and of all that folders hold; of a file with several names, once."""
    inner = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    files = (path.lstat() for path in inner if not path.is_dir())
    found = {(status.st_dev, status.st_ino): status.st_size for status in files}
    return sum(found.values())


@dataclass(frozen=True)
class Growth:
    """The straight line `start + slope * size` through measurements, and the exponent of what lies above its start.

    The exponent is that of the largest size against the smallest: 1 is linear, more is worse. It is None where the line
    says nothing: where what a thousandth of the largest value could be noise is all that there is.
    """

    start: float
    slope: float
    exponent: float | None

    @classmethod
    def of(cls, sizes: Sequence[int], values: Sequence[float]) -> "Growth":
        """Fit the line by least squares; a start below zero counts as zero for the exponent."""
        slope, start = (float(number) for number in np.polyfit(sizes, values, 1))
        low, high = (value - max(start, 0.0) for value in (values[0], values[-1]))
        known = low > 0 and high > 0.001 * abs(values[-1])
        return cls(start, slope, math.log(high / low) / math.log(sizes[-1] / sizes[0]) if known else None)

    def at(self, size: int) -> float:
        """Return what the line says of another size."""
        return self.start + self.slope * size
