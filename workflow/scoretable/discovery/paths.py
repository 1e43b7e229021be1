"""Labels that stand in the images' paths: as the folders' names, or in the files' names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from scoretable.discovery.contents import Contents
from scoretable.discovery.places import Place, count_levels, rank_folder
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training, matches_answers
from scoretable.manifest.members import IMAGE_SUFFIXES

_SPLITS = re.compile(r"^(train|test|valid|val|eval|images?)(ing|ation)?\W*\w?$", re.I)  # folders that are no class
_LEVELS_BELOW = 2  # folders between the label and the images
_OF_FOLDERS, _OF_NAMES = 1.0, 0.0  # folders are labels rather than words in names
_MARKS = (".", "_", "-", " ")
_MOST_SHARE = 0.34  # of the images may be labels, if words in their names are


@dataclass(frozen=True)
class _Found:
    """A pattern that may hold labels. labels: of folders, or of images; fits: they are those of the sample."""

    pattern: str
    labels: pd.Series
    fits: bool
    rank: tuple[float, ...]


def find_in_paths(contents: Contents, sample: Sample) -> Training | None:
    """Return the images whose folders or names hold labels, None where none do; test images are left out."""
    images = contents.images
    if sample.place is not None:
        images = images.drop(sample.place.hits.index)
    found = [*_in_folders(images, sample), *_in_names(images, sample)]
    best = max(found, key=lambda one: (one.fits, *one.rank), default=None)
    if best is None:
        return None
    of_images = (best.labels if best.rank[0] == _OF_NAMES else images["folder"].map(best.labels)).dropna()
    taken = images.loc[of_images.index]
    labels = sorted(of_images.unique())
    rows = pd.DataFrame({"id": taken["base"], "label": of_images})
    others = _labels_of(best.pattern, contents.archive.names) - set(labels)
    why = f"{len(labels)} labels" + (", those of the sample" if best.fits else "")
    place = Place([best.pattern], taken.assign(value=taken["base"], code=range(len(taken)), other=False), len(taken))
    return Training(rows, None, place, classes=tuple(labels) if others else (), why=why)


def _labels_of(pattern: str, names: list[str]) -> set[str]:
    """Return what a pattern of folders takes for labels in all names, also those of other folders and of junk."""
    folder = pattern.rpartition("/")[0]
    if "{label}" not in folder:
        return set()
    fields = {"{label}": "([^/]+)", "{folder}": "[^/]+"}
    expression = re.compile("".join(fields.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", folder)))
    folders = {name.rpartition("/")[0] for name in names if name.lower().endswith(IMAGE_SUFFIXES)}
    return {found[1] for found in map(expression.fullmatch, folders) if found}


def _in_folders(images: pd.DataFrame, sample: Sample) -> Iterator[_Found]:
    """Yield each path by which one of its folders may be the label; one beside it may differ as well."""
    counts = {str(folder): number for folder, number in images["folder"].value_counts().items()}
    paths: dict[str, dict[str, str]] = {}
    for folder in filter(None, counts):
        parts = folder.split("/")
        for place in range(max(0, len(parts) - 1 - _LEVELS_BELOW), len(parts)):
            for path in _paths_of(parts, place):
                paths.setdefault(path, {})[folder] = parts[place]
    for path, labels in paths.items():
        names = sorted(set(labels.values()))
        if len(names) < 2:
            continue
        hint = rank_folder(path.partition("{label}")[0], "train")
        number = sum(counts[folder] for folder in labels)
        splits = any(map(_SPLITS.match, names))
        rank = (_OF_FOLDERS, hint, -splits, number, -path.count("{"), -count_levels(path))
        yield _Found(f"{path}/{{id}}", pd.Series(labels, dtype=str), matches_answers(names, sample), rank)


def _paths_of(parts: list[str], place: int) -> Iterator[str]:
    """Yield the path with the label at `place`, and those in which the folder before or after it is any."""
    yield "/".join([*parts[:place], "{label}", *parts[place + 1 :]])
    if place > 1:  # the first folder of all would be any, that of the test images too
        yield "/".join([*parts[: place - 1], "{folder}", "{label}", *parts[place + 1 :]])
    if place + 1 < len(parts):
        yield "/".join([*parts[:place], "{label}", "{folder}", *parts[place + 2 :]])


def _in_names(images: pd.DataFrame, sample: Sample) -> Iterator[_Found]:
    """Yield each folder and mark by which the first, or a later, word of the names may be the label."""
    counts = images["folder"].value_counts()
    for folder in counts.index[:5]:
        taken = images[images["folder"] == folder]
        for mark in _MARKS:
            words = taken["stem"].str.split(mark)
            for place in range(min(3, int(words.str.len().min()) - 1)):
                labels = words.str[place]
                number = labels.nunique()
                if number < 2 or number > _MOST_SHARE * len(taken) or labels.str.contains(r"^\d*$").any():
                    continue
                name = _name_pattern(taken, words, mark, place)
                pattern = f"{folder}/{name}" if folder else name
                fits = matches_answers(sorted(labels.unique()), sample)
                yield _Found(pattern, labels, fits, (_OF_NAMES, rank_folder(folder, "train"), -place, len(taken)))


def _name_pattern(taken: pd.DataFrame, words: pd.Series, mark: str, place: int) -> str:
    """Return `{label}.{n}.jpg` where no more than a number follows, which counts and names nothing; else {id}."""
    fields = [f"{{word{number}}}" for number in range(1, place + 1)] + ["{label}"]
    rest = words.str[place + 1 :].str.join(mark)
    if not rest.str.fullmatch(r"\d+").all():
        return mark.join([*fields, "{id}"])
    suffixes = taken["suffix"].unique()
    return mark.join([*fields, "{n}"]) + (f".{suffixes[0]}" if len(suffixes) == 1 else "")
