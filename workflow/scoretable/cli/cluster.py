"""The command about a Slurm cluster."""

import typer

from scoretable.cli.shared import CLUSTER_PANEL, ROOT, command

app = typer.Typer()


@command(app, CLUSTER_PANEL, "scoretable queue")
def queue() -> str:
    """List this project's jobs that wait or run on a Slurm cluster."""
    from scoretable.cli.slurm_queue import read_queue, show_queue

    return show_queue(read_queue(ROOT))
