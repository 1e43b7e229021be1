"""The patterns that find the images which the ids of a table name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from scoretable.discovery.hits import find_hits, list_values

Split = Literal["train", "test"]
_ALL = 0.98  # of the ids that have an image at all: so many must lie in a folder, or it is not the only one
_MOST_FOLDERS, _MOST_LEVELS, _MOST_WORDS = 20, 3, 3
_NAMES = {"train": re.compile(r"train", re.I), "test": re.compile(r"test|eval", re.I)}
_NO_PHOTOS = re.compile(r"mask|segment|annot|depth|thumb", re.I)
_SUFFIXES = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")  # in the order in which they are preferred


@dataclass(frozen=True)
class Place:
    """Where the images of some ids lie.

    patterns: of `images`. hits: the images, a row each, with their id in the column value. ids: how many ids there are.
    endings: of the files' names, where an id has several files, of which the first is taken.
    """

    patterns: list[str]
    hits: pd.DataFrame
    ids: int
    endings: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many of the ids have an image."""
        return int(self.hits["code"].nunique())

    @property
    def share(self) -> float:
        """Which share of the ids has an image."""
        return self.found / self.ids if self.ids else 0.0

    def describe(self) -> str:
        """Name an image that the patterns find, as the reason for them."""
        if self.hits["other"].iloc[0]:
            what = "another suffix than files" if self.hits["other"].iloc[0] == "stem" else "other folders than files"
            return f"ids have {what}: {self.hits['value'].iloc[0]} is {self.hits['member'].iloc[0]}"
        return f"{self.found} images, such as {self.hits['member'].iloc[0]}"


def locate(
    ids: pd.Series, images: pd.DataFrame, split: Split, fields: Mapping[str, pd.Series] | None = None, name: str = "id"
) -> Place | None:
    """Return where the images of `ids` lie, None where they name none.

    `fields`: columns (indexed as `ids`) that may stand in braces for a folder, in the order of preference. `name`:
    what stands in braces for the id.
    """
    unique = list_values(ids)
    hits = find_hits(unique, images)
    if hits.empty:
        return None
    hits = _keep_photos(hits.assign(twin=hits.duplicated(["folder", "code"], keep=False)))
    brace = f"{{{name}}}"
    folders = _one_folder(hits, images, split)
    if folders is not None:
        return _place([folders], hits[hits["folder"] == folders], brace, len(unique))
    found = _folders_of_fields(hits, images, split, ids, fields or {})
    if found is not None:
        folder, head, levels = found
        return _place([folder], hits[_heads(hits["folder"], levels) == head], brace, len(unique))
    several = _few_folders(hits, images, split)
    return _place(several, hits[hits["folder"].isin(several)], brace, len(unique)) if several else None


def rank_folder(folder: str, split: Split) -> int:
    """Return how well a folder's name fits a split; larger is better."""
    other: Split = "train" if split == "test" else "test"
    fits = bool(_NAMES[split].search(folder)) - bool(_NAMES[other].search(folder))
    return fits - 2 * bool(_NO_PHOTOS.search(folder))


def count_levels(folder: str) -> int:
    """Return how many folders a path has."""
    return folder.count("/") + 1 if folder else 0


def _keep_photos(hits: pd.DataFrame) -> pd.DataFrame:
    """Keep the files of one suffix where they have almost all ids, as of JPEGs that lie beside TIFFs."""
    suffixes = hits["suffix"].str.lower()
    counts = hits.groupby(suffixes)["code"].nunique()
    whole = [str(suffix) for suffix in counts.index[counts >= _ALL * hits["code"].nunique()]]
    return hits[suffixes == min(whole, key=rank_suffix)] if whole else hits


def _one_folder(hits: pd.DataFrame, images: pd.DataFrame, split: Split) -> str | None:
    return _best_head(hits, hits["folder"], images["folder"], split)


def _best_head(hits: pd.DataFrame, heads: pd.Series, all_heads: pd.Series, split: Split) -> str | None:
    """Return the folder that has almost all ids; of several, the one that is named so and has least else."""
    total = hits["code"].nunique()
    counts = hits.groupby(heads).agg(ids=("code", "nunique"), images=("code", "size"), suffix=("suffix", "first"))
    counts = counts[counts["ids"] >= _ALL * total]
    if counts.empty:
        return None
    sizes = all_heads.value_counts()
    ranks = {}
    for folder, row in counts.iterrows():
        name = str(folder)
        share = round(row["images"] / sizes.get(name, row["images"]), 2)
        ranks[name] = (rank_folder(name, split), share, -rank_suffix(row["suffix"]), row["ids"], -len(name))
    return max(ranks, key=ranks.__getitem__)


