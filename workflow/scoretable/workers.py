"""Several processes that train one model together: as a rule one on each machine of a cluster.

All of them run `scoretable train` in one folder that they share. The first one, the chief, does what a training alone
does: it holds the lock, saves checkpoints and writes the outputs. The others only lend their devices.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import Any

from scoretable.errors import InputError

SLURM_PORT = 12300  # first of the ports on which Slurm's tasks of one machine talk


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
        raise InputError("several workers need TensorFlow: unset KERAS_BACKEND, or start one process.")
    import tensorflow as tf

    if "TF_CONFIG" in os.environ:
        resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    else:
        resolver = tf.distribute.cluster_resolver.SlurmClusterResolver(port_base=SLURM_PORT, auto_set_gpu=False)
    return tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)


def any_worker(strategy: Any, here: bool) -> bool:
    """Return whether `here` is true for any worker; all of them have to ask at the same time."""
    import tensorflow as tf

    values = strategy.experimental_distribute_values_from_function(lambda context: tf.constant(int(here)))
    return int(strategy.reduce(tf.distribute.ReduceOp.SUM, values, axis=None)) > 0
