"""What cards can do at most, by the datasheets of NVIDIA; a card that is not here has no share of its peak."""

from typing import NamedTuple


class Peak(NamedTuple):
    """Dense FLOP/s. bfloat16, float16: None where the card has no such instructions; float32: as TF32 where it has it.

    JAX multiplies float32 as TF32 where a card can (https://docs.jax.dev/en/latest/jax.lax.html#jax.lax.Precision).
    """

    source: str
    float32: float
    bfloat16: float | None = None
    float16: float | None = None

    def of(self, precision: str) -> float | None:
        """Return the peak of a Keras policy, such as mixed_bfloat16."""
        return {"float32": self.float32, "mixed_bfloat16": self.bfloat16, "mixed_float16": self.float16}[precision]


_HOPPER = (494.7e12, 989.4e12, 989.4e12)
_AMPERE = (156e12, 312e12, 312e12)
# By the names that the driver gives. Datasheets print rates with sparsity; these are without.
PEAKS = {
    "NVIDIA H200": Peak("H200 datasheet, SXM", *_HOPPER),
    "NVIDIA H200 NVL": Peak("H200 datasheet, NVL", 417.5e12, 835.5e12, 835.5e12),
    "NVIDIA H100 80GB HBM3": Peak("H100 datasheet, SXM", *_HOPPER),
    "NVIDIA H100 PCIe": Peak("H100 datasheet, PCIe", 378e12, 756e12, 756e12),
    "NVIDIA A100-SXM4-40GB": Peak("A100 datasheet", *_AMPERE),
    "NVIDIA A100-SXM4-80GB": Peak("A100 datasheet", *_AMPERE),
    "NVIDIA A100-PCIE-40GB": Peak("A100 datasheet", *_AMPERE),
    "NVIDIA A100 80GB PCIe": Peak("A100 datasheet", *_AMPERE),
    "NVIDIA L4": Peak("L4 datasheet", 60e12, 121e12, 121e12),
    "Tesla V100-SXM2-16GB": Peak("V100 datasheet, SXM2", 15.7e12, None, 125e12),
    "Tesla T4": Peak("T4 datasheet", 8.1e12, None, 65e12),
    "Tesla P100-PCIE-16GB": Peak("P100 datasheet, PCIe", 9.3e12, None, 18.7e12),
}


def share_of_peak(device: str, precision: str, operations_per_second: float | None) -> float | None:
    """Return what share of its peak a card reaches; None where the card or the operations are not known."""
    peak = PEAKS[device].of(precision) if device in PEAKS else None
    return operations_per_second / peak if peak and operations_per_second else None