def rank_suffix(suffix: str) -> int:
    """Return the place of a suffix among those of photos, the likeliest first."""
    return _SUFFIXES.index(suffix.lower()) if suffix.lower() in _SUFFIXES else len(_SUFFIXES)


def _heads(folders: pd.Series, levels: int) -> pd.Series:
    """Return each folder without its last `levels` parts; NaN where it has fewer."""
    short = {name: "/".join(name.split("/")[:-levels]) for name in folders.unique() if count_levels(name) >= levels}
    return folders.map(short)


def _folders_of_fields(
    hits: pd.DataFrame, images: pd.DataFrame, split: Split, ids: pd.Series, fields: Mapping[str, pd.Series]
) -> tuple[str, str, int] | None:
    """Return a folder with fields in braces, such as `train/{label}`, the path before them, and their levels."""
    for levels in range(1, _MOST_LEVELS + 1) if fields else ():
        heads = _heads(hits["folder"], levels)
        deep = hits[heads.notna()]
        head = _best_head(deep, heads.dropna(), _heads(images["folder"], levels), split) if len(deep) else None
        if head is None:
            continue
        names = _name_parts(deep[heads.dropna() == head], levels, ids, fields)
        if names is not None:
            return "/".join([*([head] if head else []), *names]), head, levels
    return None


def _name_parts(hits: pd.DataFrame, levels: int, ids: pd.Series, fields: Mapping[str, pd.Series]) -> list[str] | None:
    """Return what the last parts of the folders are: text that is the same in all, or a field in braces."""
    rows = pd.DataFrame({"value": ids, "row": ids.index}).merge(hits[["value", "folder"]], on="value")
    parts = rows["folder"].str.rsplit("/", n=levels)
    names: list[str] = []
    for place in range(-levels, 0):
        part = parts.str[place]
        if part.nunique() == 1:
            names.append(str(part.iloc[0]))
            continue
        same = (name for name, cells in fields.items() if (part == rows["row"].map(cells)).mean() >= _ALL)
        field = next(same, None)
        if field is None:
            return None
        names.append(f"{{{field}}}")
    return names if names[0].startswith("{") else None


def _few_folders(hits: pd.DataFrame, images: pd.DataFrame, split: Split) -> list[str]:
    """Return folders that have almost all ids together, each of them some that the others lack; none if too many."""
    sizes, total = images["folder"].value_counts(), hits["code"].nunique()
    if hits["folder"].value_counts()[:_MOST_FOLDERS].sum() < _ALL * total:
        return []
    chosen: list[str] = []
    left = hits
    while left["code"].nunique() > (1 - _ALL) * total and len(chosen) < _MOST_FOLDERS:
        counts = {str(name): count for name, count in left.groupby("folder")["code"].nunique().items()}
        ranks = {
            name: (rank_folder(name, split), round(count / sizes[name], 1), count) for name, count in counts.items()
        }
        best = max(ranks, key=ranks.__getitem__)
        chosen.append(best)
        left = left[~left["code"].isin(left["code"][left["folder"] == best])]
    return chosen if left["code"].nunique() <= (1 - _ALL) * total else []


def _place(folders: list[str], hits: pd.DataFrame, brace: str, ids: int) -> Place | None:
    """Write the patterns; where one id has files of several endings, the preferred one stands in them."""
    after = ""
    endings: tuple[str, ...] = ()
    endless = hits["after"].str.startswith(".").all()  # a suffix alone need not be written
    if hits["after"].iloc[0] and (not endless or hits["twin"].any()):
        counts = hits.groupby("after")["code"].nunique()
        order = sorted(map(str, counts.index), key=lambda one: (-counts[one], rank_suffix(one[1:]), one))
        after, endings = order[0], tuple(order) if len(order) > 1 else ()
        hits = hits[hits["after"] == after]
    if hits["other"].iloc[0] and brace == "{id}":
        brace = f"{{{hits['other'].iloc[0]}}}"
    words = hits["before"].unique()
    if len(words) > _MOST_WORDS:
        return None
    patterns = [f"{folder}/{word}{brace}{after}".lstrip("/") for folder in folders for word in words]
    return Place(patterns, hits, ids, endings)
