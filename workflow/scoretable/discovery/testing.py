"""Where the test images are: the sample names them, or a table or COCO file lists them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd

from scoretable.competition.sample_cells import name_shortly
from scoretable.discovery.contents import Contents
from scoretable.discovery.hits import share_found
from scoretable.discovery.names import share_of, words_of
from scoretable.discovery.places import Place, count_levels, locate, rank_folder
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training
from scoretable.workspace.errors import InputError

_BOX_WORDS = {"bbox", "box", "bounding"}
_SIDES = {
    "x1": {"x1", "xmin", "minx", "left"},
    "y1": {"y1", "ymin", "miny", "top"},
    "x2": {"x2", "xmax", "maxx", "right"},
    "y2": {"y2", "ymax", "maxy", "bottom"},
}


@dataclass(frozen=True)
class PlaceOfTest:
    """The test images.

    kind, listing, id_column: of the table or COCO file that lists them, '' for the sample. repeated:
    rows with the id of an earlier one. doubt: what is to be asked.
    """

    place: Place
    why: str
    kind: str = ""
    listing: str = ""
    id_column: str = ""
    box: dict[str, str] | None = None
    repeated: int = 0
    why_place: str = ""
    why_id: str = ""
    doubt: str = ""


def find_testing(contents: Contents, sample: Sample, training: Training) -> PlaceOfTest:
    """Return where the test images are: by the sample alone, unless it lacks what only a listing has.

    That is a path, where the ids name none or images in many folders, and boxes, where the training images have some.
    """
    box = find_box(map(str, training.rows.columns)) if training.kind == "table" else None
    place = sample.place
    if place is not None and training.place is not None and place.hits.index.isin(training.place.hits.index).any():
        place = None  # the ids fit names of training images by chance
    whole = place is not None and len(place.patterns) == 1
    listed = None if whole and box is None else _find_listing(contents, sample, training, box is not None)
    if listed is not None:
        return listed
    if place is not None:
        return PlaceOfTest(place, place.describe())
    if sample.table.empty and (rest := _find_rest(contents, sample, training)) is not None:
        return rest
    shown = name_shortly(list(sample.ids[:2])) or "none, since it has no rows"
    raise InputError(
        f"{sample.name} has ids ({shown}) that name no image, nor does a table lead from them to one (there is "
        f"{contents.images['member'].iloc[-1]}, for one): write the competition's file by hand."
    )


def _find_listing(contents: Contents, sample: Sample, training: Training, boxes: bool) -> PlaceOfTest | None:
    known = {sample.name, *sample.others, training.listing}
    tables = [("table", name, contents.table(name)) for name in contents.tables if name not in known]
    tables += [("coco", name, contents.coco(name)) for name in contents.json if name not in known]
    images = contents.images if training.place is None else contents.images.drop(training.place.hits.index)
    for kind, name, table in tables:
        column = _id_column(table, sample)
        box = find_box(map(str, table.columns)) if boxes and kind == "table" else None
        if column is None or (boxes and box is None):
            continue
        place = _place_of(table, column, images, training)
        if place is not None:
            repeated = int(table[column].duplicated().sum())
            why, why_id = (f"its {column} is the id of {sample.name}", "it has all ids of the sample")
            if sample.table.empty:
                why, why_id = f"{sample.name} has no rows", "named like the id of the sample"
            return PlaceOfTest(place, why, kind, name, column, box, repeated, why_id=why_id)
    return None


def _find_rest(contents: Contents, sample: Sample, training: Training) -> PlaceOfTest | None:
    """Return the images that are not trained on, for a sample without rows, of the folder that is named like a test.

    Where none is, of the one with the most of them; None where all images are trained on.
    """
    free = contents.images if training.place is None else contents.images.drop(training.place.hits.index)
    if free.empty:
        return None
    heads = free["folder"].map(_head_of_test)
    sizes = heads.value_counts()
    head = max(map(str, sizes.index), key=lambda name: (rank_folder(name, "test"), int(sizes[name])))
    hits = free[heads == head]
    endings = [f".{suffix}" for suffix in hits["suffix"].unique()]
    ids = training.rows[training.id_column] if training.id_column else pd.Series(dtype=str)
    bare = bool(len(ids)) and not ids.str.endswith(tuple(endings)).any()
    folders = dict.fromkeys(_any_below(head, folder) for folder in hits["folder"].unique())
    patterns = [f"{folder}/{{id}}{ending}".lstrip("/") for folder in folders for ending in (endings if bare else [""])]
    how = f"{'without' if bare else 'with'} {' or '.join(endings)}"
    what = f"{sample.name} has no rows, so the ids are the names of these {len(hits)} images, {how}"
    doubt = f"test.images: {what}; the competition's page may show other ids"
    place = Place(patterns, hits.assign(code=range(len(hits)), other=False), len(hits))
    return PlaceOfTest(place, "", why_place=what, doubt=doubt)


def _head_of_test(folder: str) -> str:
    """Return a folder's path up to the part that is named like a test; the whole where none is."""
    parts = folder.split("/")
    place = next((place for place, part in enumerate(parts) if rank_folder(part, "test") > 0), len(parts))
    return "/".join(parts[: place + 1])


def _any_below(head: str, folder: str) -> str:
    """Return the pattern of a folder whose parts below `head` are any."""
    levels = count_levels(folder) - count_levels(head)
    return "/".join([head, *(f"{{folder{level}}}" for level in range(1, levels + 1))])


def _id_column(table: pd.DataFrame, sample: Sample) -> str | None:
    """Return the column that has all ids of the sample, or, of a sample without rows, that is named like its ids."""
    columns = list(map(str, table.columns))
    if sample.table.empty:
        return sample.id_column if sample.id_column in columns else None
    return next((column for column in columns if share_of(sample.ids, set(table[column])) == 1), None)


def _place_of(table: pd.DataFrame, id_column: str, images: pd.DataFrame, training: Training) -> Place | None:
    """Return where the images are by the column of which the most values name one, the id if it is as good.

    Columns that name folders of the training images name those of the test images too.
    """
    patterns = training.place.patterns if training.place else []
    fields = {name: table[name] for name in re.findall(r"\{(\w+)\}/", " ".join(patterns)) if name in table}
    columns = dict.fromkeys([id_column, *map(str, table.columns)])
    shares = {column: share_found(table[column], images) for column in columns}
    for column in sorted(columns, key=lambda column: -shares[column]):
        place = locate(table[column], images, "test", fields, name="id" if column == id_column else column)
        if place is not None and len(place.patterns) == 1:
            return _with_fields(place, fields)
    return None


def _with_fields(place: Place, fields: dict[str, pd.Series]) -> Place:
    """Name the fields whose one value is a folder, since other test images may lie in others."""
    pattern = place.patterns[0]
    for name, cells in fields.items():
        if cells.nunique() == 1:
            pattern = pattern.replace(f"/{cells.iloc[0]}/", f"/{{{name}}}/")
    return replace(place, patterns=[pattern])


def find_box(columns: Iterable[str]) -> dict[str, str] | None:
    """Return which column is the left (x1), top, right and bottom of a box, None unless all four are there."""
    plain = {"".join(word for word in words_of(column) if word not in _BOX_WORDS): column for column in columns}
    found = {side: plain[name] for side, names in _SIDES.items() for name in names if name in plain}
    return found if len(found) == len(_SIDES) else None
