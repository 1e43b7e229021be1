"""NumPy's .npz files, read without pickles, with one array that may be larger than the memory."""

import math
import struct
import zipfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as array_format

_CHUNK = 1 << 20  # bytes that are read at once
_LENGTHS = 26  # where a member's own header has the lengths of its name and extra field (APPNOTE.TXT 4.3.7)


def write_arrays(file: Path, name: str, rows: Iterable[np.ndarray], count: int, **others: np.ndarray) -> None:
    """Write the file that `numpy.savez` would, with the array `name` of `count` rows first, as its `rows` come.

    `rows`: one or more arrays (n, ...) of one type. Raises ValueError where they are not `count`.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
            left = count
            for block in rows:
                if left == count:
                    header = {"descr": array_format.dtype_to_descr(block.dtype), "fortran_order": False}
                    array_format.write_array_header_1_0(member, header | {"shape": (count, *block.shape[1:])})
                member.write(np.ascontiguousarray(block).data)
                left -= len(block)
        if left:
            raise ValueError(f"{file} should have {count} rows. Received: {count - left}")
        for other, array in others.items():
            with archive.open(f"{other}.npy", "w", force_zip64=True) as member:
                array_format.write_array(member, array, allow_pickle=False)


def read_arrays(file: Path | BinaryIO, mapped: str = "") -> dict[str, np.ndarray]:
    """Return the arrays of a file that `numpy.savez` wrote, by their names, each with its checksum compared.

    `mapped`: one that is left on the disk and mapped, where `file` is a path. Raises OSError where it cannot be read,
    and ValueError for one that is damaged, holds pickled objects, which could run code, or is compressed, since a
    compressed array can be a thousand times as large as its file.
    """
    try:
        found = {}
        with zipfile.ZipFile(file) as archive:
            _refuse_packed(archive)
            if isinstance(file, Path) and f"{mapped}.npy" in archive.namelist():
                found[mapped] = _map_array(file, archive, archive.getinfo(f"{mapped}.npy"))
        if not isinstance(file, Path):
            file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return found | {name: arrays[name] for name in arrays.files if name not in found}
    except (OSError, ValueError):
        raise
    except Exception as error:  # of zipfile's, of a header that is not Python, of a size that no machine has
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None


def _map_array(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as member:
        version = array_format.read_magic(member)
        if version != (1, 0):
            raise ValueError(f"its format {version} is not NumPy's 1.0")
        shape, fortran_order, dtype = array_format.read_array_header_1_0(member)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or fortran_order or member.tell() + size != info.file_size:
            raise ValueError(f"its array {info.filename} is not what its header says")
        inside = member.tell()
        while member.read(_CHUNK):  # to the end, where the checksum is compared
            pass
    with path.open("rb") as file:
        file.seek(info.header_offset + _LENGTHS)
        name, extra = struct.unpack("<HH", file.read(4))
    offset = info.header_offset + _LENGTHS + 4 + name + extra + inside
    return np.memmap(path, dtype, "r", offset, shape)


def _refuse_packed(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("its arrays are compressed")
    ends = sorted((member.header_offset, member.header_offset + member.file_size) for member in members)
    if any(end > start for (_, end), (start, _) in pairwise(ends)):
        raise ValueError("its arrays overlap")
