"""What an archive has in place of a file, or of images, that it lacks: what a message can suggest."""

import difflib
import posixpath
import random
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from scoretable.workspace.errors import nearest_name

Item = TypeVar("Item")
Row = Mapping[str, str]
MOST_ROWS = 20  # of those without an image whose images are looked for
MOST_NAMES, MOST_FOLDERS = 5_000, 50  # images and folders that a pattern without a table is tried on
_FIELD = re.compile(r"\{(.+?)\}")


def nearest_file(name: str, there: Collection[str], suffixes: tuple[str, ...]) -> str | None:
    """Return the file that `name` was likely meant to be: of the same name elsewhere, or with another suffix.

    `suffixes`: of the files that are wanted, which go before others.
    """
    wanted = [other for other in there if other.lower().endswith(suffixes)]
    asked = posixpath.basename(name).casefold()
    for names in (wanted, [other for other in there if "/" not in other]):
        bases = {posixpath.basename(other).casefold(): other for other in names}
        stems = {base.partition(".")[0]: other for base, other in bases.items()}
        found = bases.get(asked) or stems.get(asked.partition(".")[0])
        if found:
            return found
    stems = {posixpath.basename(other).partition(".")[0]: other for other in reversed(wanted)}
    close = nearest_name(asked.partition(".")[0], stems)
    return stems[close] if close is not None else None


def nearest_pattern(pattern: str, rows: Sequence[Row], images: Sequence[str], split: str) -> str | None:
    """Return the pattern that finds the images of most of `rows`, None where no pattern finds half of them.

    `rows`: the fields of each image that `pattern` does not find. `split`: what goes before, where folders of both
    splits have images of these names.
    """
    rows = [_with_stem(row) for row in _some(rows, MOST_ROWS)]
    used = _FIELD.findall(pattern)
    for key in dict.fromkeys([*used[-1:], "id", *(rows[0] if rows else ())]):
        if not rows or not rows[0].get(key):
            continue
        for find in (_by_name, _by_path, _by_part):
            places = find({row[key] for row in rows}, images)
            votes = Counter(found for row in rows for found in set(_patterns(row, key, places[row[key]])))
            votes.pop(pattern, None)  # which finds several images for one row
            ranks = {
                found: (number, split in found, -found.count("{"), found.endswith("}"), found)
                for found, number in votes.items()
            }
            best = max(votes, key=ranks.__getitem__, default="")
            if best and 2 * votes[best] >= len(rows):
                return best
    return None


def nearest_path_pattern(pattern: str, images: Sequence[str], split: str) -> str | None:
    """Return the pattern with the fields of `pattern`, in another folder or with another suffix, that fits most images.

    None where none fits any. `split`: what goes before, among patterns that fit.
    """
    images = _some(images, MOST_NAMES)
    tails = _tails(pattern, images)
    depths = {tail.count("/") + 1 for tail in tails}
    folders = Counter("/".join(name.split("/")[:-depth]) for name in images for depth in depths)
    tried = [posixpath.join(folder, tail) for folder, _ in folders.most_common(MOST_FOLDERS) for tail in tails]
    fits = {candidate: _count_fits(candidate, images) for candidate in dict.fromkeys(tried)}
    like = {candidate: difflib.SequenceMatcher(None, pattern, candidate).ratio() for candidate in fits}
    best = max(fits, key=lambda found: (fits[found] > 0, split in found, fits[found], like[found]), default="")
    return best if best and fits[best] else None


def basename(id_: str) -> str:
    """Return an id without its folders, whichever of the two marks is between them."""
    return posixpath.basename(id_.replace("\\", "/"))


def _some(items: Sequence[Item], most: int) -> Sequence[Item]:
    """Return `items`, or as many of them at random, since every third row may be of the same folder."""
    return items if len(items) <= most else random.Random(0).sample(items, most)


def _tails(pattern: str, images: Sequence[str]) -> list[str]:
    """Return what may stand below a folder: the part from the first field on, its fields alone, each with suffixes."""
    parts = pattern.split("/")
    first = next((place for place, part in enumerate(parts) if "{" in part), 0)
    suffixes = {posixpath.splitext(name)[1] for name in images}
    tails = dict.fromkeys(["/".join(parts[first:]), "/".join(part for part in parts if "{" in part)])
    stems = [(tail, posixpath.splitext(tail)) for tail in tails]
    more = [stem + suffix for _, (stem, given) in stems for suffix in ("", *sorted(suffixes)) if given and "}" in stem]
    return list(dict.fromkeys([*tails, *more]))


def _count_fits(pattern: str, images: Sequence[str]) -> int:
    parts = [re.escape(part) if place % 2 == 0 else "[^/]+?" for place, part in enumerate(_FIELD.split(pattern))]
    expression = re.compile("".join(parts))
    return sum(expression.fullmatch(name) is not None for name in images)


def _by_name(values: set[str], images: Sequence[str]) -> dict[str, list[str]]:
    """Return the images whose name is one of `values`, with or without its suffix."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in images:
        base = posixpath.basename(name)
        for value in {base, posixpath.splitext(base)[0]} & values:
            found[value].append(name)
    return found


def _with_stem(row: Row) -> Row:
    """Add the id without its suffix, and without its folders, where it has such."""
    stem, suffix = posixpath.splitext(row.get("id", ""))
    base = basename(row.get("id", ""))
    stems = {"stem": row.get("stem", stem)} if suffix else {}
    bases = {"basename": row.get("basename", base)} if base != row.get("id", "") else {}
    return {**row, **stems, **bases}


def _by_path(values: set[str], images: Sequence[str]) -> dict[str, list[str]]:
    """Return the images whose path ends in one of `values` that have a folder, with or without its suffix."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    ends = {_as_path(value): value for value in values if "/" in _as_path(value)}
    levels = {end.count("/") + 1 for end in ends}
    for name in images:
        for whole in (name, posixpath.splitext(name)[0]):
            for end in {"/".join(whole.split("/")[-count:]) for count in levels} & ends.keys():
                found[ends[end]].append(name)
    return found


def _as_path(value: str) -> str:
    return posixpath.normpath(value.replace("\\", "/")).lstrip("/")


def _by_part(values: set[str], images: Sequence[str]) -> dict[str, list[str]]:
    """Return the images whose name has one of `values` between other marks, such as 7 in img_7.jpg."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    any_value = re.compile(rf"(?<![0-9A-Za-z])({'|'.join(map(re.escape, sorted(values)))})(?![0-9A-Za-z])")
    for name in images:
        for value in set(any_value.findall(posixpath.basename(name))):
            found[value].append(name)
    return found


def _patterns(row: Row, key: str, names: Sequence[str]) -> Iterator[str]:
    """Yield the patterns by which `names` are found from the row: its folders as they are, and as fields."""
    field_of = {value: field for field, value in reversed(list(row.items())) if value and field not in (key, "id")}
    for name in names:
        path = _as_path(row[key])
        if "/" in path:
            yield name[: name.rindex(path)] + f"{{{key}}}"
            continue
        folder, base = posixpath.split(name)
        stem, suffix = posixpath.splitext(base)
        last = base.replace(row[key], f"{{{key}}}", 1)
        if last == f"{{{key}}}{suffix}" or row[key] == stem:
            last = f"{{{key}}}"
        fields = "/".join(f"{{{field_of[part]}}}" if part in field_of else part for part in folder.split("/"))
        for end in ("", suffix) if last.endswith("}") else ("",):
            yield posixpath.join(folder, last + end)
            yield posixpath.join(fields, last + end)
