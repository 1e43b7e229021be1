"""The test images of an archive, in the order of their table, or of their names."""

import posixpath
import re

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.nearby import nearest_path_pattern
from scoretable.competition.csv_text import is_index
from scoretable.competition.description import Competition
from scoretable.competition.spelling import compose, tell
from scoretable.competition.tables import read_table_or_header, refuse_harmful, refuse_values, shorten
from scoretable.manifest.boxes import box_columns, read_boxes
from scoretable.manifest.listings import find_members, read_ids, read_listing
from scoretable.manifest.members import Members
from scoretable.manifest.missing_images import Lookup, refuse_missing, refuse_most_missing, refuse_without_any
from scoretable.manifest.skipped_rows import SkippedRows
from scoretable.manifest.train_images import NO_IMAGE
from scoretable.workspace.errors import InputError
from scoretable.workspace.yaml_text import as_yaml


def read_test(
    archive: Archive, members: Members, competition: Competition, skipped: SkippedRows, taken: pd.Series
) -> pd.DataFrame:
    """Return columns id, member, and those of boxes; ids without an image have the member '' where a policy says so.

    taken: members of the training images. The ids are those of the listing, else of the sample; where that has a header
    only, those of all other images that match `test.images`.
    """
    layout, sample = competition.test, competition.submission
    needed, encoding = sample.keys_of_columns, competition.encoding
    listed = read_table_or_header(archive, sample.sample, needed, "submission.sample", encoding, members.notes)
    sample_ids = listed[sample.id_column]
    for column in (str(column) for column in listed if is_index(str(column), listed[column])):
        tell(members.notes, f"{sample.sample}: column {column}, which counts the rows, is no answer and stays")
    again, mend = sample_ids[sample_ids.duplicated()], "correct submission.id_column or submission.sample"
    refuse_values(sample.sample, sample.id_column, again, "id listed more than once", mend)
    if layout.listing:
        name, column = layout.listing, layout.id_place
        table = read_listing(archive, layout, "test", members, encoding)
        test = pd.DataFrame({"id": read_ids(table, layout)})
    elif sample_ids.empty:
        return _list_images(members, competition, taken)
    else:
        name, column = sample.sample, sample.id_column
        needed = dict.fromkeys(box_columns(layout.box), "test.box") | needed
        table = read_table_or_header(archive, name, needed, "submission.sample", encoding)
        test = pd.DataFrame({"id": table[column]})
    if competition.policies.repeated_test_rows == "refuse":
        mend = "correct test.id_column, or set policies: {repeated_test_rows: mean}"
        refuse_values(name, column, test["id"][test["id"].duplicated()], "id listed more than once", mend)
    refuse_harmful(name, column, test["id"])
    unlisted = sample_ids[~sample_ids.isin(test["id"])]
    mend = f"set {layout.key_of_listing('test')} to the file that lists the test images, or correct test.id_column"
    refuse_values(sample.sample, sample.id_column, unlisted, f"id missing from {name}", mend)
    test["member"] = find_members(table, name, layout, "test", test[["id"]], members)
    lookup = Lookup(table, name, column, layout, "test", members, frozenset(taken))
    refuse_without_any(test, lookup)
    if competition.policies.missing_images == "skip":
        refuse_most_missing(test, lookup)
        skipped.add(test["id"][test["member"] == ""], "test", NO_IMAGE)
    else:
        refuse_missing(test, lookup)
    return pd.concat([test, read_boxes(table, name, column, layout.box)], axis=1)


def _list_images(members: Members, competition: Competition, taken: pd.Series) -> pd.DataFrame:
    """Return id and member of all images that match the pattern and are not trained on, in the order of their numbers.

    Of images that are several files, the first pattern gives the ids.
    """
    layout, sample = competition.test, competition.submission.sample
    if layout.box:
        raise InputError(
            f"{sample} has a header but no rows, so it has no boxes: set test.table to the table of the test images, "
            "or remove test.box."
        )
    found = members.match(layout.patterns[:1] if layout.channels else layout.patterns)[["id", "member"]]
    if layout.channels:
        found["member"] = members.find_channels(layout.patterns, found[["id"]])
    found = found[~found["member"].isin(taken) & (found["member"] != "")]
    if found.empty:
        likely = nearest_path_pattern(layout.patterns[-1], members.all_but(taken), "test")
        raise InputError(
            f"{sample} has a header but no rows, and no image but those of train matches test.images: "
            f"{shorten(layout.shown_images)} ({members.name_some()}): "
            f"{f'set test.images: {as_yaml(likely)}' if likely else 'correct test.images'}, or set test.table."
        )
    found["id"] = [_as_named(id_, member) for id_, member in zip(found["id"], found["member"], strict=True)]
    again = found["id"][found["id"].duplicated()]
    refuse_values(layout.shown_images, layout.id_place, again, "id found more than once", "correct test.images")
    refuse_harmful(layout.shown_images, layout.id_place, found["id"])
    names = found["id"].map(_by_number)
    return found.loc[sorted(found.index, key=names.__getitem__)].reset_index(drop=True)


def _as_named(id_: str, member: str) -> str:
    """Return an id in the Unicode form of the file's name, since it is handed in and no sample shows another."""
    base = posixpath.basename(member)
    return next((name for name in (base, posixpath.splitext(base)[0]) if compose(name) == id_), id_)


def _by_number(name: str) -> list[tuple[int, str]]:
    """Return what sorts 2.jpg before 10.jpg."""
    return [(int(part), part) if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", name)]
