"""The command about a Slurm cluster."""

import sys

import typer

from scoretable.cli.shared import CLUSTER_PANEL, ROOT, command

app = typer.Typer()


@command(app, CLUSTER_PANEL, "scoretable queue")
def queue() -> str | None:
    """List this project's jobs that are waiting or running on a Slurm cluster."""
    from scoretable.cli.slurm_queue import queue_lines, read_queue, show_queue

    jobs = read_queue(ROOT)
    if not jobs or not sys.stdout.isatty():
        return show_queue(jobs)
    from rich.console import Console

    from scoretable.table.terminal import draw_lines

    Console().print(draw_lines(queue_lines(jobs), whole=("job", "state")))
    return None
