"""How long a newcomer waits for the first training step, phase by phase, and what a run costs that has nothing to do.

Usage: python benchmarks/startup.py --images 60

A turn clones this repository (what is committed, not the working tree), gives the clone this environment and the params
of a small row (SmallCNN, 32 px, 2 epochs), and types `make submission` twice. Nothing is installed or downloaded. The
phases are read off the clock as the real commands print their lines:

- `start`: make and Snakemake, until the first step says its name;
- the steps: from their name to their last line. `train, to first step` ends when the bar shows images, which it does
  at once for a first step that took a second or more, and within a second else;
- `between steps`: Snakemake and Python, from one step's last line to the name of the next, all together;
- `end`: from the last step's line to the end of make, in which the row is saved as a DVC experiment;
- `second run`: the same command again.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from harness import ROOT, Figures, make_parser, median, print_table, run_rounds, write_results
from scoretable.rows.stages import STEPS

SMALL = {"image_size": 32, "model": "SmallCNN", "weights": None, "epochs": 2, "batch_size": 16}
FIRST_STEP = re.compile(r"train: .*\| *[1-9]\d*/\d+ ")
TO_FIRST_STEP, SECOND_RUN = "make to first training step", "second run"


def clone(folder: Path, images: int) -> None:
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    params = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8")) | SMALL | {"sandbox_images": images}
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    for setting in ("user.name=benchmark", "user.email=benchmark@localhost"):
        subprocess.run(["git", "config", *setting.split("=")], cwd=folder, check=True)
    subprocess.run(["git", "commit", "--quiet", "--all", "--message", "a small row"], cwd=folder, check=True)
    # A folder of its own, since make compares the mark's time with that of the locks, which were written just now.
    environment = folder / ".venv"
    environment.mkdir()
    for path in Path(sys.prefix).iterdir():
        if not path.name.startswith(".installed"):
            (environment / path.name).symlink_to(path)
    (environment / ".installed").touch()


def timed_lines(folder: Path) -> Iterator[tuple[float, str]]:
    """Run `make submission`; yield the seconds since its start and each line or state of a bar that it prints."""
    # The package comes from the clone, not from where this benchmark runs.
    variables = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")
    }
    started = time.perf_counter()
    with subprocess.Popen(
        ["make", "submission"], cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    ) as process:
        assert process.stdout is not None
        text, printed = b"", b""
        while chunk := process.stdout.read(4096):
            seconds = time.perf_counter() - started
            *lines, text = re.split(rb"[\r\n]+", text + chunk)
            printed += chunk
            yield from ((seconds, line.decode(errors="replace")) for line in lines)
    if process.returncode:
        raise RuntimeError(f"make submission ended with exit code {process.returncode}:\n{printed.decode()}")
    yield time.perf_counter() - started, ""


def read_phases(lines: Sequence[tuple[float, str]]) -> Figures:
    """Return the seconds of each phase of a whole run."""
    begun: dict[str, float] = {}
    ended: dict[str, float] = {}
    first_step = 0.0
    current = ""
    for seconds, line in lines:
        if line.removesuffix(":") in STEPS and line.endswith(":"):
            current = line.removesuffix(":")
            begun[current] = seconds
        elif current == "train" and not first_step and FIRST_STEP.search(line):
            first_step = seconds
        elif current and line.startswith(("data/", "models/")):
            ended.setdefault(current, seconds)
    names = sorted(begun, key=begun.__getitem__)
    phases = {"start": begun[names[0]]}
    for name in names:
        seconds = ended[name] - begun[name]
        if name == "train":
            phases["train, to first step"] = first_step - begun[name]
            seconds = ended[name] - first_step
        phases["train, the rest" if name == "train" else name] = seconds
    phases["between steps"] = sum(begun[after] - ended[before] for before, after in pairwise(names))
    phases["end"] = lines[-1][0] - ended[names[-1]]
    return phases | {TO_FIRST_STEP: first_step, "make, all": lines[-1][0]}


def take_turn(images: int) -> Figures:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "clone"
        clone(folder, images)
        phases = read_phases(list(timed_lines(folder)))
        again = list(timed_lines(folder))
        if any(line.removesuffix(":") in STEPS for _, line in again):
            raise RuntimeError("the second run ran a step again")
        return phases | {SECOND_RUN: again[-1][0]}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=60, rounds=3)
    options = parser.parse_args(arguments)
    if options.archive is not None:
        parser.error("this benchmark takes no --archive: a newcomer's first run draws one")
    rounds = run_rounds({"make submission": lambda: take_turn(options.images)}, options.rounds)
    rows: list[dict[str, Any]] = [
        {"phase": phase, "seconds": median(rounds, "make submission", phase)} for phase in rounds[0]["make submission"]
    ]
    print(f"{options.images} images, SmallCNN, 32 px, medians of {options.rounds} rounds\n")
    print_table(rows)
    write_results(options, "startup", rows=rows, rounds=rounds)


if __name__ == "__main__":
    main()
