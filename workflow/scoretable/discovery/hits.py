"""Which images the values of a column name: by the file's name or a part of it, or by its path."""

import re
from urllib.parse import unquote

import pandas as pd

from scoretable.archive.nearby import basename
from scoretable.manifest.members import IMAGE_SUFFIXES

_SUFFIX = rf"(?i)(?:{'|'.join(map(re.escape, IMAGE_SUFFIXES))})$"
_NUMBER = r"^0*([0-9]+)(?:\.0+)?(\.[a-z]+)?$"
_SOME = 0.2  # of the values must name an image, or the column is about something else
_ENOUGH = 0.5  # of the values, so that no other way is tried


def find_hits(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Return the images that one of `values` names, indexed as `images`; none where too few do.

    Columns: member, value, code (the place of the value), folder, before (text between the folder and the value),
    after (what the value lacks of the name's end, or ''), suffix, and other: the field of a pattern that is the name,
    where the value itself is not: stem, where it has another suffix, or basename, where it has other folders; else ''.
    """
    if values.empty or images.empty:
        return _by_names(values, images.iloc[:0])
    best = _by_names(values, images.iloc[:0])
    for way in (_by_names, _by_stems, _by_tails, _by_numbers, _by_beginnings, _by_other_suffix, _by_look, _by_basename):
        found = way(values, images)
        if found["code"].nunique() > best["code"].nunique():
            best = found
        if best["code"].nunique() > _ENOUGH * len(values):
            break
    return best if best["code"].nunique() >= max(1, _SOME * len(values)) else best.iloc[:0]


def share_found(ids: pd.Series, images: pd.DataFrame) -> float:
    """Return which share of the distinct ids names an image."""
    values = list_values(ids)
    return find_hits(values, images)["code"].nunique() / len(values) if len(values) else 0.0


def list_values(ids: pd.Series) -> pd.Index:
    """Return the distinct ids, without the empty one."""
    values = pd.Index(ids.unique())
    return values[values != ""]


def _by_names(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    return _hits(images, values, images["base"], images["folder"], whole=True)


def _by_stems(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    return _hits(images, values, images["stem"], images["folder"], whole=False)


def _by_tails(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values that are the end of a path, such as `cat/1.jpg`."""
    texts = pd.Series(values, dtype=str)
    levels = int(texts.str.count("/").max())
    if not levels:
        return _hits(images.iloc[:0], values, images["base"].iloc[:0], images["folder"].iloc[:0], whole=True)
    whole = texts.str.endswith(tuple("." + images["suffix"].unique())).mean() > _ENOUGH
    parts = images["folder"].str.rsplit("/", n=levels)
    folders = parts.str[0].where(parts.map(len) > levels, "")
    names = images["base"] if whole else images["stem"]
    tails = parts.str[-levels:].str.join("/") + "/" + names
    return _hits(images, values, tails, folders, whole=whole)


def _by_numbers(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values that lack the word in front of a file's name, as 12 of `ISIC_12.jpg`."""
    bare = images["stem"].str.replace(r"^[^0-9]+", "", regex=True)
    found = _hits(images, values, bare, images["folder"], whole=False)
    stems = images["stem"].loc[found.index]
    found["before"] = [stem[: len(stem) - len(value)] for stem, value in zip(stems, found["value"], strict=True)]
    return found


def _by_beginnings(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values that lack the word at the end of a file's name, as a1 of `a1_green.png`."""
    parts = images["stem"].str.rpartition("_")
    found = _hits(images, values, parts[0], images["folder"], whole=False)
    found["after"] = "_" + parts[2].loc[found.index]
    return found


def _by_other_suffix(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values whose suffix is not that of the file, as `a1.jpg` of `a1.jpeg`."""
    stems = pd.Series(values, dtype=str).str.replace(_SUFFIX, "", regex=True)
    if stems.duplicated().any() or (stems == values).all():
        return _hits(images.iloc[:0], values, images["stem"].iloc[:0], images["folder"].iloc[:0], whole=True)
    found = _hits(images, pd.Index(stems), images["stem"], images["folder"], whole=False)
    return found.assign(value=values[found["code"]], other="stem")


def _by_look(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values that look like a file's name, as `i1.jpg` like `I1 .JPG`, 7.0 like `007.jpg`, a%20b like `a b`."""
    looks = pd.Index(_look(pd.Series(values, dtype=str)))
    if not looks.is_unique:
        return _by_names(values, images.iloc[:0])
    whole = looks.str.contains(_SUFFIX).mean() > _ENOUGH
    found = _hits(images, looks, _look(images["base" if whole else "stem"]), images["folder"], whole=whole)
    return found.assign(value=values[found["code"]])


def _by_basename(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Find values that are paths of another machine, as `/data/a1.jpg` and `C:\\data\\a1.jpg`."""
    bases = pd.Index([basename(value) for value in values])
    if not bases.is_unique or (bases == values).all():
        return _by_names(values, images.iloc[:0])
    whole = bases.str.contains(_SUFFIX).mean() > _ENOUGH
    found = _hits(images, bases, images["base" if whole else "stem"], images["folder"], whole=whole)
    return found.assign(value=values[found["code"]], other="basename")


def _look(names: pd.Series) -> pd.Series:
    """Return names as `Members` compares them, but for their folders."""
    names = names.map(unquote) if names.str.contains("%", regex=False).any() else names
    plain = names.str.strip().str.casefold().str.replace(" .", ".", regex=False)
    return plain.str.replace(_NUMBER, r"\1\2", regex=True)


def _hits(images: pd.DataFrame, values: pd.Index, names: pd.Series, folders: pd.Series, whole: bool) -> pd.DataFrame:
    codes = pd.Series(values.get_indexer(pd.Index(names)), index=names.index)
    found = codes >= 0
    suffixes = images["suffix"][found]
    after = "" if whole else "." + suffixes
    hits = {"member": images["member"][found], "value": names[found], "code": codes[found], "folder": folders[found]}
    return pd.DataFrame(hits | {"before": "", "after": after, "suffix": suffixes, "other": ""})
