"""Several processes that train one model together: as a rule one on each machine of a cluster.

All of them run `scoretable train` in one folder that they share. The first one, the chief, does what a training alone
does: it holds the lock, saves checkpoints and writes the outputs. The others only lend their devices.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from scoretable.workspace.errors import InputError

# Ports on which Slurm's tasks of one machine talk: 8 per job, in a row from the first, for 1,000 jobs side by side.
FIRST_PORT, PORTS_OF_A_JOB, JOBS = 12300, 8, 1000


@dataclass(frozen=True)
class Worker:
    """This process among `count` workers; index 0 is the chief."""

    index: int = 0
    count: int = 1


def find_worker() -> Worker:
    """Return which worker this process is, by TF_CONFIG or by Slurm (`srun --ntasks`), else the only one.

    TF_CONFIG: https://www.tensorflow.org/guide/distributed_training#TF_CONFIG. Raises InputError where it is damaged.
    """
    if "TF_CONFIG" in os.environ:
        try:
            configuration = json.loads(os.environ["TF_CONFIG"])
            return Worker(int(configuration["task"]["index"]), len(configuration["cluster"]["worker"]))
        except (ValueError, KeyError, TypeError):
            raise InputError(
                "TF_CONFIG does not say which worker this is: give "
                '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}.'
            ) from None
    tasks = int(os.environ.get("SLURM_STEP_NUM_TASKS", "1"))
    return Worker(int(os.environ["SLURM_PROCID"]), tasks) if tasks > 1 else Worker()


@cache
def join_workers() -> Any:
    """Return TensorFlow's strategy over all workers, or None for one alone; before anything is computed.

    Waits until all workers are there. Raises InputError on JAX.
    """
    if find_worker().count == 1:
        return None
    if os.environ.get("KERAS_BACKEND") == "jax":
        raise InputError(
            "several workers need TensorFlow: set backend: tensorflow in session.yaml, or start one process."
        )
    import tensorflow as tf

    if "TF_CONFIG" in os.environ:
        resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    else:
        # TensorFlow's own resolver for Slurm takes no tasks without GPUs.
        nodes = subprocess.run(
            ["scontrol", "show", "hostnames", os.environ["SLURM_STEP_NODELIST"]],
            capture_output=True, text=True, check=True,
        ).stdout.split()  # fmt: skip
        port = FIRST_PORT + PORTS_OF_A_JOB * (int(os.environ["SLURM_JOB_ID"]) % JOBS)
        addresses = slurm_addresses(nodes, os.environ["SLURM_STEP_TASKS_PER_NODE"], port)
        resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
            tf.train.ClusterSpec({"worker": addresses}),
            task_type="worker",
            task_id=find_worker().index,
            rpc_layer="grpc",
        )
    return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)


def slurm_addresses(nodes: Sequence[str], tasks_per_node: str, port: int) -> list[str]:
    """Return host:port of each of Slurm's tasks, in their order. tasks_per_node: as Slurm writes it.

    >>> slurm_addresses(["a", "b", "c"], "2(x2),1", 9000)
    ['a:9000', 'a:9001', 'b:9000', 'b:9001', 'c:9000']
    """
    counts = []
    for part in tasks_per_node.split(","):
        tasks, _, repeated = part.removesuffix(")").partition("(x")
        counts += [int(tasks)] * int(repeated or 1)
    return [f"{node}:{port + task}" for node, tasks in zip(nodes, counts, strict=True) for task in range(tasks)]


def any_worker(strategy: Any, here: bool) -> bool:
    """Return whether `here` is true for any worker; all of them have to ask at the same time."""
    import tensorflow as tf

    values = strategy.experimental_distribute_values_from_function(lambda context: tf.constant(int(here)))
    return int(strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)) > 0
