"""The images among an archive's members, found by patterns such as `train/{label}/{id}`."""

import posixpath
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import repeat

import numpy as np
import pandas as pd

from scoretable.archive.inner import not_opened
from scoretable.competition.tables import shorten

# What `image_files` reads, whatever the case of the name.
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp", ".npy", ".dcm", ".dicom")
_FIELD = re.compile(r"\{(.+?)\}")


class Members:
    """Names of an archive's members; images can also be found without their suffix.

    Names are compared in Unicode's composed form: macOS packs `é` as two characters, where tables have one.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = {_composed(name): name for name in names}
        self.pixels: dict[str, np.ndarray] = {}  # of images in tables, (height, width) or with channels
        self.channels: dict[str, list[str]] = {}  # files of an image that several make up, by its name
        self.images = [name for name in names if name.lower().endswith(IMAGE_SUFFIXES)]

    @cached_property
    def by_stem(self) -> dict[str, list[str]]:
        """The images by their names without a suffix."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.images:
            found[_composed(posixpath.splitext(name)[0])].append(name)
        return found

    def find_all(self, patterns: Sequence[str], values: pd.DataFrame) -> list[str]:
        """Return the member of each row of `values`, whose columns are the fields of the patterns, or ''."""
        fields, columns = list(map(str, values)), [map(str, values[column]) for column in values]
        rows = zip(*columns, strict=True) if fields else repeat((), len(values))
        return [self.find(patterns, dict(zip(fields, row, strict=True))) for row in rows]

    def find_channels(self, patterns: Sequence[str], values: pd.DataFrame) -> list[str]:
        """Return a name for the image of each row, which has a file for each pattern; '' where one of them lacks."""
        rows = list(zip(*(self.find_all([pattern], values) for pattern in patterns), strict=True))
        self.channels |= {" + ".join(files): list(files) for files in rows if all(files)}
        return [" + ".join(files) if all(files) else "" for files in rows]

    def find(self, patterns: Sequence[str], values: dict[str, str]) -> str:
        """Return the one member that the patterns name, with or without its suffix, or ''."""
        found = {member for pattern in patterns for member in self._candidates(pattern, values)}
        return found.pop() if len(found) == 1 else ""

    def match(self, patterns: Sequence[str], group: str = "") -> pd.DataFrame:
        """Return id, label, member and the field `group` of all images that fit a pattern.

        Without {id} the file's name is the id.

        From the left each field takes as little as it can, so that `{label}_{id}` finds the label `cat` in
        `cat_2019_01.jpg`; the last one takes the rest.
        """
        rows: dict[str, tuple[str, str, str, str]] = {}
        for expression, names in map(_expression, patterns):
            for name in self.images:
                found = expression.fullmatch(name)
                if found and name not in rows:
                    fields = {field: found[place] for field, place in names.items()}
                    id_ = fields.get("id", posixpath.basename(name))
                    rows[name] = (id_, fields.get("label", ""), name, fields.get(group, ""))
        return pd.DataFrame(list(rows.values()), columns=["id", "label", "member", "group"], dtype=str)

    def name_some(self) -> str:
        """Return a clause for a message: an archive that was not opened, or else an image that patterns must fit."""
        return self.packed or (f"there is {shorten(self.images[0])}, for one" if self.images else "there is no image")

    @cached_property
    def packed(self) -> str:
        """A clause on an archive that lies too deep to be opened, or '' where there is none."""
        archive = next(iter(not_opened(self.names.values())), "")
        return f"{shorten(archive)} is an archive that was not opened" if archive else ""

    def _candidates(self, pattern: str, values: dict[str, str]) -> Iterable[str]:
        name = _composed(_FIELD.sub(lambda field: values[field[1]], pattern))
        return [self.names[name]] if name in self.names else self.by_stem.get(name, [])


def read_field(texts: Iterable[str], pattern: str, field: str) -> list[str]:
    """Return what stands at `{field}` of the pattern in each text, '' where it does not fit."""
    expression, names = _expression(pattern)
    return [found[names[field]] if (found := expression.fullmatch(text)) else "" for text in texts]


def _expression(pattern: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return an expression for names that fit, and which of its groups holds each field."""
    parts = _FIELD.split(pattern)  # text and names of fields in turn
    last = len(parts) - 2
    groups: dict[str, str] = {}
    pieces = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            pieces.append(re.escape(part))
        elif part in groups:
            pieces.append(f"(?P={groups[part]})")
        else:
            groups[part] = f"field{place}"
            pieces.append(f"(?P<{groups[part]}>[^/]+{'' if place == last else '?'})")
    return re.compile("".join(pieces)), groups


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)
