"""Data parallelism: every device holds a replica of the model and works on its share of each batch.

The batch stays the global one. What looks at a whole batch does so over all replicas: batch normalisation takes its
statistics over all shares, dropout cuts each share's mask out of one for the whole batch, and mixed images find
partners in other shares. So a training comes out as on one device but for the order of sums.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from scoretable.devices.workers import Worker, find_worker, join_workers
from scoretable.workspace.errors import InputError

Feed = dict[str, Any]


@dataclass(frozen=True)
class Replicas:
    """The devices of a training.

    count: of them, on all machines; strategy: TensorFlow's, mesh: JAX's, None for one device; worker: this process.
    """

    count: int = 1
    strategy: Any = None
    mesh: Any = None
    worker: Worker = field(default_factory=Worker)

    def scope(self) -> AbstractContextManager[Any]:
        """Within it variables are made that all replicas hold."""
        return self.strategy.scope() if self.strategy is not None else nullcontext()

    def replicate(self, array: Any) -> Any:
        """Return an array of JAX that each device has a copy of, for a step to take."""
        return array if self.mesh is None else _put_on_mesh(self.mesh, array)

    def hold(self, images: np.ndarray | None) -> Any:
        """Return images in the memory of each device, for a step to gather from: a variable where it is TensorFlow."""
        import keras

        if images is None:
            return None
        if keras.backend.backend() == "jax":
            return self.replicate(keras.ops.convert_to_tensor(images))
        import tensorflow as tf

        if self.strategy is None:
            return tf.Variable(images, trainable=False)
        devices = self.strategy.extended.worker_devices

        def copy(context: Any) -> Any:
            with tf.device(devices[context.replica_id_in_sync_group % len(devices)]):
                return tf.Variable(images, trainable=False)

        return self.strategy.experimental_distribute_values_from_function(copy)

    def put(self, feed: Feed) -> Any:
        """Return a feed in the memory of the devices, each of which gets its part of the images; in any thread.

        TensorFlow's replicas get all of a batch that is mixed, and cut their part out when it is (`own_part`).
        """
        import keras

        if keras.backend.backend() == "jax":
            return _put_on_jax(self.mesh, feed)
        if self.strategy is None:
            return _put_on_tensorflow(_tensorflow_devices()[0], feed)
        if "partner" in feed:
            return feed
        devices = self.strategy.extended.worker_devices

        def part(context: Any) -> Feed:
            number = context.replica_id_in_sync_group
            own = {name: np.split(array, self.count)[number] for name, array in feed.items()}
            return _put_on_tensorflow(devices[number % len(devices)], own)

        return self.strategy.experimental_distribute_values_from_function(part)

    def gather(self, outputs: Any) -> Any:
        """Return the replicas' outputs to a shared batch as one array in its order, on each worker."""
        return outputs if self.strategy is None else self.strategy.gather(outputs, axis=0)


def open_replicas(asked: int | None, batch_size: int) -> Replicas:
    """Return as many devices as divide the batch evenly: of those that are there, or of `asked`.

    Raises InputError where `asked` devices are not there or do not divide the batch.
    """
    import keras

    if (workers := join_workers()) is not None:
        return _with_workers(workers, batch_size)
    on_jax = keras.backend.backend() == "jax"
    devices = _jax_devices() if on_jax else _tensorflow_devices()
    if asked is None:
        asked = max(count for count in range(1, max(len(devices), 1) + 1) if batch_size % count == 0)
    _check_shares(asked, batch_size)
    if asked > 1 and asked > len(devices):
        raise InputError(
            f"devices: {asked} is more than this machine has ({len(devices)}): give fewer, or null for all."
        )
    if asked == 1:
        return Replicas()
    if on_jax:
        from jax.sharding import Mesh

        return Replicas(asked, mesh=Mesh(np.array(devices[:asked]), ("images",)))
    import tensorflow as tf

    return Replicas(asked, strategy=tf.distribute.MirroredStrategy(devices[:asked]))


def _with_workers(strategy: Any, batch_size: int) -> Replicas:
    count = strategy.num_replicas_in_sync
    _check_shares(count, batch_size)
    return Replicas(count, strategy, worker=find_worker())


