"""Which library Keras computes with: TensorFlow or JAX."""

import os
from importlib.util import find_spec

from scoretable.devices.workers import find_worker
from scoretable.workspace.errors import InputError

BACKENDS = ("tensorflow", "jax")
CUDA_OF_JAX = ("jax_cuda12_plugin", "jax_cuda13_plugin")  # without one of them JAX computes on the CPU


def choose_backend(asked: str | None) -> str:
    """Return the backend that is asked for, else the one that KERAS_BACKEND names, else the fastest that is installed.

    Raises InputError where it is not installed.
    """
    installed = [name for name in BACKENDS if _is_installed(name)]
    if not installed:
        raise InputError("Neither TensorFlow nor JAX is installed: `make environment` installs both.")
    named = os.environ.get("KERAS_BACKEND") or None
    if not asked and named not in (None, *BACKENDS):
        raise InputError(
            f"KERAS_BACKEND={named} is no backend of scoretable: set it to tensorflow or jax, or unset it."
        )
    chosen = asked or named or _find_fastest(installed)
    if chosen not in installed:
        place = f"backend: {asked}" if asked else f"KERAS_BACKEND={named}"
        raise InputError(
            f"{place} is not installed: `make environment` installs it, or set backend: {installed[0]} in session.yaml."
        )
    return chosen


def find_nvidia_gpu() -> str | None:
    """Return the name of the first GPU of NVIDIA's, None where there is none or you have hidden them all."""
    import pynvml

    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return None
    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(0)))
    except pynvml.NVMLError:
        return None


def _find_fastest(installed: list[str]) -> str:
    """Return TensorFlow for a CPU, and JAX for a GPU where it has its CUDA packages: XLA compiles its whole step.

    Several workers need TensorFlow.
    """
    jax_has_cuda = "jax" in installed and any(map(_is_installed, CUDA_OF_JAX))
    if jax_has_cuda and find_worker().count == 1 and find_nvidia_gpu() is not None:
        return "jax"
    return installed[0]


def _is_installed(module: str) -> bool:
    return find_spec(module) is not None
