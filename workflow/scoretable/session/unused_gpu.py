"""A GPU that this machine has and the backend does not compute on."""

from scoretable.devices.backend import find_nvidia_gpu
from scoretable.devices.device import find_device


def describe_unused_gpu() -> str | None:
    """Return a line about a GPU of NVIDIA's that stays idle, and what lets it work; None where there is none."""
    name = find_nvidia_gpu()
    if name is None or find_device().is_gpu:
        return None
    return f"{name}: this GPU stays idle, as the CUDA packages are missing: `make environment GPU=1` installs them."
