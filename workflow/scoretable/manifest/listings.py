"""The rows that list a split's images: a table, a COCO file, or a table that holds the pixels too."""

import posixpath

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.nearby import basename
from scoretable.competition.layouts import TestLayout, TrainLayout
from scoretable.competition.spelling import clean_table
from scoretable.competition.tables import name_some, read_table, refuse_absent
from scoretable.manifest.coco import read_coco
from scoretable.manifest.members import Members
from scoretable.manifest.pixel_tables import read_pixel_table
from scoretable.workspace.errors import InputError, nearest_name

Layout = TrainLayout | TestLayout


def read_listing(
    archive: Archive, layout: Layout, split: str, members: Members, encoding: str | None = None
) -> pd.DataFrame:
    """Return the rows of a layout's table or COCO file, all as text; raise InputError where it lacks a column.

    Where the layout has `pixels`, they are added to `members` as images named by table and row.
    """
    name, columns, key = layout.listing or "", layout.keys_of_columns(split), layout.key_of_listing(split)
    if layout.table and not layout.pixels:
        return read_table(archive, name, columns, key, encoding, members.notes)
    if layout.pixels:
        table, images = read_pixel_table(archive, name, layout.pixels, split, encoding, members.notes)
        members.pixels |= {pixel_member(name, row): image for row, image in enumerate(images)}
    else:
        table = read_coco(archive, name, key)
    table = clean_table(table, name, members.notes)
    refuse_absent(name, list(table.columns), columns, there="none but pixels" if layout.pixels else "none")
    return table


def read_ids(table: pd.DataFrame, layout: Layout) -> pd.Series:
    """Return the id of each row: that of the id column, or its number from 1."""
    if layout.id_column is not None:
        return table[layout.id_column]
    return pd.Series([str(number) for number in range(1, len(table) + 1)], index=table.index, dtype=str)


def find_members(
    table: pd.DataFrame, name: str, layout: Layout, split: str, given: pd.DataFrame, members: Members
) -> list[str]:
    """Return the image of each row, or ''; `given` are the fields id and label, the others are the table's columns.

    {stem} is the id without its suffix, and {basename} without its folders, unless the table has such a column.
    """
    if layout.pixels:
        return [pixel_member(name, row) for row in table.index]
    if "stem" in layout.fields and "stem" not in table.columns:
        given = given.assign(stem=given["id"].map(lambda id_: posixpath.splitext(str(id_))[0]))
    if "basename" in layout.fields and "basename" not in table.columns:
        given = given.assign(basename=given["id"].map(basename))
    absent = sorted(field for field in layout.fields if field not in given and field not in table.columns)
    if absent:
        likely = nearest_name(absent[0], map(str, [*given, *table.columns])) or "id"
        raise InputError(
            f"{name} has no column {absent[0]} for the field {{{absent[0]}}} of {split}.images: {layout.shown_images} "
            f"(it has {name_some(list(table.columns), 12)}): write {{{likely}}} there, or another column."
        )
    fields = {field: given[field] if field in given else table[field] for field in sorted(layout.fields)}
    find = members.find_channels if layout.channels else members.find_all
    return find(layout.patterns, pd.DataFrame(fields, index=table.index))


def pixel_member(table: str, row: int) -> str:
    """Return the name of the image in a row of a table, counted from 0; it is shown as the line of the file."""
    return f"{table}, line {row + 2}"
