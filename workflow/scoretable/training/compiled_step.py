"""The training step and the evaluation step, compiled: all arithmetic in Keras' portable operations.

Only how a backend compiles a function and takes a gradient differs, so there is one class per backend, in its module.

A step can put its batch through the network in parts, one after the other (`accumulate`), so that only a part's layers
are in memory: the gradients of the parts' means add up to that of the batch's mean, since all parts are of one size and
Keras divides a loss by the images, also where they have weights. The optimizer sees one gradient a batch. That is not
left to its `gradient_accumulation_steps`, for which each part is a step: schedules, averages, checkpoints and epochs
would count parts, and mixed images could find no partner in another part. Batch normalisation takes its statistics
over a part, and its averages move once a part.

A call makes up to `longest_call` steps: it always gets feeds for all of them, of which the last ones may be the same,
and the number of steps that it makes. So calls of fewer steps are not compiled anew.
"""

from typing import Any

import keras

from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas, own_part
from scoretable.models.max_pooling import pool_by_slices
from scoretable.training.averaging import Average
from scoretable.training.jax_step import JaxStep
from scoretable.training.objective import Objective
from scoretable.training.tensorflow_step import TensorFlowStep


def compile_step(
    objective: Objective, optimizer: Any, trained: list[keras.Variable], device: Device, replicas: Replicas,
    longest_call: int, accumulate: int, average: Average | None = None,
) -> Any:  # fmt: skip
    """Return the step of the backend that Keras runs on, compiled by XLA for JAX, and for TensorFlow on one GPU.

    average: what follows each step, if anything does.

    On a CPU, TensorFlow's own kernels are faster, and several GPUs add up their gradients outside of what XLA compiles.
    """
    xla = objective.xla = keras.backend.backend() == "jax" or (device.is_gpu and replicas.count == 1)
    if xla:
        pool_by_slices(objective.model)
    if replicas.strategy is not None:
        objective.own_part, objective.parts = own_part(replicas), replicas.count
    kinds = {"tensorflow": TensorFlowStep, "jax": JaxStep}
    parts = objective, optimizer, trained, xla, replicas, longest_call, accumulate, average
    return kinds[keras.backend.backend()](*parts)
