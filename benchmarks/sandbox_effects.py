"""How epochs, image size and batch size show on the sandbox: one change at a time, several seeds.

    python benchmarks/sandbox_effects.py --images 1000 --seeds 5 --json effects.json

Trains the default network from ImageNet weights on one drawn archive; the seed changes the classifier's weights, order,
augmentation and the held-out fold. Prints a Markdown table of the mean and the range of the validation accuracy after
the last epoch.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from scoretable.competition.description import load_competition
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.sandbox.drawn_archive import draw_competition
from scoretable.training.loop import train
from scoretable.training.recipe import Recipe
from scoretable.workspace.atomic import write_json

BASE = Recipe(
    model="EfficientNetLite0", weights="imagenet", dropout=0.2, batch_norm_momentum=0.9, activation="softmax",
    loss="categorical_crossentropy", label_smoothing=0.0, class_weights="none", metrics=("accuracy",),
    optimizer="adam", learning_rate=0.001, weight_decay=None, schedule="cosine", warmup=0.0, ema=None,
    swa=None, freeze_epochs=0, unfreeze_epochs=0, backbone_rate=1.0, layer_decay=1.0, batch_size=64, epochs=5,
    early_sizes=(), accumulate=1, steps_per_epoch=None, early_stopping=None, measure=None, augment=("flip",),
    crop_area=0.35, randaugment_magnitude=9, second_target=None, second_weight=0.3, folds=5, fold=0, seed=0,
    precision="float32", deterministic=True,
)  # fmt: skip
BASE_SIZE = 64
ROWS = [
    ("one epoch", BASE_SIZE, {"epochs": 1}),
    ("base", BASE_SIZE, {}),
    ("more epochs", BASE_SIZE, {"epochs": 15}),
    ("larger images", 2 * BASE_SIZE, {}),
    ("smaller batch", BASE_SIZE, {"batch_size": 16}),
]


def measure(images: int, seeds: int, folder: Path) -> list[dict]:
    archive = folder / "sandbox.zip"
    draw_competition(archive, folder / "answers.csv", images, seed=0)
    competition = load_competition("sandbox", Path(__file__).parents[1] / "workflow/competitions")
    for size in {size for _, size, _ in ROWS}:
        build_cache(archive, competition, folder / str(size), size, size, "stretch", "ignore", 0.0, "refuse")
    measured = []
    for name, size, change in ROWS:
        cache, accuracies = open_cache(folder / str(size)), []
        for seed in range(seeds):
            recipe = replace(BASE, seed=seed, **change)
            trained = train(cache, recipe, folder / f"{name} {seed}.npz")
            accuracies.append(trained.history[-1]["val_accuracy"])
        settings = {"image_size": size, "epochs": recipe.epochs, "batch_size": recipe.batch_size}
        measured.append({"name": name, **settings, "accuracies": accuracies})
    return measured


def table(measured: list[dict]) -> str:
    lines = [
        "| | image_size | epochs | batch_size | validation accuracy, mean (lowest to highest) |",
        "|---|---|---|---|---|",
    ]
    for row in measured:
        accuracies = np.array(row["accuracies"])
        spread = f"{accuracies.mean():.3f} ({accuracies.min():.3f} to {accuracies.max():.3f})"
        settings = f"{row['image_size']} | {row['epochs']} | {row['batch_size']}"
        lines.append(f"| {row['name']} | {settings} | {spread} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(options.images, options.seeds, Path(folder))
    print(table(measured))
    if options.json:
        write_json(options.json, json.loads(json.dumps(measured)))


if __name__ == "__main__":
    main()
