"""Little archives and images for tests."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from scoretable.competition.description import Competition


def make_zip(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip archive of `members` and return its path."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def zip_bytes(members: dict[str, bytes]) -> bytes:
    """Return the content of a zip archive of `members`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


class _Unmarked(zipfile.ZipInfo):
    encoding = "cp949"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - as zipfile calls it
        return self.filename.encode(self.encoding), 0


def make_unmarked_zip(path: Path, members: dict[str, bytes], encoding: str) -> Path:
    """Write a zip archive whose names do not say that they are in `encoding`, as Windows and macOS do."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = _Unmarked(name)
            info.encoding = encoding
            archive.writestr(info, content)
    return path


def photo(height: int, width: int, seed: int = 0) -> Image.Image:
    """Return a smooth random picture in colour."""
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return the file content of `image`."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def leaves(train: int = 6, test: int = 3, **changes: bytes) -> dict[str, bytes]:
    """Return the members of a competition of two classes in Paddy Doctor's layout; `changes` replace members."""
    labels = ["blast", "normal"]
    members = {"train.csv": b"image_id,label\n", "sample_submission.csv": b"image_id,label\n"}
    for number in range(train):
        label = labels[number % 2]
        members[f"train_images/{label}/{number}.jpg"] = encode(photo(24, 32, number), quality=90)
        members["train.csv"] += f"{number}.jpg,{label}\n".encode()
    for number in range(100, 100 + test):
        members[f"test_images/{number}.jpg"] = encode(photo(24, 32, number), quality=90)
        members["sample_submission.csv"] += f"{number}.jpg,\n".encode()
    return members | changes


def competition(**changes: object) -> Competition:
    """Return the competition of `leaves`; `changes` replace its parts."""
    parts: dict[str, object] = {
        "name": "leaves",
        "title": "Leaves",
        "source": "archive",
        "train": {"table": "train.csv", "images": "train_images/{label}/{id}"},
        "test": {"images": "test_images/{id}"},
        "submission": {},
    }
    return Competition.model_validate(parts | changes)
