"""What of this project waits or runs on a Slurm cluster."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from scoretable.rows.params import SESSION, load_params, load_session
from scoretable.workspace.errors import InputError
from scoretable.workspace.main_repository import main_repository

# https://slurm.schedmd.com/squeue.html: Snakemake's plugin leaves the rule in the comment.
FIELDS = {"job": "%i", "step": "%k", "state": "%T", "reason": "%r", "runs for": "%M", "limit": "%l", "on": "%N"}
FOLDER = "%Z"


@dataclass(frozen=True)
class Job:
    """A Slurm job: `shown` has squeue's FIELDS, `folder` is the copy of the project that it works in."""

    shown: dict[str, str]
    folder: Path


def read_queue(root: Path) -> list[Job]:
    """Return this user's jobs that work in the project at `root` or in DVC's copies of it.

    Raises InputError where no Slurm answers.
    """
    separator = "\x1f"  # a comment may hold any other character
    command = ["squeue", "--me", "--noheader", f"--format={separator.join([*FIELDS.values(), FOLDER])}"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    except FileNotFoundError:
        raise InputError("there is no squeue on this machine: ask on a login node of the cluster.") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        lines = str(error.stderr or error).strip().splitlines()
        raise InputError(f"squeue does not answer ({lines[-1]}): ask again, or ask your cluster's help desk.") from None
    jobs = []
    for line in found.stdout.splitlines():
        *shown, folder = line.split(separator)
        jobs.append(Job(dict(zip(FIELDS, shown, strict=True)), Path(folder)))
    return [job for job in jobs if main_repository(job.folder) == root.resolve()]


def show_queue(jobs: list[Job]) -> str:
    """Return the jobs as a table that is as wide as it needs."""
    if not jobs:
        return "No job of this project is waiting or running on the cluster."
    return tabulate(queue_lines(jobs), headers="keys", tablefmt="simple")


def queue_lines(jobs: list[Job]) -> list[dict[str, str]]:
    """Return a line for each job, with what its row is."""
    return [job.shown | {"step": job.shown["step"].removeprefix("rule_"), "row": describe_row(job)} for job in jobs]


def describe_row(job: Job) -> str:
    """Return what the job's row is, from the params in its folder."""
    try:
        params, session = load_params(job.folder / "params.yaml"), load_session(job.folder / SESSION)
    except InputError:
        return "?"  # the copy is gone, or is not there yet
    reruns = f"row {session.reruns}: " if session.reruns else ""
    return f"{reruns}{params.competition}, {params.model}, {params.image_size} px, seed {params.seed}"
