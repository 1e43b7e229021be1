"""A checkpoint brings everything back, or says that it is damaged."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from scoretable.training.checkpoint import CheckpointFile, Progress, load_checkpoint
from scoretable.workspace.errors import InputError


def variables(value: float) -> list[keras.Variable]:
    return [keras.Variable(np.full((40, 3), value, np.float32)), keras.Variable(np.full((), value, np.float32))]


def save_checkpoint(path: Path, values: list[keras.Variable], progress: Progress) -> None:
    with CheckpointFile(path) as file:
        file.save(values, progress)


class Hold:
    """Holds each write, when it has begun, until `end`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.end, self.write = threading.Event(), threading.Event(), np.savez
        monkeypatch.setattr(np, "savez", self)

    def __call__(self, *arguments: Any, **arrays: Any) -> None:
        self.begun.set()
        assert self.end.wait(30)
        self.write(*arguments, **arrays)


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    hold = Hold(monkeypatch)
    yield hold
    hold.end.set()


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


def test_what_training_does_while_a_checkpoint_is_written_is_not_in_it(tmp_path: Path, hold: Hold) -> None:
    values, progress = variables(0.3), Progress(step=3, history=[{"loss": 1.0}])
    with CheckpointFile(tmp_path / "a.npz") as file:
        file.save(values, progress)
        for variable in values:
            variable.assign(np.zeros(variable.shape))
        progress.step = 4
        progress.history.append({"loss": 0.5})
        assert not (tmp_path / "a.npz").exists()
        hold.end.set()
    loaded = load_checkpoint(tmp_path / "a.npz", values)
    assert [np.asarray(variable).tolist() for variable in values] == [np.asarray(v).tolist() for v in variables(0.3)]
    assert (loaded.step, loaded.history) == (3, [{"loss": 1.0}])


def test_the_next_checkpoint_waits_until_the_one_before_is_whole(tmp_path: Path, hold: Hold) -> None:
    with CheckpointFile(tmp_path / "a.npz") as file:
        file.save(variables(0.3), Progress(step=3))
        assert hold.begun.wait(30)
        opening = threading.Timer(0.05, hold.end.set)
        opening.start()
        file.save(variables(0.5), Progress(step=4))
        assert hold.end.is_set()
    opening.join()
    assert load_checkpoint(tmp_path / "a.npz", variables(0.0)).step == 4


def test_what_a_checkpoint_takes_is_counted_until_it_is_whole(tmp_path: Path, hold: Hold) -> None:
    with CheckpointFile(tmp_path / "a.npz") as file:
        assert file.seconds == 0
        file.save(variables(0.3), Progress(step=3))
        assert hold.begun.wait(30)
        so_far = file.seconds
        assert file.seconds > so_far
        hold.end.set()
        file.join()
        whole = file.seconds
        assert whole > so_far
        assert file.seconds == whole


def test_a_failed_write_is_raised_and_leaves_the_earlier_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path / "a.npz", variables(0.3), Progress(step=3))

    def fail(file: object, **arrays: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path / "a.npz", variables(0.5), Progress(step=4))
    assert load_checkpoint(tmp_path / "a.npz", variables(0.0)).step == 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def test_a_failed_write_is_raised_while_training_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.npz").mkdir()  # so that no file can take its place
    with CheckpointFile(tmp_path / "a.npz") as file:
        file.save(variables(0.3), Progress(step=3))
        file.pool.submit(int).result()  # the thread is done with what it had before
        with pytest.raises(OSError, match=r"a\.npz"):
            file.check()


def test_an_error_of_the_training_is_not_hidden_by_one_of_its_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "a.npz").mkdir()
    with pytest.raises(InputError, match="the loss became nan"), CheckpointFile(tmp_path / "a.npz") as file:
        file.save(variables(0.3), Progress(step=3))
        raise InputError("the loss became nan")


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
from scoretable.training.checkpoint import CheckpointFile, Progress

class Variable:
    def numpy(self):
        return np.zeros(1000)

def write_half(file, **arrays):
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)

with CheckpointFile(Path(sys.argv[1])) as file:
    file.save([Variable()], Progress(step=3))
    file.join()
    np.savez = write_half
    file.save([Variable()], Progress(step=4))
"""


def test_a_kill_in_the_middle_of_a_write_leaves_the_earlier_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2  # the half one too
    assert load_checkpoint(path, [keras.Variable(np.ones(1000))]).step == 3
    save_checkpoint(path, variables(0.5), Progress(step=5))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]
