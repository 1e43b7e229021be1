"""The sandbox competitions: Paddy Doctor's layout with pictures that the program draws."""

import csv
import io
import os
import signal
import zipfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from tqdm import tqdm

from scoretable.sandbox.photo import draw_leaf
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError

FEWEST_IMAGES = 40

# Training images per label in Paddy Doctor. They are recalled, not looked up, and add up to its 10,407.
PADDY_COUNTS = {
    "bacterial_leaf_blight": 479,
    "bacterial_leaf_streak": 380,
    "bacterial_panicle_blight": 337,
    "blast": 1738,
    "brown_spot": 965,
    "dead_heart": 1442,
    "downy_mildew": 620,
    "hispa": 1594,
    "normal": 1764,
    "tungro": 1088,
}

README = """The sandbox competition of scoretable.

The images in this archive were drawn by a program. They are not photographs, show no real plant, and a score on
them says nothing about a score on Paddy Doctor, whose layout the archive copies.
"""

_CHUNK = 8  # images per task


@dataclass(frozen=True)
class _Drawing:
    member: str
    label: str
    number: int


def draw_competition(
    archive: Path,
    answers: Path,
    images: int,
    seed: int,
    workers: int | None = None,
    probabilities: bool = False,
) -> None:
    """Draw `images` images, a quarter of them for the test, into the zip `archive`; write `answers` beside it.

    The archive holds train.csv (image_id,label,variety,age), train_images/<label>/<image_id>,
    test_images/<image_id>, sample_submission.csv (image_id,label without labels; with `probabilities` image_id and a
    column for each label, in which all are equally likely) and README.txt. Labels are as
    unbalanced as Paddy Doctor's, with at least two training images each; variety and age are drawn at random and
    say nothing about the label. `answers` (image_id,label,usage) holds the labels of the test images, 75% Public
    and 25% Private: keep it out of every step but the scorer.

    The same `images` and `seed` give the same bytes with any number of `workers` (None: one per core), as long as the
    versions of OpenCV, numpy and simplejpeg and the kind of processor are the same. Every image has its own random
    stream, from `seed` and its number; its label depends on `images` too. So a larger competition is a new one,
    not an extension. The worker processes are spawned: a script that calls this needs the usual
    `if __name__ == "__main__"`. Raises InputError for fewer than 40 `images` and for a negative `seed`.
    """
    if images < FEWEST_IMAGES:
        raise InputError(f"The sandbox competition cannot have {images} images: choose {FEWEST_IMAGES} or more.")
    if seed < 0:
        raise InputError(f"The sandbox competition cannot be drawn with seed {seed}: choose 0 or more.")
    generator = np.random.default_rng(np.random.SeedSequence([seed, 0]))
    test_total, train_total = images // 4, images - images // 4
    block = 10 ** max(5, len(str(train_total)))  # Paddy's six-digit names, and longer ones only where those run out
    train = dict(zip(_names(block, train_total), _labels(train_total, 2, generator), strict=True))
    test = dict(zip(_names(2 * block, test_total), _labels(test_total, 0, generator), strict=True))
    with replacing(answers) as answers_partial, replacing(archive) as archive_partial:
        answers_partial.write_text(_answers_table(test, generator), encoding="utf-8")
        with zipfile.ZipFile(archive_partial, "w", zipfile.ZIP_STORED) as bundle:
            _add(bundle, "README.txt", README.encode())
            _add(bundle, "sample_submission.csv", _sample_table(test, probabilities))
            _add(bundle, "train.csv", _train_table(train, generator))
            for member, jpeg in _drawn(_drawings(train, test), seed, workers or _cores()):
                _add(bundle, member, jpeg)


def _names(block: int, count: int) -> list[str]:
    return [f"{block + place}.jpg" for place in range(1, count + 1)]


def _labels(total: int, least: int, generator: np.random.Generator) -> list[str]:
    """`total` labels in random order: `least` of each, the rest as in Paddy Doctor, by largest remainder."""
    shares = np.array(list(PADDY_COUNTS.values())) / sum(PADDY_COUNTS.values())
    exact = shares * (total - least * len(shares))
    counts = np.floor(exact).astype(int)
    short = total - least * len(shares) - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
    labels = np.repeat(list(PADDY_COUNTS), counts + least)
    return [str(label) for label in generator.permutation(labels)]


