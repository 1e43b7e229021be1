"""The images among an archive's members, found by patterns such as `train/{label}/{id}`."""

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from urllib.parse import unquote

import numpy as np
import pandas as pd

from scoretable.archive.inner import not_opened
from scoretable.competition.spelling import Notes, clean, compose, tell
from scoretable.competition.tables import shorten
from scoretable.workspace.errors import how_many

# What `image_files` reads, whatever the case of the name.
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".gif", ".webp", ".npy", ".dcm", ".dicom")
# What macOS, Windows, Jupyter and Synology pack along: `._i1.jpg` holds attributes of `i1.jpg`, and is no image.
JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|\.ipynb_checkpoints/|\.Trash|@eaDir/)")
_NO_FRACTION = re.compile(r"\.0+")  # as pandas writes whole numbers beside an empty cell
_FIELD = re.compile(r"\{(.+?)\}")


class Members:
    """Names of an archive's members; images can also be found without their suffix.

    Names are compared in Unicode's composed form, as cells of tables are read. Where none is equal, it is the one that
    differs in nothing but what `_look` leaves out, such as case, the mark between folders, and zeros before a number.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = {compose(name): name for name in names}
        self.pixels: dict[str, np.ndarray] = {}  # of images in tables, (height, width) or with channels
        self.channels: dict[str, list[str]] = {}  # files of an image that several make up, by its name
        self.notes: Notes = []  # what was read otherwise than it stands in the archive
        self._alike: dict[str, str] = {}  # images found by their look, by the name that was wanted
        self.images = [name for name in names if name.lower().endswith(IMAGE_SUFFIXES) and not JUNK.search(name)]

    @cached_property
    def by_stem(self) -> dict[str, list[str]]:
        """The images by their names without a suffix."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.images:
            found[compose(posixpath.splitext(name)[0])].append(name)
        return found

    @cached_property
    def by_look(self) -> dict[str, list[str]]:
        """The images by their names, and by those without a suffix, as `_look` has them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.images:
            for look in {_look(name), _look(posixpath.splitext(name)[0])}:
                found[look].append(name)
        return found

    def find_all(self, patterns: Sequence[str], values: pd.DataFrame) -> list[str]:
        """Return the member of each row of `values`, whose columns are the fields of the patterns, or ''."""
        found = [self._find(names) for names in _fill(patterns, values)]
        lacking = (names for names, member in zip(_fill(patterns, values), found, strict=True) if not member)
        alike = {} if all(found) else self._find_alike(dict.fromkeys(lacking), {*found})
        if not alike:
            return found
        return [member or alike.get(names, "") for names, member in zip(_fill(patterns, values), found, strict=True)]

    def find_channels(self, patterns: Sequence[str], values: pd.DataFrame) -> list[str]:
        """Return a name for the image of each row, which has a file for each pattern; '' where one of them lacks."""
        rows = list(zip(*(self.find_all([pattern], values) for pattern in patterns), strict=True))
        self.channels |= {" + ".join(files): list(files) for files in rows if all(files)}
        return [" + ".join(files) if all(files) else "" for files in rows]

    def match(self, patterns: Sequence[str], group: str = "") -> pd.DataFrame:
        """Return id, label, member and the field `group` of all images that fit a pattern.

        Without {id} the file's name is the id.

        From the left each field takes as little as it can, so that `{label}_{id}` finds the label `cat` in
        `cat_2019_01.jpg`; the last one takes the rest. All but the members are in the composed form.
        """
        rows: dict[str, tuple[str, str, str, str]] = {}
        for expression, names in map(_expression, map(compose, patterns)):
            for name in self.images:
                found = expression.fullmatch(compose(name))
                if found and name not in rows:
                    fields = {field: found[place] for field, place in names.items()}
                    id_ = fields.get("id", posixpath.basename(found[0]))
                    rows[name] = (id_, fields.get("label", ""), name, fields.get(group, ""))
        return pd.DataFrame(list(rows.values()), columns=["id", "label", "member", "group"], dtype=str)

    def all_but(self, taken: Iterable[str]) -> list[str]:
        """Return the images that are not `taken`."""
        others = set(taken)
        return [name for name in self.images if name not in others]

    def name_some(self) -> str:
        """Return a clause for a message: an archive that was not opened, or else an image that patterns must fit."""
        return self.packed or (f"there is {shorten(self.images[0])}, for one" if self.images else "there is no image")

    @cached_property
    def packed(self) -> str:
        """A clause on an archive that lies too deep to be opened, or '' where there is none."""
        archive = next(iter(not_opened(self.names.values())), "")
        return f"{shorten(archive)} is an archive that was not opened" if archive else ""

    def tell_names(self, found: Iterable[str]) -> None:
        """Note which of the members that were found have other names than those that were looked for."""
        files = [file for member in found for file in self.channels.get(member, [member])]
        composed = [file for file in files if compose(file) != file]
        ways = {
            "in Unicode form NFC": composed,
            "found whose case, slashes, spaces or zeros differ": [*self._alike.values()],
        }
        for how, names in ways.items():
            if names:
                tell(self.notes, f"{how_many(len(names), 'name')} of images {how}, such as {shorten(names[0])}")

    def _find(self, wanted: Iterable[str]) -> str:
        found = {member for name in wanted for member in self._candidates(name)}
        return found.pop() if len(found) == 1 else ""

    def _candidates(self, name: str) -> Iterable[str]:
        return [self.names[name]] if name in self.names else self.by_stem.get(name, [])

    def _find_alike(self, wanted: Iterable[tuple[str, ...]], taken: set[str]) -> dict[tuple[str, ...], str]:
        """Return the image for each of `wanted` that looks like it alone, and that has no name of its own."""
        found: dict[tuple[str, ...], str] = {}
        for names in wanted:
            alike = {member for name in names for member in self.by_look.get(_look(name), [])}
            if len(alike) == 1 and not alike & taken:
                found[names] = alike.pop()
        counts = Counter(found.values())
        found = {names: member for names, member in found.items() if counts[member] == 1}
        self._alike |= {names[0]: member for names, member in found.items()}
        return found


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


def _fill(patterns: Sequence[str], values: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Return the names that the patterns give for each row, one by one: a million would fill the memory."""
    columns = {str(field): list(map(str, values[field])) for field in values}
    return zip(*(_fill_one(pattern, columns, len(values)) for pattern in patterns), strict=True)


def _fill_one(pattern: str, columns: Mapping[str, list[str]], rows: int) -> Iterator[str]:
    parts = enumerate(_FIELD.split(pattern))  # text and names of fields in turn
    texts = [columns[part] if place % 2 else repeat(part, rows) for place, part in parts]
    return map(compose, map("".join, zip(*texts, strict=True)))


def _look(name: str) -> str:
    """Return a path in lower case, with slashes, without `./`, spaces at the ends of its parts, and %20 and the like.

    A file whose name is a number has no zeros before it, and none after its point: 7.0 and 007 look alike.
    """
    stem, suffix = posixpath.splitext((unquote(name) if "%" in name else name).replace("\\", "/"))
    *folders, last = (clean(part) for part in stem.split("/"))
    if last.isdecimal():
        last, suffix = last.lstrip("0") or "0", "" if _NO_FRACTION.fullmatch(suffix) else suffix
    return "/".join(part for part in (*folders, last) if part not in ("", ".")).casefold() + clean(suffix).casefold()