def _check_shares(count: int, batch_size: int) -> None:
    if batch_size % count:
        raise InputError(
            f"devices: {count} devices cannot share batches of {batch_size} images evenly: change batch_size or "
            "devices."
        )


def split_cpu(devices: int) -> None:
    """Let the backend show a machine without a GPU as `devices` of them; before anything is computed on it."""
    import keras

    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_num_cpu_devices", devices)  # type: ignore[no-untyped-call]
        return
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        (cpu,) = tf.config.list_physical_devices("CPU")
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)


def own_part(replicas: Replicas) -> Callable[[Any], Any]:
    """Return a function that cuts the part of the replica at work out of an array of the whole batch."""

    def cut(array: Any) -> Any:
        import tensorflow as tf

        number = tf.distribute.get_replica_context().replica_id_in_sync_group
        size = array.shape[0] // replicas.count
        return array[number * size : (number + 1) * size]

    return cut


def join_layers(model: Any, replicas: Replicas) -> None:
    """Let the layers that look at a whole batch do so over all of TensorFlow's replicas."""
    import keras

    for layer in model._flatten_layers() if replicas.strategy is not None else ():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer._moments = _joined_moments(layer)
        elif type(layer) is keras.layers.Dropout:
            layer.call = _joined_dropout(layer, replicas)


def part_layers(model: Any) -> None:
    """Take back what `join_layers` did, so that the model is saved as on one device."""
    import keras

    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.__dict__.pop("_moments", None)
        elif type(layer) is keras.layers.Dropout:
            layer.__dict__.pop("call", None)


def _joined_moments(layer: Any) -> Callable[..., Any]:
    """Return the moments of all shares, for a BatchNormalization.

    Keras' own (`synchronized`) takes the variance as E(x^2) - E(x)^2, which loses all digits of a small one.
    """
    import tensorflow as tf

    def moments(inputs: Any, mask: Any) -> tuple[Any, Any]:
        context = tf.distribute.get_replica_context()
        pixels = tf.cast(inputs, tf.float32)

        def mean_over_all(values: Any) -> Any:
            return context.all_reduce(tf.distribute.ReduceOp.MEAN, tf.reduce_mean(values, layer._reduction_axes))

        mean = mean_over_all(pixels)
        spread = tf.math.squared_difference(pixels, tf.stop_gradient(mean))
        return tf.cast(mean, inputs.dtype), tf.cast(mean_over_all(spread), inputs.dtype)

    return moments


def _joined_dropout(layer: Any, replicas: Replicas) -> Callable[..., Any]:
    import keras

    cut = own_part(replicas)

    def call(inputs: Any, training: bool = False) -> Any:
        if not training or layer.rate == 0:
            return inputs
        shape = tuple(layer.noise_shape or inputs.shape)
        whole = (inputs.shape[0] * replicas.count, *(1 if size is None else size for size in shape[1:]))
        mask = keras.random.dropout(keras.ops.ones(whole, inputs.dtype), layer.rate, seed=layer.seed_generator)
        return inputs * cut(mask)

    return call


def _put_on_jax(mesh: Any, feed: Feed) -> Any:
    """Put a feed on a device by its name, or share it among the mesh's; JAX compiles anew where that changes."""
    import jax

    if mesh is None:
        return jax.device_put(feed, jax.devices()[0])
    return {name: _put_on_mesh(mesh, array, "images") for name, array in feed.items()}


def _put_on_mesh(mesh: Any, array: Any, *axes: str) -> Any:
    """Put an array on the mesh's devices: a part on each along the first axis, or all of it on each."""
    import jax
    from jax.sharding import NamedSharding, PartitionSpec

    return jax.device_put(array, NamedSharding(mesh, PartitionSpec(*axes)))  # type: ignore[no-untyped-call]


def _put_on_tensorflow(device: str, feed: Feed) -> Feed:
    import tensorflow as tf

    with tf.device(device):
        return {name: tf.convert_to_tensor(array) for name, array in feed.items()}


@cache
def _tensorflow_devices() -> list[str]:
    import tensorflow as tf

    kind = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return [device.name for device in tf.config.list_logical_devices(kind)]


def _jax_devices() -> list[Any]:
    import jax

    return list(jax.devices())
