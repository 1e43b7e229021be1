"""Rows that are worked on in blocks give what they give at once."""

import numpy as np
import pytest
from scoretable.workspace import row_blocks
from scoretable.workspace.row_blocks import map_rows


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_the_result_is_that_of_all_rows_at_once_bit_by_bit(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_blocks, "ROWS", 4)
    rows = np.random.default_rng(count).random((count, 300)).astype(np.float32)
    for array in (rows, rows[:, ::-1]):
        found = map_rows(lambda block: block.sum(axis=1), array)
        assert found.tobytes() == array.sum(axis=1).tobytes()


def test_no_row_is_a_block_of_none() -> None:
    assert map_rows(lambda block: block.sum(axis=1), np.empty((0, 3))).shape == (0,)
