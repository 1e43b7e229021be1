"""Feeds are what their steps ask for, however long somebody holds them, and their memory is used again."""

from dataclasses import dataclass, field

import numpy as np
from scoretable.augmentation import slice_pixels
from scoretable.batches import TrainingBatches, one_hot
from scoretable.image_source import Feeds, StreamedImages

IMAGES = np.random.default_rng(0).integers(0, 256, (30, 12, 16, 3), np.uint8)
ROWS = np.arange(1, 29)


def source() -> StreamedImages:
    batches = TrainingBatches(len(ROWS), 8, None, ("flip", "crop"), 12, 16, seed=3)
    return StreamedImages(IMAGES, ROWS, one_hot(np.arange(30) % 3, 3), batches)


def expected(step: int) -> np.ndarray:
    batch = source().batches.batch(step)
    return slice_pixels(IMAGES, ROWS[batch["positions"]], batch)


def test_batches_that_are_kept_are_not_written_over() -> None:
    kept = [feed["pixels"] for feed in Feeds(source(), 0, 20, 1)]
    for step, pixels in enumerate(kept):
        np.testing.assert_array_equal(pixels[0], expected(step))


@dataclass
class Consumer:
    """Looks at each batch and lets it go; keeps where the batches lay."""

    places: set[int] = field(default_factory=set)

    def look(self, step: int, pixels: np.ndarray) -> None:
        np.testing.assert_array_equal(pixels[0], expected(step))
        self.places.add(pixels.__array_interface__["data"][0])


def test_batches_that_are_let_go_give_their_memory_to_later_ones() -> None:
    consumer, streamed = Consumer(), source()
    for step, feed in enumerate(Feeds(streamed, 0, 40, 1)):
        consumer.look(step, feed["pixels"])
    assert len(consumer.places) < 12


def test_a_view_keeps_the_memory_of_its_batch() -> None:
    streamed = source()
    corner = streamed.feed(0)["pixels"][2:4, ::2]
    for step in range(1, 10):
        streamed.feed(step)
    np.testing.assert_array_equal(corner, expected(0)[2:4, ::2])


def test_several_steps_a_call_are_the_same_steps() -> None:
    stacked = np.concatenate([feed["pixels"] for feed in Feeds(source(), 2, 9, 3)])
    np.testing.assert_array_equal(stacked, np.stack([expected(step) for step in range(2, 9)]))
