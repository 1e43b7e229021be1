"""A small competition on the loopback server, and the client of this process pointed at it."""

import random
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kaggle_server import TOKEN, Kaggle, serve

NAME = "leaves"
MEMBERS = 3
BLOCK = 1 << 20


@contextmanager
def small_kaggle(folder: Path, monkeypatch: pytest.MonkeyPatch, size: int = 3000) -> Iterator[Kaggle]:
    """Serve an archive of three members of `size` random bytes; pauses of the client are cut short."""
    folder.mkdir(exist_ok=True)
    archive = folder / "served.zip"
    chance = random.Random(0)
    with zipfile.ZipFile(archive, "w") as zipped:
        for number in range(MEMBERS):
            with zipped.open(f"train_images/{number}.jpg", "w") as member:
                for place in range(0, size, BLOCK):
                    member.write(chance.randbytes(min(BLOCK, size - place)))
    files = {f"train_images/{number}.jpg": size for number in range(MEMBERS)}
    pause = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: pause(min(seconds, 0.001)))
    with serve(Kaggle(NAME, archive, files, score=lambda data: ("0.90003", "0.89170"))) as kaggle:
        for name, value in kaggle.environment(folder / "home").items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("KAGGLE_USERNAME", "ann")
        monkeypatch.setenv("KAGGLE_KEY", TOKEN)
        monkeypatch.delenv("KAGGLE_API_TOKEN", raising=False)
        yield kaggle
