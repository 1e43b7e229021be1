"""What is measured of an image, and that a block at a time is in memory."""

import numpy as np
import pandas as pd
import pytest
from scoretable.audit import measures
from scoretable.audit.measures import measure_images


def measured(*images: np.ndarray) -> measures.Measures:
    table = pd.DataFrame({"source_height": [40] * len(images), "source_width": 60})
    return measure_images(np.stack(images), table)


def test_the_figures_of_plain_images_are_known() -> None:
    black, grey, red = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 51, np.uint8), np.zeros((8, 8, 3), np.uint8)
    red[:, :, 0] = 255
    found = measured(black, grey, red)
    assert found.figures["brightness"].tolist() == pytest.approx([0, 0.2, 76 / 255])
    assert found.figures["saturation"].tolist() == [0, 0, 1]
    assert found.figures["contrast"].tolist() == found.figures["sharpness"].tolist() == [0, 0, 0]
    assert found.figures["aspect"].tolist() == [1.5] * 3
    assert found.grid[2].reshape(16, 3).tolist() == [[1, 0, 0]] * 16
    assert len(found.features.columns) == 7 + 48


def test_a_chessboard_has_contrast_and_is_sharp() -> None:
    board = np.repeat((np.indices((8, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)
    figures = measured(board).figures
    assert figures["contrast"][0] == pytest.approx(0.5)
    assert figures["sharpness"][0] > 10


def test_equal_pixels_have_equal_digests() -> None:
    one, other = np.zeros((8, 8, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    other[7, 7, 2] = 1
    first, second, third = measured(one, other, one).pixels
    assert first == third != second


def test_a_block_at_a_time_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blocks:
        def __init__(self) -> None:
            self.read: list[int] = []

        def __len__(self) -> int:
            return 7

        def __getitem__(self, block: slice) -> np.ndarray:
            rows = np.arange(7)[block]
            self.read.append(len(rows))
            return np.stack([np.full((4, 4, 3), row, np.uint8) for row in rows])

    monkeypatch.setattr(measures, "BLOCK", 3)
    images = Blocks()
    found = measure_images(images, pd.DataFrame({"source_height": [1] * 7, "source_width": 1}))
    assert images.read == [3, 3, 1]
    assert (found.figures["brightness"] * 255).round().tolist() == list(range(7))
