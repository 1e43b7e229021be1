"""A GPU that this machine has and the backend does not compute on."""

import os

from scoretable.devices.device import find_device


def describe_unused_gpu() -> str | None:
    """Return a line about a GPU of NVIDIA's that stays idle, and what lets it work; None where there is none."""
    name = _find_nvidia_gpu()
    if name is None or find_device().is_gpu:
        return None
    return f"{name}: this GPU stays idle, as the CUDA packages are missing: `make environment GPU=1` installs them."


def _find_nvidia_gpu() -> str | None:
    """Return the name of the first GPU, None where there is none or you have hidden them all."""
    import pynvml

    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return None
    try:
        pynvml.nvmlInit()
        return str(pynvml.nvmlDeviceGetName(pynvml.nvmlDeviceGetHandleByIndex(0)))
    except pynvml.NVMLError:
        return None
