"""From the memory-mapped cache to the compiled step: streamed from the host, or resident in device memory."""

import math
import time
import weakref
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import Any, Protocol, TypeVar

import numpy as np

from scoretable.competition.targets import Targets
from scoretable.training.augmentation import slice_pixels
from scoretable.training.batches import Feed, TrainingBatches

_Item = TypeVar("_Item")
SLICES = ("flip", "flip_vertical", "shift")
DEVICE_SHARE = 0.4  # of an accelerator's memory that images may take; the rest is for the network


class ImageSource(Protocol):
    """Makes the feed of a step; `resident` is what the step gathers images from, or None."""

    resident: Any

    def feed(self, step: int) -> Feed:
        """Return what the step `step`, counted from 0, works on."""


class StreamedImages:
    """Gathers, flips and crops each batch on the host: `pixels` uint8 (B, H, W, 3), `targets`, and other draws."""

    resident = None

    def __init__(self, images: np.ndarray, rows: np.ndarray, targets: Targets, batches: TrainingBatches) -> None:
        self.images, self.rows, self.targets, self.batches = images, rows, targets, batches
        self.memory = _Memory()

    def feed(self, step: int) -> Feed:
        """Return what the step `step`, counted from 0, works on."""
        batch = self.batches.batch(step)
        rows = self.rows[batch.pop("positions")]
        pixels = slice_pixels(self.images, rows, batch, self.memory.take((len(rows), *self.images.shape[1:])))
        kept = {name: draws for name, draws in batch.items() if name not in SLICES}
        return {"pixels": pixels, "targets": self.targets[rows], **kept}


class _Memory:
    """Room for batches of one shape, used again when nobody holds a batch any more.

    Fresh memory would be cleared by the kernel page by page, a sixth of the time that a streamed batch takes.
    """

    def __init__(self) -> None:
        self.free: list[bytearray] = []

    def take(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return a uint8 array of any content."""
        try:
            room = self.free.pop()
        except IndexError:
            room = bytearray(math.prod(shape))
        flat = np.frombuffer(room, np.uint8)
        # Every view of `flat` keeps it alive, also one that a backend's tensor shares instead of copying it.
        weakref.finalize(flat, self.free.append, room).atexit = False
        return flat.reshape(shape)


class ResidentImages:
    """Holds the training images in device memory, where the step gathers them: only `positions` and draws travel."""

    def __init__(self, images: np.ndarray, rows: np.ndarray, targets: Targets, batches: TrainingBatches) -> None:
        self.resident: Any = images[rows]  # until `Replicas.hold` puts them on the devices
        self.targets, self.batches = targets.take(rows, axis=0), batches

    def feed(self, step: int) -> Feed:
        """Return what the step `step`, counted from 0, works on."""
        batch = self.batches.batch(step)
        return {"targets": self.targets[batch["positions"]], **batch}


def choose_placement(placement: str | None, image_bytes: int, device_memory: int | None) -> str:
    """Return `device` or `stream`: as asked for, or `device` where an accelerator has room.

    `image_bytes`: of all training images. `device_memory`: of the accelerator, in bytes; None for a CPU, which reads
    the memory map where it lies.
    """
    if placement is not None:
        return placement
    return "device" if device_memory and image_bytes < DEVICE_SHARE * device_memory else "stream"


class Feeds:
    """Feeds of the steps from `start` to `stop`, `steps_per_call` at a time, made ahead by threads.

    Iterating gives dicts of arrays with a leading axis of steps. `waited` counts the seconds that it kept the caller.
    """

    def __init__(self, source: ImageSource, start: int, stop: int, steps_per_call: int, threads: int = 2) -> None:
        self.source, self.threads, self.waited = source, threads, 0.0
        self.calls = [range(first, min(first + steps_per_call, stop)) for first in range(start, stop, steps_per_call)]

    def __iter__(self) -> Iterator[Feed]:
        with closing(make_ahead(self._stack, self.calls, self.threads)) as made:
            for _ in self.calls:
                asked = time.monotonic()
                feed = next(made)
                self.waited += time.monotonic() - asked
                yield feed

    def _stack(self, steps: range) -> Feed:
        feeds = [self.source.feed(step) for step in steps]
        if len(feeds) == 1:
            return {name: array[None] for name, array in feeds[0].items()}
        return {name: np.stack([feed[name] for feed in feeds]) for name in feeds[0]}


def make_ahead(make: Callable[[_Item], Feed], items: Iterable[_Item], threads: int = 2) -> Generator[Feed]:
    """Yield `make(item)` of each item in their order, made by threads while the caller works on earlier ones."""
    waiting = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[Feed]] = deque(pool.submit(make, item) for item in islice(waiting, 2 * threads))
        try:
            while ahead:
                ready = ahead.popleft().result()
                ahead.extend(pool.submit(make, item) for item in islice(waiting, 1))
                yield ready
        finally:
            for future in ahead:
                future.cancel()
