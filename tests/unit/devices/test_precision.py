"""The number format that a backbone is trained in."""

import sys
from types import SimpleNamespace

import keras
import pytest
from scoretable.devices import precision


@pytest.mark.parametrize(
    ("capability", "bfloat16", "backbone", "expected"),
    [
        (None, False, "InceptionV3", "float32"),
        (None, True, "InceptionV3", "mixed_bfloat16"),
        (None, True, "EfficientNetLite0", "float32"),
        ((6, 0), True, "InceptionV3", "float32"),
        ((7, 5), False, "EfficientNetLite0", "mixed_float16"),
        ((9, 0), False, "EfficientNetLite0", "mixed_bfloat16"),
    ],
)
def test_the_fastest_format_of_the_hardware_is_taken(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int] | None, bfloat16: bool, backbone: str, expected: str
) -> None:
    monkeypatch.setattr(precision, "_gpu_capability", lambda: capability)
    monkeypatch.setattr(precision, "_cpu_has_bfloat16", lambda: bfloat16)
    assert precision.suggest_precision(backbone) == expected


def test_every_backbone_that_bfloat16_slows_down_is_known() -> None:
    assert {backbone.module for backbone in precision.BACKBONES.values()} >= precision.SLOW_IN_BFLOAT16


@pytest.mark.parametrize(
    ("named", "capability"), [("9.0", (9, 0)), ("7.5", (7, 5)), ("gfx90a", None), (None, None)]
)  # of NVIDIA, NVIDIA, AMD, and a CPU
def test_jax_is_asked_for_the_gpu_that_it_has(
    monkeypatch: pytest.MonkeyPatch, named: str | None, capability: tuple[int, int] | None
) -> None:
    device = SimpleNamespace(**({"compute_capability": named} if named else {}))
    monkeypatch.setitem(sys.modules, "jax", SimpleNamespace(devices=lambda: [device]))  # type: ignore[arg-type]
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert precision._gpu_capability() == capability
