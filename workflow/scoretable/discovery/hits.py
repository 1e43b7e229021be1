"""Which images the values of a column name: by the file's name, without its suffix, by its path, or by its number."""

import pandas as pd

_SOME = 0.2  # of the values must name an image, or the column is about something else
_ENOUGH = 0.5  # of the values, so that no other way is tried


def find_hits(values: pd.Index, images: pd.DataFrame) -> pd.DataFrame:
    """Return the images that one of `values` names, indexed as `images`; none where too few do.

    Columns: value, folder, before (text between the folder and the value), after (the suffix, where the value lacks
    it, else ''), suffix.
    """
    best = _by_names(values, images.iloc[:0])
    for way in (_by_names, _by_stems, _by_tails, _by_numbers):
        found = way(values, images)
        if found["value"].nunique() > best["value"].nunique():
            best = found
        if best["value"].nunique() > _ENOUGH * len(values):
            break
    return best if best["value"].nunique() >= max(1, _SOME * len(values)) else best.iloc[:0]


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


def _hits(images: pd.DataFrame, values: pd.Index, names: pd.Series, folders: pd.Series, whole: bool) -> pd.DataFrame:
    found = names.isin(values) & (names != "")
    suffixes = images["suffix"][found]
    after = "" if whole else "." + suffixes
    return pd.DataFrame(
        {"value": names[found], "folder": folders[found], "before": "", "after": after, "suffix": suffixes}
    )
