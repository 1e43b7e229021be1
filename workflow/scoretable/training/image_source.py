"""From the memory-mapped cache to the compiled step: streamed from the host, or resident in device memory."""

import math
import weakref
from typing import Any, Protocol

import numpy as np

from scoretable.competition.targets import Targets
from scoretable.devices.device import Device
from scoretable.devices.replicas import Replicas
from scoretable.training.augmentation import slice_pixels
from scoretable.training.batches import Feed, TrainingBatches
from scoretable.training.pseudo_labels import JoinedImages
from scoretable.training.second_target import JoinedTargets

Images = np.ndarray | JoinedImages  # uint8 (N, H, W, 3)
LearnedTargets = Targets | JoinedTargets  # float32 (N, columns)
SLICES = ("flip", "flip_vertical", "shift")
DEVICE_SHARE = 0.4  # of an accelerator's memory that images may take; the rest is for the network


class ImageSource(Protocol):
    """Makes the feed of a step.

    placement: of the images. resident: what the step gathers them from, or None. step_bytes: of the images of a feed.
    """

    placement: str
    resident: Any
    step_bytes: int

    def feed(self, step: int) -> Feed:
        """Return what the step `step`, counted from 0, works on."""


class StreamedImages:
    """Gathers, flips and crops each batch on the host: `pixels` uint8 (B, H, W, 3), `targets`, and other draws."""

    placement = "stream"
    resident: Any = None

    def __init__(self, images: Images, rows: np.ndarray, targets: LearnedTargets, batches: TrainingBatches) -> None:
        self.images, self.rows, self.targets, self.batches = images, rows, targets, batches
        self.memory, self.step_bytes = _Memory(), batches.batch_size * math.prod(images.shape[1:])

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

    placement, step_bytes = "device", 0

    def __init__(self, images: Images, rows: np.ndarray, targets: LearnedTargets, batches: TrainingBatches) -> None:
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


def place_images(
    asked: str | None, images: Images, targets: LearnedTargets, rows: np.ndarray, batches: TrainingBatches,
    device: Device, replicas: Replicas,
) -> ImageSource:  # fmt: skip
    """Return the source of these rows of images and targets, placed as session.yaml has `asked` or suits the device."""
    size = len(rows) * math.prod(images.shape[1:])
    placement = choose_placement(asked, size, device.memory)
    kind = ResidentImages if placement == "device" else StreamedImages
    source: ImageSource = kind(images, rows, targets, batches)
    source.resident = replicas.hold(source.resident)
    return source
