"""Importing Keras and TensorFlow: set up to repeat themselves, and without chatter."""

import gc
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from scoretable.devices.backend import choose_backend
from scoretable.devices.device import find_device
from scoretable.devices.jax_convolutions import quicken_convolutions
from scoretable.devices.replicas import split_cpu
from scoretable.devices.workers import join_workers

# Keras and TensorFlow import these wherever they are installed, for what no step uses: a third of the time.
OPTIONAL = ("jax", "matplotlib", "pandas", "sklearn")


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what is written to file descriptor 2, also by C++, and show it only if the block fails."""
    sys.stderr.flush()
    shown = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(shown, held_back.read())
            raise
        finally:
            os.dup2(shown, 2)
            os.close(shown)


def unused_modules() -> list[str]:
    """Return those of OPTIONAL that are not the backend."""
    return [name for name in OPTIONAL if name != os.environ.get("KERAS_BACKEND")]


@contextmanager
def not_found(modules: Iterable[str]) -> Iterator[None]:
    """Have `import` find none of these modules within the block, less those that are imported already."""
    hidden = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None is Python's own mark for it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def import_keras(deterministic: bool = True, devices: int | None = None, backend: str | None = None) -> None:
    """Import Keras and its backend, so that equal trainings end in equal weights if `deterministic`.

    devices: as how many a machine without a GPU shows itself. backend: see `choose_backend`, which may raise
    InputError; KERAS_BACKEND names it from here on. Waits for the other workers, where there are any.

    TensorFlow's C++ reports a GPU that is not there as a warning and an error; whoever sets TF_CPP_MIN_LOG_LEVEL
    hears all of it.
    """
    os.environ["KERAS_BACKEND"] = choose_backend(backend)
    if deterministic and os.environ["KERAS_BACKEND"] == "jax":  # whose switch for GPU kernels this is
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true".strip()
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        _open_devices(devices)
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with quiet_stderr():
        _open_devices(devices)


def _open_devices(devices: int | None) -> None:
    gc.disable()  # a million new objects, none of them garbage: a seventh of the time
    with not_found(unused_modules()):
        import keras
    gc.enable()

    if join_workers() is None and devices is not None and devices > 1:
        split_cpu(devices)
    keras.ops.convert_to_tensor(0.0)  # the first tensor looks for devices
    if os.environ["KERAS_BACKEND"] == "jax" and not find_device().is_gpu:
        quicken_convolutions()
