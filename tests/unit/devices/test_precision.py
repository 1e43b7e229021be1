"""The number format that a backbone is trained in."""

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
