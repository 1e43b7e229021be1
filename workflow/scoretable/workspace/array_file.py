"""NumPy's .npz files, read without pickles and without more memory than a small multiple of their size."""

import zipfile
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np


def read_arrays(file: Path | BinaryIO) -> dict[str, np.ndarray]:
    """Return the arrays of a file that `numpy.savez` wrote, by their names, each with its checksum compared.

    Raises OSError where it cannot be read, and ValueError for one that is damaged, holds pickled objects, which could
    run code, or is compressed, since a compressed array can be a thousand times as large as its file.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _refuse_packed(archive)
        if not isinstance(file, Path):
            file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError):
        raise
    except Exception as error:  # of zipfile's, of a header that is not Python, of a size that no machine has
        raise ValueError(" ".join(str(error).split()) or type(error).__name__) from None


def _refuse_packed(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(member.compress_type != zipfile.ZIP_STORED for member in members):
        raise ValueError("its arrays are compressed")
    ends = sorted((member.header_offset, member.header_offset + member.file_size) for member in members)
    if any(end > start for (_, end), (start, _) in pairwise(ends)):
        raise ValueError("its arrays overlap")
