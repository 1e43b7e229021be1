"""The number format of the training step."""

from pathlib import Path


def suggest_precision() -> str:
    """Return the format that this machine is fast at.

    bfloat16 on a GPU of compute capability 8 (Ampere) or newer and on a CPU with bfloat16 instructions, float16
    on an older GPU with tensor cores (7.0, Volta), else float32.
    """
    capability = _gpu_capability()
    if capability is None:
        return "mixed_bfloat16" if _cpu_has_bfloat16() else "float32"
    if capability >= (8, 0):
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= (7, 0) else "float32"


def _gpu_capability() -> tuple[int, int] | None:
    import keras

    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(devices[0]).get("compute_capability") if devices else None


def _cpu_has_bfloat16() -> bool:
    description = Path("/proc/cpuinfo")
    flags = description.read_text(encoding="utf-8").split() if description.exists() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags
