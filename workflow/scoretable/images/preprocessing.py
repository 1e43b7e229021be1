"""From the archive to the image cache: every image decoded, cropped and resized once."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import Competition
from scoretable.competition.labels import refuse_too_few
from scoretable.competition.metric_fit import refuse_open_metric
from scoretable.competition.sample import read_sample_in
from scoretable.competition.tables import SHOWN
from scoretable.decoding.decode import Box, DecodedImage, decode_image, many_pictures
from scoretable.decoding.image_files import read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.decoding.value_range import Extent, NoRange, Range, join, measure
from scoretable.images.cache_files import Fit, Split, npy_header, write_split, write_tables
from scoretable.images.disk_space import full_disk_refused, reserve
from scoretable.images.image_cache import SPLITS
from scoretable.images.near_duplicates import keep_together
from scoretable.manifest.left_out import leave_out
from scoretable.manifest.manifest import BOX, Manifest, read_manifest
from scoretable.workspace.atomic import replacing_folder
from scoretable.workspace.errors import InputError, how_many
from scoretable.workspace.line_list import read_lines

AHEAD = 4  # images per worker that may wait to be written; bounds the memory


@dataclass(frozen=True)
class CacheSummary:
    """Numbers of training and test images, classes (0 for numbers), unreadable images; the fingerprint.

    answer: what will be handed in, in words; skipped: rows that a policy of the competition or a list leaves out;
    value_range: the values that became 0 and 255, None where all images have 8 bits; reading:
    `Manifest.describe_reading`; alike: training images that are held out together with others that look alike;
    in_frames: images whose file has several frames or pages.
    """

    train: int
    test: int
    classes: int
    unreadable: int
    fingerprint: str
    answer: str
    skipped: int = 0
    reading: tuple[str, ...] = ()
    value_range: Range | None = None
    alike: int = 0
    in_frames: int = 0


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
    drop: Path | None = None,
    group: str = "none",
    workers: int | None = None,
) -> CacheSummary:
    """Decode, crop and resize all images of `archive` into `folder`, which appears whole or stays as it was.

    `height`, `width`: of the cached images in pixels. `aspect`, `box_margin`: see `decode_image`. `box`: `crop` to
    the competition's boxes or `ignore` them. `unreadable`: `refuse` images that do not decode, or `skip` them:
    training images are left out, test images become black rows. `drop`: lists training images to leave out, see
    `leave_out`. `group`: `duplicates` lets a fold hold out near duplicates together. `workers`: threads, None for one
    per core; the result does not depend on them. Raises InputError for what `open_archive`, `read_manifest`,
    `leave_out`, `check_sample` and `keep_together` refuse, for unreadable images, and for a full disk.
    """
    if box == "crop" and not (competition.train.box and competition.test.box):
        raise InputError(
            f"box: crop does not fit competition: {competition.name}, which has no boxes: set box: ignore."
        )
    fit = Fit(height, width, aspect, box, box_margin)
    with replacing_folder(folder) as new, many_pictures(), open_archive(archive, new) as opened:
        manifest = read_manifest(opened, competition)
        if drop is not None:
            names = read_lines(drop, "write it, or set drop: null in params.yaml")
            manifest = leave_out(manifest, names, drop, competition)
        answer = check_sample(
            read_sample_in(opened, competition.submission, competition.encoding), competition, manifest.classes
        )
        refuse_open_metric(answer.form, competition)
        with full_disk_refused(folder, (len(manifest.train) + len(manifest.test)) * fit.row_bytes):
            splits, values = _write_scaled(opened, manifest, fit, new, workers or _cores(), competition.value_range)
            alike = _keep_alike_together(splits, new) if group == "duplicates" else 0
            unread = _count_unreadable(splits, archive, unreadable)
            readable = splits["train"].table["label"]
            refuse_too_few(readable, manifest.classes, competition, f"{archive}, images that can be read")
            fingerprint = write_tables(splits, manifest, competition, fit, new, values, answer.form)
    train, test = (len(splits[name].table) for name in SPLITS)
    return CacheSummary(
        train,
        test,
        len(manifest.classes),
        unread,
        fingerprint,
        answer.describe(manifest.classes),
        len(manifest.skipped),
        tuple(manifest.describe_reading()),
        values,
        alike,
        sum(len(split.in_frames) for split in splits.values()),
    )


def _keep_alike_together(splits: dict[str, Split], folder: Path) -> int:
    """Give near duplicates among the training images one group, and return how many images have others."""
    train = splits["train"]
    pixels = np.load(folder / "train.npy", mmap_mode="r")
    table, alike = keep_together(train.table, pixels)
    splits["train"] = replace(train, table=table)
    return alike


def _write_scaled(
    archive: Archive, manifest: Manifest, fit: Fit, folder: Path, workers: int, values: Range | None
) -> tuple[dict[str, Split], Range | None]:
    """Write the splits, and return the range of values with them; measure it where an image needs one."""
    try:
        return _write_splits(archive, manifest, fit, folder, workers, values), values
    except NoRange:
        measured = _measure_range(archive, manifest, workers)
    return _write_splits(archive, manifest, fit, folder, workers, measured), measured


def _measure_range(archive: Archive, manifest: Manifest, workers: int) -> Range:
    def extent(member: str) -> Extent | None:
        try:
            return measure(read_pixels(manifest.read(archive, member)))
        except UnreadableImage:
            return None

    with ThreadPoolExecutor(workers) as pool:
        found = pool.map(extent, manifest.train["member"])
        measured = join(tqdm(found, total=len(manifest.train), desc="measure", unit="image"))
    if measured is None:
        raise InputError(
            "test images have more than 8 bits and training images have not, so their values cannot be compared: set "
            "value_range: [black, white] in the competition's file."
        )
    return measured


def _write_splits(
    archive: Archive, manifest: Manifest, fit: Fit, folder: Path, workers: int, values: Range | None
) -> dict[str, Split]:
    frames = dict(zip(SPLITS, (manifest.train, manifest.test), strict=True))
    for name, frame in frames.items():
        reserve(folder / f"{name}.npy", len(npy_header(len(frame), fit)) + len(frame) * fit.row_bytes)

    def load(member: str, box: Box | None) -> DecodedImage | UnreadableImage:
        if not member:
            return fit.black
        try:
            data = manifest.read(archive, member)
            return decode_image(data, fit.height, fit.width, fit.aspect, box, fit.box_margin, values)
        except UnreadableImage as error:
            return error

    splits = {}
    total = sum(map(len, frames.values()))
    # Threads, since decoding and resizing run without the interpreter's lock; processes would have to copy pixels.
    with ThreadPoolExecutor(workers) as pool, tqdm(total=total, desc="preprocess", unit="image") as bar:
        for name, frame in frames.items():
            boxes = frame[BOX].itertuples(index=False, name=None) if fit.box == "crop" else [None] * len(frame)
            jobs = (pool.submit(load, *job) for job in zip(frame["member"], boxes, strict=True))
            splits[name] = write_split(folder / f"{name}.npy", frame, _in_order(jobs, AHEAD * workers, bar), fit)
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


def _count_unreadable(splits: dict[str, Split], archive: Path, unreadable: str) -> int:
    """Return how many images were skipped; raise InputError where none may be."""
    broken = [image for split in splits.values() for image in split.unreadable]
    if broken and unreadable == "refuse":
        shown = "; ".join(f"{image['id']} ({image['split']}): {image['reason']}" for image in broken[:SHOWN])
        raise InputError(
            f"{archive}: {how_many(len(broken), 'image')} cannot be read, {shown}"
            f"{'; ...' if len(broken) > SHOWN else ''}: set unreadable: skip in params.yaml, or get the archive again."
        )
    return len(broken)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
