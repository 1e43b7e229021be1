"""From the archive to the image cache: every image decoded, cropped and resized once."""

import hashlib
import io
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import Competition
from scoretable.competition.labels import refuse_too_few
from scoretable.competition.sample import read_sample_in
from scoretable.competition.tables import SHOWN
from scoretable.images.decoding import Box, DecodedImage, UnreadableImage, decode_image, many_pictures
from scoretable.images.disk_space import full_disk_refused, reserve
from scoretable.images.image_cache import SOURCE, SPLITS
from scoretable.images.manifest import BOX, Manifest, read_manifest
from scoretable.workspace.atomic import replacing_folder, write_json
from scoretable.workspace.errors import InputError, how_many

AHEAD = 4  # images per worker that may wait to be written; bounds the memory


@dataclass(frozen=True)
class CacheSummary:
    """Numbers of training and test images, classes (0 for numbers), unreadable images; the fingerprint.

    answer: what will be handed in, in words; skipped: rows that a policy of the competition leaves out.
    """

    train: int
    test: int
    classes: int
    unreadable: int
    fingerprint: str
    answer: str
    skipped: int = 0


@dataclass(frozen=True)
class _Fit:
    """How an image becomes a row."""

    height: int
    width: int
    aspect: str
    box: str
    box_margin: float

    @property
    def row_bytes(self) -> int:
        return self.height * self.width * 3

    @property
    def black(self) -> DecodedImage:
        return DecodedImage(np.zeros((self.height, self.width, 3), np.uint8), 0, 0, (0, 0, 0, 0))


@dataclass(frozen=True)
class _Split:
    """What was written: a table, the images that could not be read, the array's sha256."""

    table: pd.DataFrame
    unreadable: list[dict[str, str]]
    sha256: str


def build_cache(  # noqa: PLR0913, PLR0917 - one argument per setting that the cache depends on
    archive: Path,
    competition: Competition,
    folder: Path,
    height: int,
    width: int,
    aspect: str,
    box: str,
    box_margin: float,
    unreadable: str,
    workers: int | None = None,
) -> CacheSummary:
    """Decode, crop and resize all images of `archive` into `folder`, which appears whole or stays as it was.

    `height`, `width`: of the cached images in pixels. `aspect`, `box_margin`: see `decode_image`. `box`: `crop` to
    the competition's boxes or `ignore` them. `unreadable`: `refuse` images that do not decode, or `skip` them:
    training images are left out, test images become black rows. `workers`: threads, None for one per core; the
    result does not depend on them. Raises InputError for what `open_archive`, `read_manifest` and
    `check_sample` refuse, for unreadable images, and for a full disk.
    """
    if box == "crop" and not (competition.train.box and competition.test.box):
        raise InputError(
            f"box: crop does not fit competition: {competition.name}, which has no boxes: set box: ignore."
        )
    fit = _Fit(height, width, aspect, box, box_margin)
    with replacing_folder(folder) as new, many_pictures(), open_archive(archive, new) as opened:
        manifest = read_manifest(opened, competition)
        answer = check_sample(read_sample_in(opened, competition.submission), competition, manifest.classes)
        with full_disk_refused(folder, (len(manifest.train) + len(manifest.test)) * fit.row_bytes):
            splits = _write_splits(opened, manifest, fit, new, workers or _cores())
            unread = _count_unreadable(splits, archive, unreadable)
            readable = splits["train"].table["label"]
            refuse_too_few(readable, manifest.classes, competition, f"{archive}, images that can be read")
            fingerprint = _write_tables(splits, manifest, competition, fit, new)
    train, test = (len(splits[name].table) for name in SPLITS)
    return CacheSummary(
        train,
        test,
        len(manifest.classes),
        unread,
        fingerprint,
        answer.describe(manifest.classes),
        len(manifest.skipped),
    )


def _write_splits(archive: Archive, manifest: Manifest, fit: _Fit, folder: Path, workers: int) -> dict[str, _Split]:
    frames = dict(zip(SPLITS, (manifest.train, manifest.test), strict=True))
    for name, frame in frames.items():
        reserve(folder / f"{name}.npy", len(_npy_header(len(frame), fit)) + len(frame) * fit.row_bytes)

    def load(member: str, box: Box | None) -> DecodedImage | UnreadableImage:
        if not member:
            return fit.black
        try:
            return decode_image(manifest.read(archive, member), fit.height, fit.width, fit.aspect, box, fit.box_margin)
        except UnreadableImage as error:
            return error

    splits = {}
    total = sum(map(len, frames.values()))
    # Threads, since decoding and resizing run without the interpreter's lock; processes would have to copy pixels.
    with ThreadPoolExecutor(workers) as pool, tqdm(total=total, desc="preprocess", unit="image") as bar:
        for name, frame in frames.items():
            boxes = frame[BOX].itertuples(index=False, name=None) if fit.box == "crop" else [None] * len(frame)
            jobs = (pool.submit(load, *job) for job in zip(frame["member"], boxes, strict=True))
            splits[name] = _write_split(folder / f"{name}.npy", frame, _in_order(jobs, AHEAD * workers, bar), fit)
    return splits


