"""Photos of your own, seen as the image cache sees those of an archive."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoretable.decoding.decode import decode_image
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.decoding.value_range import NoRange, Range
from scoretable.devices.device import count_cores
from scoretable.images.cache_files import Fit
from scoretable.manifest.members import IMAGE_SUFFIXES, JUNK
from scoretable.workspace.errors import InputError

UNKNOWN_SUFFIXES = (".heic", ".heif", ".avif")  # of photos that are not decoded, which a folder is not to hide


class Found(NamedTuple):
    """The photos, and how many files of folders are none."""

    photos: list[Path]
    others: int


def find_photos(places: Sequence[Path]) -> Found:
    """Return the files that are named, and those below the folders that are named whose suffix is one of a picture.

    Raises InputError where there is nothing of a name, and where there is no photo at all.
    """
    photos: dict[Path, None] = {}
    others = 0
    for place in places:
        if not place.exists():
            raise InputError(f"there is no photo or folder {place}: correct its path, which is counted from here.")
        if place.is_file():
            photos[place] = None
            continue
        files = sorted(path for path in place.rglob("*") if path.is_file() and not JUNK.search(path.as_posix()))
        seen = [path for path in files if path.name.lower().endswith((*IMAGE_SUFFIXES, *UNKNOWN_SUFFIXES))]
        photos |= dict.fromkeys(seen)
        others += len(files) - len(seen)
    if not photos:
        raise InputError(
            f"there is no photo in {', '.join(map(str, places))}: name a folder of files that end in "
            f"{', '.join(IMAGE_SUFFIXES)}."
        )
    return Found(list(photos), others)


class Photos:
    """Photos as rows of the array that an image cache holds, each decoded when it is asked for.

    unreadable: by the place of each photo that was asked for and is none, the reason; its row is black.
    """

    def __init__(self, paths: Sequence[Path], fit: Fit, value_range: Range | None) -> None:
        self.paths, self.fit, self.value_range = paths, fit, value_range
        self.unreadable: dict[int, str] = {}

    def __getitem__(self, rows: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Return uint8 (len(rows), height, width, 3); equal rows, which fill up a batch, are decoded once."""
        wanted, places = np.unique(rows, return_inverse=True)
        with ThreadPoolExecutor(count_cores()) as pool:
            pixels = np.stack(list(pool.map(self._decode, wanted.tolist())))
        return pixels[places]

    def _decode(self, row: int) -> NDArray[np.uint8]:
        fit = self.fit
        try:
            data = self.paths[row].read_bytes()
            return decode_image(data, fit.height, fit.width, fit.aspect, value_range=self.value_range).pixels
        except UnreadableImage as error:
            self.unreadable[row] = str(error)
        except NoRange:
            self.unreadable[row] = "it has more than 8 bits a channel, which the images that the row has seen have not"
        except OSError as error:
            self.unreadable[row] = str(error.strerror)
        return fit.black.pixels
