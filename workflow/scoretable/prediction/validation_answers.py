"""The file of answers to the validation images, each by the model that has not seen the image."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from scoretable.competition.task import TASKS, Task
from scoretable.images.image_cache import ImageCache
from scoretable.workspace.array_file import read_arrays, write_arrays
from scoretable.workspace.atomic import replacing
from scoretable.workspace.errors import InputError


@dataclass(frozen=True, eq=False)
class ValidationAnswers:
    """Out-of-fold answers to n images.

    answers: float32 (n, columns), as `inference.predict_answers` gives them; truth: as `ImageCache.truth`; ids: of the
    images, of which some may be equal; classes: one per column, or of ordered classes; fold: int64 (n,), the one that
    held an image out; row: int64 (n,), its place in the image cache.
    """

    answers: NDArray[np.float32]
    truth: NDArray
    ids: list[str]
    classes: list[str]
    fold: NDArray[np.int64]
    row: NDArray[np.int64]

    @classmethod
    def read(cls, file: Path | BinaryIO, task: Task) -> Self:
        """Return what a file holds, of a path with its answers mapped.

        Raises KeyError where it is of another kind of task, and ValueError where it is damaged.
        """
        arrays = read_arrays(file, mapped=TASKS[task].answer)
        return cls(
            arrays[TASKS[task].answer], arrays["truth"], arrays["ids"].tolist(), arrays["classes"].tolist(),
            arrays["fold"], arrays["row"],
        )  # fmt: skip


def save_validation_answers(
    path: Path, answers: Iterable[np.ndarray], cache: ImageCache, held_out: dict[int, NDArray[np.int64]]
) -> int:
    """Write an .npz with `probabilities`, or `numbers` where the task asks for them, and the other arrays by name.

    `answers`: rows as `inference.stream_answers` yields them, written as they come, one per image of `held_out`: the
    images in the cache that each fold holds out, in its order. Returns how many there are.
    """
    row = np.concatenate(list(held_out.values()))
    fold = np.repeat(np.array(list(held_out), np.int64), [len(part) for part in held_out.values()])
    with replacing(path) as temporary:
        write_arrays(
            temporary, TASKS[cache.task].answer, answers, len(row),
            truth=cache.truth[row], ids=cache.train["id"].to_numpy(str)[row], classes=np.array(cache.classes, str),
            fold=fold, row=row,
        )  # fmt: skip
    return len(row)


def load_validation_answers(path: Path, task: Task) -> ValidationAnswers:
    """Read what `save_validation_answers` wrote, but raise InputError where it is damaged."""
    try:
        return ValidationAnswers.read(path, task)
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}): make it again with `snakemake --cores 1 submission`.") from None
