"""Small ViT and Swin networks, and files of weights with timm's names for them, made without timm."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from scoretable.models import swin, vision_transformer
from scoretable.models.swin import Windows
from scoretable.models.vision_transformer import Size

VIT = partial(vision_transformer._build, Size(width=16, depth=2, heads=2))
SWINS = {
    version: partial(swin._build, version, swin.Size(width=8, heads=2, depths=(2, 2)), Windows(4)) for version in (1, 2)
}


@contextmanager
def small_networks() -> Iterator[None]:
    """Within the block, one network of each family is small."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vision_transformer, "vit_tiny_patch16_224", VIT)
        patch.setattr(swin, "swin_tiny_patch4_window7_224", SWINS[1])
        patch.setattr(swin, "swinv2_tiny_window8_256", SWINS[2])
        yield


def vit_tensors(grid: int, seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights of `VIT` for a square of `grid` patches a side, with a classifier that nobody needs."""
    width, shapes = 16, {"norm": (16,), "head": (10, 16)}
    for number in range(2):
        block = {"norm1": (width,), "attn.qkv": (48, 16), "attn.proj": (16, 16), "norm2": (width,)}
        block |= {"mlp.fc1": (64, 16), "mlp.fc2": (16, 64)}
        shapes |= {f"blocks.{number}.{name}": shape for name, shape in block.items()}
    shapes["patch_embed.proj"] = (16, 3, 16, 16)
    random = np.random.default_rng(seed)
    draw = lambda *shape: random.normal(0, 0.3, shape).astype(np.float32)  # noqa: E731
    tensors = {"cls_token": draw(1, 1, width), "pos_embed": draw(1, 1 + grid * grid, width)}
    for name, shape in shapes.items():
        tensors |= {f"{name}.weight": draw(*shape), f"{name}.bias": draw(shape[0])}
    return tensors


def write_vit(path: Path, grid: int) -> dict[str, np.ndarray]:
    """Write `vit_tensors` as a file and return them."""
    tensors = vit_tensors(grid)
    save_file(tensors, path)
    return tensors
