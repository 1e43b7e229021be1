"""Arrays are written as they come and mapped where they are large, and the file is NumPy's."""

from pathlib import Path

import numpy as np
import pytest
from scoretable.workspace.array_file import read_arrays, write_arrays

ROWS = np.random.default_rng(0).random((10_000, 3)).astype(np.float32)
IDS = np.array(["a.jpg", "é.jpg"])


def written(folder: Path) -> Path:
    write_arrays(
        folder / "parts.npz", "rows", (ROWS[start : start + 4_000] for start in (0, 4_000, 8_000)), 10_000, ids=IDS
    )
    return folder / "parts.npz"


def test_a_file_written_in_parts_is_that_of_numpy(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", rows=ROWS, ids=IDS)
    assert written(tmp_path).read_bytes() == (tmp_path / "whole.npz").read_bytes()


def test_rows_that_are_too_few_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="should have 10001 rows"):
        write_arrays(tmp_path / "parts.npz", "rows", [ROWS], 10_001)


def test_a_mapped_array_is_the_one_that_was_written_and_stays_on_the_disk(tmp_path: Path) -> None:
    found = read_arrays(written(tmp_path), mapped="rows")
    assert isinstance(found["rows"], np.memmap)
    np.testing.assert_array_equal(found["rows"], ROWS)
    assert found["ids"].tolist() == IDS.tolist()


def test_a_mapped_array_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(ROWS[-5].tobytes())] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="Bad CRC"):
        read_arrays(path, mapped="rows")


def test_a_mapped_array_of_objects_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "objects.npz", rows=np.array([{}], object))
    with pytest.raises(ValueError, match="not what its header says"):
        read_arrays(tmp_path / "objects.npz", mapped="rows")
