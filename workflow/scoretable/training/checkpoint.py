"""Everything that the next step depends on, in one file."""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from scoretable.workspace.array_file import read_arrays
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError

if TYPE_CHECKING:
    import keras

History = list[dict[str, float]]


@dataclass
class Progress:
    """How far a training is, and what it took.

    step: steps done. history: one entry per finished epoch. best: the model's weights of the best epoch, where they are
    kept. seconds: all sessions, start-up and validation included. step_seconds, waited and timed_images: the time
    of the steps but for the first ones of a session, which are compiled; what of it went by waiting for input; and
    the images of these steps. sessions: how often the training was started.
    """

    step: int = 0
    history: History = field(default_factory=list)
    best: list[np.ndarray] = field(default_factory=list)
    seconds: float = 0.0
    step_seconds: float = 0.0
    waited: float = 0.0
    timed_images: int = 0
    sessions: int = 0


class CheckpointFile:
    """The checkpoint of a training, which a thread writes while the training goes on; `with` waits for its end."""

    def __init__(self, path: Path) -> None:
        self.path, self.pool = path, ThreadPoolExecutor(1)
        self.writing: Future[None] | None = None
        self.started = self.ended = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.pool.shutdown()
        if kind is None:
            self.join()

    @property
    def seconds(self) -> float:
        """Seconds from the last `save` until the file was whole, or until now."""
        return (time.monotonic() if self.writing and not self.writing.done() else self.ended) - self.started

    def save(self, variables: "list[keras.Variable]", progress: Progress, write: bool = True) -> None:
        """Copy the variables' values and the progress, and let the thread write them, whole or not at all.

        write: else only take part in reading variables that several workers hold a share of. Waits for the write
        before, and raises OSError where that failed.
        """
        started = time.monotonic()
        self.join()
        arrays = {f"v{number:05d}": variable.numpy() for number, variable in enumerate(variables)}
        arrays |= {f"b{number:05d}": weights for number, weights in enumerate(progress.best)}
        figures = {name: value for name, value in asdict(progress).items() if name != "best"}
        arrays["progress"] = np.array(json.dumps(figures))
        self.started = self.ended = started
        if write:
            self.writing = self.pool.submit(self._write, arrays)

    def join(self) -> None:
        """Wait until what was saved is in the file. Raises OSError where it could not be written."""
        writing, self.writing = self.writing, None
        if writing is not None:
            writing.result()

    def check(self) -> None:
        """Raise OSError where it is known already that the file could not be written."""
        if self.writing and self.writing.done():
            self.join()

    def _write(self, arrays: dict[str, np.ndarray]) -> None:
        with replacing(self.path) as temporary, temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        self.ended = time.monotonic()


def load_checkpoint(path: Path, variables: "list[keras.Variable]") -> Progress:
    """Put a checkpoint's values into the variables and return its progress; a fresh one where there is no file.

    The variables must be those that were saved, in the same order. Raises InputError for a damaged file.
    """
    if not path.exists():
        return Progress()
    try:
        values = read_arrays(path)  # all of it, so that every checksum is checked
        progress = Progress(**json.loads(str(values["progress"])))
        for number, variable in enumerate(variables):
            variable.assign(values[f"v{number:05d}"])
    except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path} is damaged ({reason}): delete it and run the same command again, which starts the training over."
        ) from None
    progress.best = [values[name] for name in sorted(values) if name.startswith("b")]
    return progress
