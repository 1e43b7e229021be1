"""Rows of a table that have no image: what is there instead, and the key to change."""

from typing import NamedTuple

import pandas as pd

from scoretable.archive.nearby import nearest_file, nearest_pattern
from scoretable.competition.layouts import TestLayout, TrainLayout
from scoretable.competition.tables import refuse_values, shorten
from scoretable.manifest.members import IMAGE_SUFFIXES, Members
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import as_yaml

MOST_SHOWN = 300  # characters of a sentence that has an example beside its mend
_UNPACK = "pack the archive again with it unpacked"


class Lookup(NamedTuple):
    """Where the images of a split were looked for: its rows, their table's name, the id's column, and the members.

    taken: members of the other split, which are no suggestion.
    """

    table: pd.DataFrame
    name: str
    column: str
    layout: TrainLayout | TestLayout
    split: str
    members: Members
    taken: frozenset[str] = frozenset()


def refuse_without_any(images: pd.DataFrame, lookup: Lookup) -> None:
    """Raise InputError where not one row has an image, which no policy skips: the pattern or the ids are wrong.

    `images`: columns id, member, and label where there is one, of rows of the table.
    """
    if images.empty or (images["member"] != "").any():
        return
    _, name, _, layout, split, members, _ = lookup
    found = _nearest(images, lookup)
    packed = "" if found else members.packed
    mend = f"set {split}.images: {as_yaml(found)}" if found else f"correct {split}.images or {split}.id_column"
    mend = f"{_UNPACK}, or {mend}" if packed else mend
    what = (
        f"{name}: no row of {len(images)}, such as {shorten(images['id'].iloc[0])}, has an image of its own at "
        f"{split}.images: {shorten(layout.shown_images)}"
    )
    example = f" ({packed or f'there is {shorten(_example(layout, members, found))}'})"
    room = len(what) + len(example) + len(mend) + len(": .") <= MOST_SHOWN
    raise InputError(f"{what}{example if room or not found else ''}: {mend}.")


def refuse_most_missing(images: pd.DataFrame, lookup: Lookup) -> None:
    """Raise InputError where over half of the rows have no image, which no policy skips: folders may be swapped."""
    missing = int((images["member"] == "").sum())
    if 2 * missing > len(images):
        raise InputError(
            f"{lookup.name}: {missing} of {len(images)} rows have no image at {lookup.split}.images: "
            f"{shorten(lookup.layout.shown_images)}, which are too many to skip: correct {lookup.split}.images or "
            f"{lookup.split}.id_column."
        )


def refuse_missing(images: pd.DataFrame, lookup: Lookup) -> None:
    """Raise InputError that names rows without a member, what is there, and the policy that skips them."""
    missing = images[images["member"] == ""]
    if missing.empty:
        return
    found = _nearest(missing, lookup)
    packed = f" ({lookup.members.packed})" if lookup.members.packed and not found else ""
    mend = f"add {as_yaml(found)} to {lookup.split}.images" if found else f"correct {lookup.split}.images"
    mend = _UNPACK if packed else mend
    policy = "policies: {missing_images: skip}"
    problem = f"id without an image at {shorten(lookup.layout.shown_images)}{packed}"
    refuse_values(lookup.name, lookup.column, missing["id"], problem, f"{mend}, or set {policy}")


def _nearest(images: pd.DataFrame, lookup: Lookup) -> str | None:
    given = images.drop(columns=["member", "group"], errors="ignore")
    others = lookup.table.loc[given.index].drop(columns=list(given), errors="ignore")
    rows = pd.concat([given, others], axis=1).to_dict("records")
    fields = [{str(field): str(text) for field, text in row.items()} for row in rows]
    patterns = lookup.layout.patterns
    free = [name for name in lookup.members.images if name not in lookup.taken]
    found = nearest_pattern(patterns[-1], fields, free, lookup.split) if patterns else None
    return None if found in patterns else found


def _example(layout: TrainLayout | TestLayout, members: Members, found: str | None) -> str:
    """Return a member that shows where images are: one that the pattern `found` finds, or any image.

    Without images it is what is named like the folder or lies there.
    """
    if found and len(fitting := members.match([found])["member"]):
        return fitting.iloc[0]
    if members.images:
        return members.images[0]
    names = [*members.names.values()]
    folder = layout.patterns[-1].partition("/")[0]
    below = (name for name in names if name.startswith(f"{folder}/"))
    return nearest_file(folder, names, IMAGE_SUFFIXES) or next(below, "no image")
