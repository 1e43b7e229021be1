"""The files of the image cache as they are written: arrays, tables and manifest.json."""

import hashlib
import io
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scoretable.competition.description import Competition
from scoretable.competition.layouts import FURTHER
from scoretable.competition.task import Form
from scoretable.decoding.decode import DecodedImage
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.decoding.value_range import Range
from scoretable.images.image_cache import SOURCE
from scoretable.manifest.manifest import Manifest
from scoretable.workspace.atomic import write_json


@dataclass(frozen=True)
class Fit:
    """How an image becomes a row."""

    height: int
    width: int
    aspect: str
    box: str
    box_margin: float

    @property
    def row_bytes(self) -> int:
        """Bytes of an image in the array."""
        return self.height * self.width * 3

    @property
    def black(self) -> DecodedImage:
        """What stands for a test image that could not be read."""
        return DecodedImage(np.zeros((self.height, self.width, 3), np.uint8), 0, 0, (0, 0, 0, 0))


@dataclass(frozen=True)
class Split:
    """What was written: a table, the images that could not be read, the array's sha256, ids of files of many frames."""

    table: pd.DataFrame
    unreadable: list[dict[str, str]]
    sha256: str
    in_frames: list[str]


def write_split(path: Path, frame: pd.DataFrame, results: Iterable[DecodedImage | UnreadableImage], fit: Fit) -> Split:
    """Write one row per result; of an unreadable image none in train.npy, and a black one in test.npy."""
    substitute = fit.black if path.stem == "test" else None
    header = npy_header(len(frame), fit)
    digest = hashlib.sha256(header)
    rows, unreadable, in_frames = [], [], []
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
                if image.more_frames:
                    in_frames.append(id_)
        if len(rows) < len(frame):
            file.truncate(file.tell())
            file.seek(0)
            file.write(npy_header(len(rows), fit))
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256")
        file.flush()
        os.fsync(file.fileno())
    sources = pd.DataFrame(rows, columns=["row", *SOURCE], dtype=np.int64).set_index("row")
    further = [name for name in map(str, frame) if name.startswith(FURTHER)]
    known = frame[[column for column in ("id", "label", "group", *further) if column in frame]]
    return Split(known.join(sources, how="inner"), unreadable, digest.hexdigest(), in_frames)


def write_tables(
    splits: dict[str, Split],
    read: Manifest,
    competition: Competition,
    fit: Fit,
    folder: Path,
    values: Range | None,
    form: Form,
) -> str:
    """Write train.csv, test.csv and manifest.json, and return the fingerprint of all files but the last.

    form: in which the answers are handed in.
    """
    digests: dict[str, str] = {}
    for name, split in splits.items():
        content = split.table.to_csv(index=False, lineterminator="\n").encode()
        (folder / f"{name}.csv").write_bytes(content)
        digests |= {f"{name}.npy": split.sha256, f"{name}.csv": hashlib.sha256(content).hexdigest()}
    meaning: dict[str, Any] = {"task": competition.task, "label_separator": competition.label_separator}
    named, there = competition.train.further_columns or {}, splits["train"].table
    if further := {name: task for name, task in named.items() if FURTHER + name in there}:
        meaning["further_columns"] = further
    fingerprint = hashlib.sha256(json.dumps([meaning, read.classes, digests], sort_keys=True).encode()).hexdigest()
    in_frames = [id_ for split in splits.values() for id_ in split.in_frames]
    manifest = {
        "competition": competition.name,
        **meaning,
        "form": form,
        **asdict(fit),
        "classes": read.classes,
        "counts": {name: len(split.table) for name, split in splits.items()},
        "unreadable": [image for split in splits.values() for image in split.unreadable],
        "skipped": read.skipped,
        **({"read_as": read.notes} if read.notes else {}),
        **({"first_frame_of": in_frames} if in_frames else {}),
        **({"value_range": values} if values else {}),
        "sha256": digests,
        "fingerprint": fingerprint,
    }
    write_json(folder / "manifest.json", manifest)
    return fingerprint


def npy_header(rows: int, fit: Fit) -> bytes:
    """Return the header of a .npy file (NumPy's format 1.0) of `rows` images; its length is the same for any number."""
    buffer = io.BytesIO()
    shape = (rows, fit.height, fit.width, 3)
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return buffer.getvalue()
