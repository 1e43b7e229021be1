"""The test images of an archive, in the order of their table."""

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.tables import read_table, refuse_harmful, refuse_values
from scoretable.images.boxes import box_columns, read_boxes
from scoretable.images.listings import find_members, read_ids, read_listing
from scoretable.images.members import Members
from scoretable.images.skipped_rows import SkippedRows
from scoretable.images.train_images import NO_IMAGE, refuse_missing_images


def read_test(archive: Archive, members: Members, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Return columns id, member, and those of boxes; ids without an image have the member '' where a policy says so."""
    layout, sample = competition.test, competition.submission
    encoding = competition.encoding
    sample_ids = read_table(archive, sample.sample, [sample.id_column], encoding)[sample.id_column]
    refuse_values(sample.sample, sample.id_column, sample_ids[sample_ids.duplicated()], "id listed more than once")
    if layout.listing:
        name, column = layout.listing, layout.id_place
        table = read_listing(archive, layout, [*layout.id_columns, *box_columns(layout.box)], members, encoding)
        test = pd.DataFrame({"id": read_ids(table, layout)})
    else:
        name, column = sample.sample, sample.id_column
        table = read_table(archive, name, [column, *box_columns(layout.box)], encoding)
        test = pd.DataFrame({"id": table[column]})
    refuse_values(name, column, test["id"][test["id"].duplicated()], "id listed more than once")
    refuse_harmful(name, column, test["id"])
    unlisted = sample_ids[~sample_ids.isin(test["id"])]
    refuse_values(sample.sample, sample.id_column, unlisted, f"id missing from {name}")
    test["member"] = find_members(table, name, layout, test[["id"]], members)
    if competition.policies.missing_images == "skip":
        skipped.add(test["id"][test["member"] == ""], "test", NO_IMAGE)
    else:
        refuse_missing_images(test, (name, column), layout.shown_images, members)
    return pd.concat([test, read_boxes(table, name, column, layout.box)], axis=1)
