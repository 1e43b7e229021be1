"""From the cache to the step."""

from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from scoretable.devices.replicas import Replicas
from scoretable.training.augmentation import Augmentation, slice_on_device, slice_pixels
from scoretable.training.batches import TrainingBatches
from scoretable.training.image_source import ResidentImages, StreamedImages
from scoretable.training.made_ahead import MadeAhead
from scoretable.training.objective import gather

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 8, 10, 3), np.uint8)
TARGETS = np.eye(3, dtype=np.float32)[np.arange(12) % 3]
ROWS = np.array([1, 3, 4, 7, 8, 11])


def batches(augment: tuple[str, ...] = ("flip", "crop", "colour")) -> TrainingBatches:
    return TrainingBatches(6, 4, None, Augmentation(augment), 8, 10, seed=0)


def gather_on_device(held: Any, feed: dict[str, Any]) -> Any:
    return slice_on_device(gather(held, feed["positions"]), feed)


def test_both_sources_give_the_step_the_same_pixels_and_targets() -> None:
    streamed = StreamedImages(IMAGES, ROWS, TARGETS, batches())
    resident = ResidentImages(IMAGES, ROWS, TARGETS, batches())
    held = Replicas().hold(resident.resident)
    for step in range(5):
        one, other = streamed.feed(step), resident.feed(step)
        pixels = keras.ops.convert_to_numpy(gather_on_device(held, other))
        np.testing.assert_array_equal(one["pixels"], pixels)
        np.testing.assert_array_equal(one["targets"], other["targets"])
        np.testing.assert_array_equal(one["colour"], other["colour"])


def test_no_bytes_are_gathered_but_out_of_a_variable_for_which_alone_a_gpu_has_a_kernel() -> None:
    resident = ResidentImages(IMAGES, ROWS, TARGETS, batches())
    step = tf.function(gather_on_device).get_concrete_function(Replicas().hold(resident.resident), resident.feed(0))
    gathered = [(operation.type, operation.inputs[0].dtype) for operation in step.graph.get_operations()
                if "Gather" in operation.type]  # fmt: skip
    assert set(gathered) == {("ResourceGather", tf.resource), ("GatherV2", tf.int32)}


def test_only_rows_of_the_fold_are_fed() -> None:
    streamed = StreamedImages(IMAGES, ROWS, TARGETS, batches(()))
    allowed = {IMAGES[row].tobytes() for row in ROWS}
    assert {image.tobytes() for step in range(6) for image in streamed.feed(step)["pixels"]} == allowed


def streamed() -> StreamedImages:
    return StreamedImages(IMAGES, ROWS, TARGETS, batches())


def expected(step: int) -> np.ndarray:
    batch = batches().batch(step)
    return slice_pixels(IMAGES, ROWS[batch["positions"]], batch)


def test_batches_that_are_kept_are_not_written_over() -> None:
    with MadeAhead(streamed().feed, range(20)) as feeds:
        kept = [feed["pixels"] for feed in feeds]
    for step, pixels in enumerate(kept):
        np.testing.assert_array_equal(pixels, expected(step))


@dataclass
class Consumer:
    """Looks at each batch and lets it go; keeps where the batches lay."""

    places: set[int] = field(default_factory=set)

    def look(self, step: int, pixels: np.ndarray) -> None:
        np.testing.assert_array_equal(pixels, expected(step))
        self.places.add(pixels.__array_interface__["data"][0])


def test_batches_that_are_let_go_give_their_memory_to_later_ones() -> None:
    consumer = Consumer()
    with MadeAhead(streamed().feed, range(40)) as feeds:
        for step, feed in enumerate(feeds):
            consumer.look(step, feed["pixels"])
    assert len(consumer.places) < 12


def test_a_view_keeps_the_memory_of_its_batch() -> None:
    source = streamed()
    corner = source.feed(0)["pixels"][2:4, ::2]
    for step in range(1, 10):
        source.feed(step)
    np.testing.assert_array_equal(corner, expected(0)[2:4, ::2])