def _sample_table(test: Iterable[str], probabilities: bool) -> bytes:
    if not probabilities:
        return _table(["image_id", "label"], [[name, ""] for name in test])
    shares = len(PADDY_COUNTS) * [str(1 / len(PADDY_COUNTS))]
    return _table(["image_id", *PADDY_COUNTS], [[name, *shares] for name in test])


def _train_table(train: dict[str, str], generator: np.random.Generator) -> bytes:
    varieties = generator.choice(["ADT45", "AndraPonni", "IR20", "KarnatakaPonni", "Ponni"], len(train))
    ages = generator.integers(45, 83, len(train))
    rows = [[name, label, str(v), str(a)] for (name, label), v, a in zip(train.items(), varieties, ages, strict=True)]
    return _table(["image_id", "label", "variety", "age"], rows)


def _answers_table(test: dict[str, str], generator: np.random.Generator) -> str:
    usage = np.full(len(test), "Private", dtype="<U7")
    usage[generator.permutation(len(test))[: len(test) * 3 // 4]] = "Public"
    rows = [[name, label, str(u)] for (name, label), u in zip(test.items(), usage, strict=True)]
    return _table(["image_id", "label", "usage"], rows).decode()


def _table(columns: list[str], rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue().encode()


def _drawings(train: dict[str, str], test: dict[str, str]) -> list[_Drawing]:
    tests = [_Drawing(f"test_images/{name}", label, int(Path(name).stem)) for name, label in test.items()]
    trains = [_Drawing(f"train_images/{label}/{name}", label, int(Path(name).stem)) for name, label in train.items()]
    return tests + sorted(trains, key=lambda drawing: drawing.member)


def _drawn(drawings: list[_Drawing], seed: int, workers: int) -> Iterator[tuple[str, bytes]]:
    """Members and their JPEG bytes, in order, with only a few chunks in memory."""
    chunks = (drawings[start : start + _CHUNK] for start in range(0, len(drawings), _CHUNK))
    draw = partial(_draw_chunk, seed=seed)
    # Spawned, not forked: OpenCV's and TensorFlow's threads do not survive a fork.
    with (
        ProcessPoolExecutor(
            workers, mp_context=get_context("spawn"), initializer=cv2.setNumThreads, initargs=(1,)
        ) as pool,
        tqdm(total=len(drawings), desc="draw", unit="image") as bar,
        ExitStack() as at_end,
    ):
        at_end.callback(pool.shutdown, cancel_futures=True)  # what is not drawn yet when Ctrl-C is pressed
        pending: deque[Future[list[tuple[str, bytes]]]] = deque()
        with _ctrl_c_held_back():  # here all workers are started
            pending.extend(pool.submit(draw, chunk) for chunk in islice(chunks, 3 * workers))
        while pending:
            finished = pending.popleft().result()
            pending.extend(pool.submit(draw, chunk) for chunk in islice(chunks, 1))
            yield from finished
            bar.update(len(finished))


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let SIGINT wait for the end of the block, and for ever in processes that are started within it.

    A terminal sends it to them too: they would die with a traceback each, where the one that started them ends them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _draw_chunk(drawings: Sequence[_Drawing], seed: int) -> list[tuple[str, bytes]]:
    return [(drawing.member, _draw_jpeg(drawing, seed)) for drawing in drawings]


def _draw_jpeg(drawing: _Drawing, seed: int) -> bytes:
    generator = np.random.default_rng(np.random.SeedSequence([seed, drawing.number]))
    return bytes(simplejpeg.encode_jpeg(draw_leaf(drawing.label, generator), quality=90, colorsubsampling="420"))


def _add(bundle: zipfile.ZipFile, member: str, content: bytes) -> None:
    """Add a stored member that carries no trace of when and on what system it was written."""
    entry = zipfile.ZipInfo(member, date_time=(2022, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, content)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