def _in_order(jobs: Iterable[Future[Any]], ahead: int, bar: tqdm) -> Iterator[Any]:
    """Yield the results of `jobs` in their order, with `ahead` of them under way."""
    waiting: deque[Future[Any]] = deque()
    for job in jobs:
        waiting.append(job)
        if len(waiting) > ahead:
            yield waiting.popleft().result()
            bar.update()
    for job in waiting:
        yield job.result()
        bar.update()


def _write_split(
    path: Path, frame: pd.DataFrame, results: Iterable[DecodedImage | UnreadableImage], fit: _Fit
) -> _Split:
    """Write one row per result; of an unreadable image none in train.npy, and a black one in test.npy."""
    substitute = fit.black if path.stem == "test" else None
    header = _npy_header(len(frame), fit)
    digest = hashlib.sha256(header)
    rows, unreadable = [], []
    with path.open("r+b") as file:
        file.write(header)
        for number, (id_, result) in enumerate(zip(frame["id"], results, strict=True)):
            image = result if isinstance(result, DecodedImage) else substitute
            if isinstance(result, UnreadableImage):
                unreadable.append({"id": id_, "split": path.stem, "reason": str(result)})
            if image is not None:
                file.write(image.pixels.data)
                digest.update(image.pixels.data)
                rows.append((number, image.source_height, image.source_width, *image.crop))
        if len(rows) < len(frame):
            file.truncate(file.tell())
            file.seek(0)
            file.write(_npy_header(len(rows), fit))
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256")
        file.flush()
        os.fsync(file.fileno())
    sources = pd.DataFrame(rows, columns=["row", *SOURCE], dtype=np.int64).set_index("row")
    known = frame[[column for column in ("id", "label", "group") if column in frame]]
    return _Split(known.join(sources, how="inner"), unreadable, digest.hexdigest())


def _write_tables(splits: dict[str, _Split], read: Manifest, competition: Competition, fit: _Fit, folder: Path) -> str:
    """Write train.csv, test.csv and manifest.json, and return the fingerprint of all files but the last."""
    digests: dict[str, str] = {}
    for name, split in splits.items():
        content = split.table.to_csv(index=False, lineterminator="\n").encode()
        (folder / f"{name}.csv").write_bytes(content)
        digests |= {f"{name}.npy": split.sha256, f"{name}.csv": hashlib.sha256(content).hexdigest()}
    meaning = {"task": competition.task, "label_separator": competition.label_separator}
    fingerprint = hashlib.sha256(json.dumps([meaning, read.classes, digests], sort_keys=True).encode()).hexdigest()
    manifest = {
        "competition": competition.name,
        **meaning,
        **asdict(fit),
        "classes": read.classes,
        "counts": {name: len(split.table) for name, split in splits.items()},
        "unreadable": [image for split in splits.values() for image in split.unreadable],
        "skipped": read.skipped,
        "sha256": digests,
        "fingerprint": fingerprint,
    }
    write_json(folder / "manifest.json", manifest)
    return fingerprint


def _count_unreadable(splits: dict[str, _Split], archive: Path, unreadable: str) -> int:
    """Return how many images were skipped; raise InputError where none may be."""
    broken = [image for split in splits.values() for image in split.unreadable]
    if broken and unreadable == "refuse":
        shown = "; ".join(f"{image['id']} ({image['split']}): {image['reason']}" for image in broken[:SHOWN])
        raise InputError(
            f"{archive}: {how_many(len(broken), 'image')} cannot be read, {shown}"
            f"{'; ...' if len(broken) > SHOWN else ''}: fix the archive, or set unreadable: skip."
        )
    return len(broken)


def _npy_header(rows: int, fit: _Fit) -> bytes:
    """Return the header of a .npy file (NumPy's format 1.0) of `rows` images; its length is the same for any number."""
    buffer = io.BytesIO()
    shape = (rows, fit.height, fit.width, 3)
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
