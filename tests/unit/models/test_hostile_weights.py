"""Files of weights, models, checkpoints and predictions run no code and take no more memory than their size."""

import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoretable.models.backbones import build_backbone
from scoretable.models.classifier import load_model, save_model
from scoretable.models.torch_weights import read_state_dict
from scoretable.prediction.predictions import load_predictions, read_predictions
from scoretable.training.checkpoint import load_checkpoint
from scoretable.workspace.array_file import read_arrays
from scoretable.workspace.errors import InputError
from unit.archives import make_zip
from unit.peak_memory import forget_peak, peak_kilobytes


class Attack:
    """What runs a command where it is unpickled."""

    def __reduce__(self) -> tuple:
        return os.system, ("touch pwned",)


@pytest.fixture
def attacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, in which an attack that succeeds leaves a file."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def objects(path: Path, name: str) -> Path:
    """Write an .npz with an array of objects that run a command where they are unpickled."""
    array = np.empty(1, object)
    array[0] = Attack()
    np.savez(path, **{name: array})
    return path


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_in_a_torch_file_runs_nothing(attacked: Path, zipped: bool) -> None:
    content = pickle.dumps({"weight": Attack()}, protocol=2)
    if zipped:
        make_zip(attacked / "a.pth", {"archive/data.pkl": content}, zipfile.ZIP_STORED)
    else:
        (attacked / "a.pth").write_bytes(content)
    with pytest.raises(InputError, match="is not a whole, plain file of PyTorch tensors"):
        read_state_dict(attacked / "a.pth")
    assert not (attacked / "pwned").exists()


def test_pickled_objects_in_a_checkpoint_run_nothing(attacked: Path) -> None:
    with pytest.raises(InputError, match="is damaged"):
        load_checkpoint(objects(attacked / "a.npz", "v00000"), [])
    assert not (attacked / "pwned").exists()


def test_pickled_objects_in_predictions_run_nothing(attacked: Path) -> None:
    with pytest.raises(InputError, match="is damaged"):
        load_predictions(objects(attacked / "a.npz", "probabilities"), "multiclass")
    assert not (attacked / "pwned").exists()


def test_arrays_of_other_than_their_file_s_size_are_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "packed.npz", a=np.zeros(10_000_000, np.uint8))
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**11,)})
    make_zip(tmp_path / "lie.npz", {"a.npy": header.getvalue()}, zipfile.ZIP_STORED)
    for name in ("packed", "lie"):
        with pytest.raises(ValueError, match=r"compressed|EOF|allocate"):
            read_arrays(tmp_path / f"{name}.npz")


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_predictions_or_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        read_predictions(io.BytesIO(content), "multiclass")


def small_model() -> keras.Model:
    image = keras.Input((4,))
    return keras.Model(image, keras.layers.Dense(2, name="dense")(image))


def model_with(path: Path, **members: bytes) -> Path:
    """Save a small model with some members of its archive replaced."""
    save_model(small_model(), path)
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    return make_zip(path, contents | members)


ATTACKS = {
    "a function of os": {"module": "os", "class_name": "system", "config": "touch pwned", "registered_name": "system"},
    "a function by name": {
        "module": "builtins",
        "class_name": "function",
        "config": "eval",
        "registered_name": "function",
    },
    "a class of subprocess": {"module": "subprocess", "class_name": "Popen", "config": {"args": ["touch", "pwned"]}},
    "a list": [1, 2],
    "nothing": None,
    "no layers": {"module": "keras", "class_name": "Functional", "config": {}, "registered_name": "Functional"},
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_model_file_of_another_class_runs_nothing(attacked: Path, name: str) -> None:
    path = model_with(attacked / "a.keras", **{"config.json": json.dumps(ATTACKS[name]).encode()})
    with pytest.raises(InputError, match=r"a\.keras cannot be loaded"):
        load_model(path)
    assert not (attacked / "pwned").exists()


def test_a_lambda_layer_runs_nothing(attacked: Path) -> None:
    image = keras.Input((4,))
    attack = keras.layers.Lambda(lambda x: open("pwned", "w").close() or x, output_shape=(4,))  # noqa: PTH123
    keras.Model(image, attack(image)).save(attacked / "a.keras")
    (attacked / "pwned").unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"a\.keras cannot be loaded"):
        load_model(attacked / "a.keras")
    assert not (attacked / "pwned").exists()


def h5_bomb(path: Path) -> Path:
    """Write a weights file of some kilobytes whose first array has 40 GB of zeros."""
    import h5py

    small_model().save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        kernel = {"shape": (100_000, 100_000), "dtype": "f4", "chunks": (1000, 1000), "compression": "gzip"}
        file.create_dataset("layers/dense/vars/0", **kernel)
    return path


def test_arrays_that_inflate_to_40_gb_are_refused_in_a_model(tmp_path: Path) -> None:
    bomb = h5_bomb(tmp_path / "a.weights.h5").read_bytes()
    forget_peak()
    before = peak_kilobytes()
    with pytest.raises(InputError, match=r"a\.keras cannot be loaded"):
        load_model(model_with(tmp_path / "a.keras", **{"model.weights.h5": bomb}))
    assert peak_kilobytes() - before < 200_000


def backbone_weights(path: Path) -> None:
    build_backbone("SmallCNN", str(path), 32, 32)


@pytest.mark.parametrize("kind", ["bomb", "pickle", "objects", "zip of another kind"])
def test_a_weights_file_that_is_none_runs_nothing(attacked: Path, kind: str) -> None:
    path = attacked / ("a.npz" if kind == "objects" else "a.weights.h5")
    match kind:
        case "bomb":
            h5_bomb(path)
        case "pickle":
            path.write_bytes(pickle.dumps(Attack()))
        case "objects":
            objects(path, "0")
        case _:
            make_zip(path, {"a": b"b"})
    with pytest.raises(InputError, match=f"weights: .*{path.name} does not fit"):
        backbone_weights(path)
    assert not (attacked / "pwned").exists()
