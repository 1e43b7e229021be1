"""How long a newcomer waits for the first training step, phase by phase, and how long everyday commands take.

Usage: python benchmarks/startup.py --images 60

A turn clones this repository (what is committed, not the working tree), gives the clone this environment and the params
of a small row (SmallCNN, 32 px, 2 epochs), and types `make submission` and then the commands below. Nothing is
installed or downloaded. The phases are read off the clock as the real commands print their lines:

- `start`: make and Snakemake, until the first step says its name;
- the steps: from their name to their last line. `train, to first step` ends when the bar shows images, which it does
  at once for a first step that took a second or more, and within a second else;
- `between steps`: Snakemake and Python, from one step's last line to the name of the next, all together;
- `end`: from the last step's line to the end of make, in which the row is saved as a DVC experiment.

Seconds are those of the clock and, in a column of their own, of the processors, all processes of a command together:
these hardly change where other work keeps the machine busy.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import yaml
from harness import ROOT, Figures, make_parser, median, print_table, run_rounds, write_results
from scoretable.rows.stages import STEPS

SMALL = {"image_size": 32, "model": "SmallCNN", "weights": None, "epochs": 2, "batch_size": 16}
FIRST_STEP = re.compile(r"train: .*\| *[1-9]\d*/\d+ ")
TO_FIRST_STEP = "make to first training step"
COMMANDS = (
    "make submission",  # again: there is nothing to do
    "snakemake --cores 1 -n submission",
    "python -m scoretable table",
    "python -m scoretable --help",
    "dvc status dvc.yaml",
    "dvc exp run",  # nothing to do
    "dvc exp run -S tta=flip",  # evaluates and predicts, trains nothing
    "dvc exp run -S seed=1",
)
CPU = ", CPU"  # ends the names of figures in seconds of the processors

Moment = np.ndarray  # seconds since the start: of the clock, and of the processors
Line = tuple[Moment, str]


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


def variables_of(folder: Path) -> Mapping[str, str]:
    """Return the environment of a person in the clone, whose package it is that runs, and whose bytecode is kept."""
    dropped = ("MAKEFLAGS", "MAKELEVEL", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    tools = folder / ".venv/bin"
    return kept | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(folder / "workflow")}


def timed_lines(folder: Path, command: str) -> Iterator[Line]:
    """Run a command; yield the moment and the text of each line or state of a bar that it prints, and its end."""
    used = _of_finished_children()
    started = time.perf_counter()
    with subprocess.Popen(
        command.split(),
        cwd=folder, env=variables_of(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        text, printed = b"", b""
        while chunk := process.stdout.read(4096):
            moment = np.array([time.perf_counter() - started, _of_running(process.pid)])
            *lines, text = re.split(rb"[\r\n]+", text + chunk)
            printed += chunk
            yield from ((moment, line.decode(errors="replace")) for line in lines)
    if process.returncode:
        raise RuntimeError(f"{command} ended with exit code {process.returncode}:\n{printed.decode()}")
    yield np.array([time.perf_counter() - started, _of_finished_children() - used]), ""


def _of_finished_children() -> float:
    return sum(os.times()[2:4])


def _of_running(pid: int) -> float:
    """Return the CPU seconds of a process, its running descendants and, on Linux, those that have ended."""
    total = 0.0
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with suppress(psutil.Error):
                total += sum(each.cpu_times()[:4])
    return total


def read_phases(lines: Sequence[Line]) -> dict[str, Moment]:
    """Return the seconds of each phase of a whole run."""
    begun: dict[str, Moment] = {}
    ended: dict[str, Moment] = {}
    first_step = None
    current = ""
    for moment, line in lines:
        if line.removesuffix(":") in STEPS and line.endswith(":"):
            current = line.removesuffix(":")
            begun[current] = moment
        elif current == "train" and first_step is None and FIRST_STEP.search(line):
            first_step = moment
        elif current and line.startswith(("data/", "models/")):
            ended.setdefault(current, moment)
    assert first_step is not None, "the bar of the training was not seen"
    names = sorted(begun, key=lambda name: begun[name][0])
    phases = {"start": begun[names[0]]}
    for name in names:
        seconds = ended[name] - begun[name]
        if name == "train":
            phases["train, to first step"] = first_step - begun[name]
            seconds = ended[name] - first_step
        phases["train, the rest" if name == "train" else name] = seconds
    phases["between steps"] = sum((begun[after] - ended[before] for before, after in pairwise(names)), np.zeros(2))
    phases["end"] = lines[-1][0] - ended[names[-1]]
    return phases | {TO_FIRST_STEP: first_step, "make, all": lines[-1][0]}


def take_turn(images: int) -> Figures:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "clone"
        clone(folder, images)
        moments = read_phases(list(timed_lines(folder, "make submission")))
        for command in COMMANDS:
            lines = list(timed_lines(folder, command))
            if "-S" not in command and any(line.removesuffix(":") in STEPS for _, line in lines):
                raise RuntimeError(f"{command} ran a step again")
            moments[command] = lines[-1][0]
    seconds = {name: float(moment[0]) for name, moment in moments.items()}
    return seconds | {name + CPU: float(moment[1]) for name, moment in moments.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = make_parser(__doc__, images=60, rounds=3)
    options = parser.parse_args(arguments)
    if options.archive is not None:
        parser.error("this benchmark takes no --archive: a newcomer's first run draws one")
    rounds = run_rounds({"make submission": lambda: take_turn(options.images)}, options.rounds)
    phases = [name for name in rounds[0]["make submission"] if not name.endswith(CPU)]
    rows: list[dict[str, Any]] = [
        {
            "phase or command": phase,
            "seconds": median(rounds, "make submission", phase),
            "CPU seconds": median(rounds, "make submission", phase + CPU),
        }
        for phase in phases
    ]
    print(f"{options.images} images, SmallCNN, 32 px, medians of {options.rounds} rounds\n")
    print_table(rows)
    write_results(options, "startup", rows=rows, rounds=rounds)


if __name__ == "__main__":
    main()
