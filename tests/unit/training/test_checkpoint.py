"""A checkpoint brings everything back, or says that it is damaged."""

from pathlib import Path

import keras
import numpy as np
import pytest
from scoretable.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from scoretable.workspace.errors import InputError


def variables(value: float) -> list[keras.Variable]:
    return [keras.Variable(np.full((40, 3), value, np.float32)), keras.Variable(np.full((), value, np.float32))]


def test_a_checkpoint_brings_back_variables_and_progress(tmp_path: Path) -> None:
    progress = Progress(7, [{"epoch": 1, "loss": 0.1 + 0.2}], [np.arange(3.0), np.ones((2, 2))], 12.5, 3.0, 0.1, 64, 2)
    save_checkpoint(tmp_path / "a.npz", variables(0.3), progress)
    fresh = variables(0.0)
    loaded = load_checkpoint(tmp_path / "a.npz", fresh)
    assert [np.asarray(variable).tolist() for variable in fresh] == [np.asarray(v).tolist() for v in variables(0.3)]
    assert (loaded.step, loaded.history, loaded.seconds, loaded.sessions) == (7, progress.history, 12.5, 2)
    assert [array.tolist() for array in loaded.best] == [array.tolist() for array in progress.best]


def test_without_a_file_training_starts_afresh(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path / "none.npz", variables(0.0)) == Progress()


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_file_is_refused_and_no_variable_is_changed(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.npz"
    save_checkpoint(path, variables(0.3), Progress(step=3))
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        # In the last array, so that all others have been read by the time it is found.
        content[content.rindex(np.float32(0.3).tobytes())] ^= 1
    path.write_bytes(content[: len(content) // 2] if damage == "cut" else content)
    fresh = variables(0.0)
    with pytest.raises(InputError, match=r"a.npz is damaged \(.*\): delete it and run the same command again"):
        load_checkpoint(path, fresh)
    assert [np.asarray(variable).tolist() for variable in fresh] == [np.asarray(v).tolist() for v in variables(0.0)]


def test_a_failed_write_leaves_the_earlier_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_checkpoint(tmp_path / "a.npz", variables(0.3), Progress(step=3))

    def fail(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "a.npz", variables(0.5), Progress(step=4))
    assert load_checkpoint(tmp_path / "a.npz", variables(0.0)).step == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
