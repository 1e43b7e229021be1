"""The device that a training runs on."""

import os
import resource
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Device:
    """name: as its maker calls it. is_gpu: an accelerator. memory: in bytes, None for a CPU or where unknown."""

    name: str
    is_gpu: bool
    memory: int | None = None


def find_device() -> Device:
    """Return the device that the backend computes on."""
    import keras

    found = _jax_gpu() if keras.backend.backend() == "jax" else _tensorflow_gpu()
    return found or Device(_cpu_name(), is_gpu=False)


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_deterministic(deterministic: bool) -> None:
    """Ask the backend for kernels that repeat themselves to the bit, where it has a switch for them."""
    import keras

    if keras.backend.backend() == "tensorflow" and deterministic:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def peak_memory(device: Device) -> dict[str, int]:
    """Return the most memory that this process has held, in bytes: of the host, and of an accelerator if known."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = {"peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit}
    if device.is_gpu and (used := _peak_on_device()) is not None:
        peak["peak_device_memory"] = used
    return peak


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that decide what a training computes."""
    import keras

    backend = keras.backend.backend()
    return {name: version(name) for name in ("keras", backend, "numpy", "opencv-python-headless")}


def _tensorflow_gpu() -> Device | None:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return None
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return Device(name, is_gpu=True, memory=_nvidia_memory())


def _jax_gpu() -> Device | None:
    import jax

    device = jax.devices()[0]
    if device.platform == "cpu":
        return None
    statistics: dict[str, Any] = device.memory_stats() or {}
    return Device(device.device_kind, is_gpu=True, memory=statistics.get("bytes_limit"))


def _peak_on_device() -> int | None:
    import keras

    if keras.backend.backend() == "jax":
        import jax

        return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")
    import tensorflow as tf

    return tf.config.experimental.get_memory_info("GPU:0")["peak"]


def _nvidia_memory() -> int | None:
    """Memory of the first GPU that this process may use, in bytes."""
    import pynvml

    try:
        pynvml.nvmlInit()
        first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
        handle = pynvml.nvmlDeviceGetHandleByIndex(int(first) if first.isdecimal() else 0)
        return int(pynvml.nvmlDeviceGetMemoryInfo(handle).total)
    except pynvml.NVMLError:
        return None


def _cpu_name() -> str:
    description = Path("/proc/cpuinfo")
    lines = description.read_text(encoding="utf-8").splitlines() if description.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'CPU'} ({count_cores()} cores)"
