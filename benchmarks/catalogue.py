"""What a large catalogue costs before and after its images are decoded: a million ids and thousands of classes.

Usage: python benchmarks/catalogue.py --images 1000000 --classes 5000
       python benchmarks/catalogue.py --images 1000000 --classes 3474 --task multilabel

The archive has as many training images as asked for, a tenth as many test images, and groups of about ten. All images
are the same few bytes, stored, so that it is drawn in seconds, and the image cache has one pixel an image: what images
cost, `scaling.py` measures. Each part is a process of its own:

- check: what `scoretable check` does, from the archive to the form of the answer;
- init: `scoretable init`, where there is that command, as a process that only the clock measures;
- split: the cache's tables, folds with and without groups, weights of classes and 200 batches of targets;
- predict: the file of answers to the test images, from a model with one layer;
- submission: the file to hand in, in the form that --form names, and its check;
- evaluate: scores and plots of a fifth of the training images.

`seconds` are the clock's and `CPU s` those of the process, imports left out. `own MB` is the most that the process had
written to memory itself until then, twenty looks a second; `peak MB` is the kernel's count (getrusage), which has the
pages of mapped files too, taken back when they are needed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from drawn_catalogue import Catalogue, draw_archive, draw_cache
from harness import RESULTS, ROOT, SEED, Figures, Turn, Way, median, own_process, print_table, run_rounds, write_results

MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
FOLDS, BATCH, BATCHES = 5, 32, 200
Part = Callable[[Catalogue], Iterator[str]]  # yields a name after each piece of its work, '' where it is not counted


def check(catalogue: Catalogue) -> Iterator[str]:
    from scoretable.archive.archive import open_archive
    from scoretable.competition.answer_form import check_sample
    from scoretable.competition.sample import read_sample_in
    from scoretable.manifest.manifest import read_manifest

    yield ""
    with open_archive(catalogue.archive, catalogue.folder) as opened:
        yield "open the archive"
        manifest = read_manifest(opened, catalogue.competition)
        yield "find images and labels"
        check_sample(read_sample_in(opened, catalogue.competition.submission), catalogue.competition, manifest.classes)
        yield "compare the sample"


def init(catalogue: Catalogue) -> Iterator[str]:
    command = [sys.executable, "-m", "scoretable", "init"]
    folder = catalogue.folder / "checkout"
    (folder / "data/archives").mkdir(parents=True)
    (folder / "data/archives/catalogue.zip").symlink_to(catalogue.archive)
    (folder / "workflow/competitions").mkdir(parents=True)
    for name in ("params.yaml", "session.yaml"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    if not subprocess.run([*command, "--help"], cwd=folder, capture_output=True, check=False).returncode:
        yield ""
        subprocess.run([*command, "catalogue"], cwd=folder, capture_output=True, check=True)
        yield "write the competition's file"


def split(catalogue: Catalogue) -> Iterator[str]:
    from scoretable.images.image_cache import open_cache
    from scoretable.training.augmentation import Augmentation
    from scoretable.training.batches import TrainingBatches
    from scoretable.training.folds import split_fold
    from scoretable.training.image_source import StreamedImages
    from scoretable.training.losses import balanced_weights

    yield ""
    cache = open_cache(catalogue.cache)
    yield "open the image cache"
    rows, _ = split_fold(cache.labels, FOLDS, 0, SEED)
    yield "hold out a fold"
    split_fold(cache.labels, FOLDS, 0, SEED, cache.groups)
    yield "hold out a fold of groups"
    batches = TrainingBatches(len(rows), BATCH, None, Augmentation(), *cache.train_images.shape[1:3], SEED)
    source = StreamedImages(cache.train_images, rows, cache.targets, batches)
    if catalogue.competition.task == "multiclass":
        balanced_weights("balanced", cache.targets.take(rows, axis=0))
    yield "targets and weights of classes"
    for step in range(BATCHES):
        source.feed(step)
    yield f"{BATCHES} batches"


def predict(catalogue: Catalogue) -> Iterator[str]:
    from scoretable.devices.keras_import import import_keras

    import_keras(deterministic=True)
    from scoretable.images.image_cache import open_cache
    from scoretable.prediction.inference import stream_answers
    from scoretable.prediction.predictions import save_predictions

    model = one_layer(catalogue)
    cache = open_cache(catalogue.cache)
    model.predict_on_batch(cache.test_images[:64])
    yield ""
    answers = stream_answers(model, cache.test_images, np.arange(len(cache.test)), task=catalogue.competition.task)
    ids, task = cache.test["id"].tolist(), catalogue.competition.task
    save_predictions(catalogue.predictions, answers, ids, cache.classes, task)
    yield "write the answers"


def one_layer(catalogue: Catalogue) -> Any:
    import keras

    keras.utils.set_random_seed(SEED)
    activation = "softmax" if catalogue.competition.task == "multiclass" else "sigmoid"
    inputs = keras.Input((1, 1, 3))
    hidden = keras.layers.Flatten()(keras.layers.Rescaling(1 / 16)(inputs))
    bias = keras.initializers.Constant(0 if activation == "softmax" else -8)
    return keras.Model(inputs, keras.layers.Dense(catalogue.classes, activation, bias_initializer=bias)(hidden))


def submission(catalogue: Catalogue) -> Iterator[str]:
    from scoretable.prediction.predictions import load_predictions
    from scoretable.steps.submission import hand_in

    yield ""
    predictions = load_predictions(catalogue.predictions, catalogue.competition.task)
    yield "read the answers"
    hand_in(catalogue.competition, catalogue.archive, predictions, catalogue.folder / "submission.csv")
    yield "write and check the submission"


def evaluate(catalogue: Catalogue) -> Iterator[str]:
    from scoretable.devices.keras_import import import_keras

    import_keras(deterministic=True)
    from scoretable.competition.task import has_one_label
    from scoretable.evaluation.report import Answers, write_evaluation
    from scoretable.images.image_cache import open_cache
    from scoretable.prediction.inference import stream_answers
    from scoretable.prediction.validation_answers import load_validation_answers, save_validation_answers
    from scoretable.scoring.measure import Measure
    from scoretable.scoring.scores import score
    from scoretable.training.folds import split_fold

    model, cache, described = one_layer(catalogue), open_cache(catalogue.cache), catalogue.competition
    _, rows = split_fold(cache.labels, FOLDS, 0, SEED)
    model.predict_on_batch(cache.train_images[:64])
    yield ""
    blocks = stream_answers(model, cache.train_images, rows, task=described.task)
    save_validation_answers(catalogue.folder / "validation.npz", blocks, cache, {0: rows})
    yield "answer the held out images"
    given = load_validation_answers(catalogue.folder / "validation.npz", described.task)
    truth, answers = given.truth, given.answers
    for metric in ("accuracy", "log_loss", "map_at_k") if has_one_label(described.task) else ("fbeta",):
        score(metric, truth, answers)
        yield metric
    write_evaluation(
        Answers(described.task, truth, answers, cache.classes, given.ids, " ", Measure.of(described, cache.classes)),
        images=cache.train_images[rows],
        history=pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], f"val_{described.score}": [0.1, 0.2]}),
        figures=catalogue.folder / "evaluation.json",
        plots=catalogue.folder / "plots",
        title="catalogue",
    )
    yield "figures and plots"


PARTS: dict[str, Part] = {part.__name__: part for part in (check, init, split, predict, submission, evaluate)}


def measure(turn: Turn, part: Part, catalogue: Catalogue) -> None:
    """Hand in the figures of all pieces of a part, by '<piece>, <figure>'."""
    turn({})
    figures, memory = {}, OwnMemory()
    started = time.perf_counter(), time.process_time()
    for piece in part(catalogue):
        seconds, cpu = time.perf_counter() - started[0], time.process_time() - started[1]
        if piece:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MEMORY_UNIT
            figures[piece] = {"seconds": seconds, "CPU s": cpu, "own MB": memory.most / 1e6, "peak MB": peak / 1e6}
        started = time.perf_counter(), time.process_time()
    turn(figures)


class OwnMemory:
    """Looks at what this process has written to memory, 0 where the system does not tell (RssAnon is Linux')."""

    def __init__(self) -> None:
        self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        status = Path("/proc/self/status")
        while status.exists():
            found = [int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("RssAnon")]
            self.most = max(self.most, *(1024 * size for size in found))
            time.sleep(0.05)


def take_turn(part: Part, catalogue: Catalogue) -> Figures:
    with own_process(measure, part, catalogue) as process:
        return process()


def draw(turn: Turn, catalogue: Catalogue) -> None:
    turn({})
    draw_archive(catalogue)
    draw_cache(catalogue)
    turn({})


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1_000_000, help="training images; a tenth as many for the test")
    parser.add_argument("--classes", type=int, default=5_000)
    parser.add_argument("--task", choices=["multiclass", "multilabel"], default="multiclass")
    parser.add_argument("--form", choices=["label", "labels", "ranked", "columns"], help="of the answer")
    parser.add_argument("--parts", default=",".join(PARTS), help="which are measured")
    parser.add_argument("--rounds", type=int, default=1, help="how often each part takes its turn")
    parser.add_argument("--folder", type=Path, help="where to work, with 1 GB, and 3 GB for the answers")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the JSON file")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    options = make_parser().parse_args(arguments)
    options.archive = None  # as `write_results` asks for it
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        catalogue = Catalogue(Path(folder), options.images, options.classes, options.task, options.form)
        with own_process(draw, catalogue) as process:  # a new process starts with its parent's peak of memory
            process()
        ways: dict[str, Way] = {name: partial(take_turn, PARTS[name], catalogue) for name in options.parts.split(",")}
        rounds = run_rounds(ways, options.rounds)
    rows = [
        {"part": part, "piece": piece}
        | {figure: median([done[part] for done in rounds], piece, figure) for figure in figures}
        for part, pieces in rounds[0].items()
        for piece, figures in pieces.items()
    ]
    print(f"{options.images} training images, {options.classes} classes, medians of {options.rounds} rounds\n")
    print_table(rows)
    write_results(options, "catalogue", rows=rows, rounds=rounds)


if __name__ == "__main__":
    main()
