"""The number format of the training step."""

from pathlib import Path

from scoretable.models.backbones import BACKBONES

# Networks of inverted bottlenecks with depthwise convolutions. Rates of training in bfloat16 against float32 at
# 128 px on two cores of an EPYC with AVX-512 bf16: EfficientNetLite0 0.6, EfficientNetB0, MobileNetV2 and
# MobileNetV3Large 0.8, MobileNet 1.0; of others VGG16 1.9, InceptionV3 and Xception 1.4, ResNet50 1.3, DenseNet121
# 1.2, EfficientNetV2B0 and ConvNeXtTiny 1.1. On two cores of a Xeon with AMX, by CPU seconds: swin_tiny 1.4, vit_tiny
# 1.0.
SLOW_IN_BFLOAT16 = {
    "scoretable.models.efficientnet_lite",
    *(f"keras.applications.{name}" for name in ("efficientnet", "mobilenet", "mobilenet_v2", "mobilenet_v3")),
}


def suggest_precision(backbone: str) -> str:
    """Return the format in which this machine trains the named backbone fastest.

    bfloat16 on a GPU of compute capability 8 (Ampere) or newer and on a CPU with bfloat16 instructions, where the
    backbone gains from them; float16 on an older GPU with tensor cores (7.0, Volta); else float32.
    """
    capability = _gpu_capability()
    if capability is None:
        gains = _cpu_has_bfloat16() and BACKBONES[backbone].module not in SLOW_IN_BFLOAT16
        return "mixed_bfloat16" if gains else "float32"
    if capability >= (8, 0):
        return "mixed_bfloat16"
    return "mixed_float16" if capability >= (7, 0) else "float32"


def _gpu_capability() -> tuple[int, int] | None:
    import keras

    if keras.backend.backend() == "jax":
        import jax

        named = getattr(jax.devices()[0], "compute_capability", None)  # "9.0"; devices of others have none, or letters
        major, _, minor = str(named).partition(".")
        return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    return tf.config.experimental.get_device_details(devices[0]).get("compute_capability") if devices else None


def _cpu_has_bfloat16() -> bool:
    description = Path("/proc/cpuinfo")
    flags = description.read_text(encoding="utf-8").split() if description.exists() else []
    return "avx512_bf16" in flags or "amx_bf16" in flags
