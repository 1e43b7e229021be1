"""timm on the same work as a part of gpu.py: channels_last, torch.compile, autocast, fused Adam, images on the card."""

import time
from importlib.util import find_spec
from typing import Any

import numpy as np
from gpu_parts import CLASSES, Part, find_versions
from harness import DROPOUT, LEARNING_RATE, SEED, Turn

NAMES = {
    "InceptionV3": "inception_v3",
    "EfficientNetV2S": "tf_efficientnetv2_s",
    "ConvNeXtTiny": "convnext_tiny",
    "SmallCNN": "test_resnet",
}


def measure_timm(turn: Turn, part: Part, started: float) -> dict[str, Any]:
    """Train with timm, and return the rate; what is not installed is said instead."""
    missing = [name for name in ("torch", "timm") if find_spec(name) is None]
    if missing:
        return {"skipped": f"{' and '.join(missing)} not installed"}
    import torch

    on_gpu = torch.cuda.is_available()
    device = torch.device("cuda" if on_gpu else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")  # TF32, as JAX does
    step = make_step(part, device)
    steps = part.steps or 96

    def run() -> float:
        began = time.perf_counter()
        for _ in range(steps):
            loss = step()
        loss.item()  # waits for the card
        return time.perf_counter() - began

    began = time.perf_counter()
    step().item()
    first = time.perf_counter() - began
    turn({"compilation": first})
    run()
    seconds = run()
    figures = {
        "device": torch.cuda.get_device_name(0) if on_gpu else "CPU", "versions": find_versions(), "compilation": first,
        "start": began - started, "loop": steps * part.batch / seconds,
    }  # fmt: skip
    return figures | ({"peak_device_memory": torch.cuda.max_memory_allocated()} if on_gpu else {})


def make_step(part: Part, device: Any) -> Any:
    """Return a function that makes a training step on random images with flips, and returns the loss on the device."""
    import timm
    import torch

    torch.manual_seed(SEED)
    generator = np.random.default_rng(SEED)
    count = min(part.images, 512)
    pixels = generator.integers(0, 256, (count, 3, part.size, part.size), np.uint8)
    images = torch.from_numpy(pixels).to(device).contiguous(memory_format=torch.channels_last)
    targets = torch.arange(count, device=device) % CLASSES
    model = timm.create_model(NAMES[part.model], pretrained=False, num_classes=CLASSES, drop_rate=DROPOUT)
    model = torch.compile(model.to(device, memory_format=torch.channels_last).train())
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE, fused=device.type == "cuda")
    reduced = part.precision == "mixed_bfloat16"

    def step() -> Any:
        rows = torch.randint(0, count, (part.batch,), device=device)
        batch = images[rows]
        flipped = torch.rand(part.batch, device=device) < 0.5
        batch = torch.where(flipped[:, None, None, None], batch.flip(3), batch)
        batch = (batch.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16, enabled=reduced):
            loss = torch.nn.functional.cross_entropy(model(batch), targets[rows])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    return step
