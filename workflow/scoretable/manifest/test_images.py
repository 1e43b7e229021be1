"""The test images of an archive, in the order of their table."""

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.tables import read_table, refuse_harmful, refuse_values
from scoretable.manifest.boxes import box_columns, read_boxes
from scoretable.manifest.listings import find_members, read_ids, read_listing
from scoretable.manifest.members import Members
from scoretable.manifest.missing_images import Lookup, refuse_missing, refuse_without_any
from scoretable.manifest.skipped_rows import SkippedRows
from scoretable.manifest.train_images import NO_IMAGE


def read_test(
    archive: Archive, members: Members, competition: Competition, skipped: SkippedRows, taken: pd.Series
) -> pd.DataFrame:
    """Return columns id, member, and those of boxes; ids without an image have the member '' where a policy says so.

    taken: members of the training images.
    """
    layout, sample = competition.test, competition.submission
    needed, encoding = sample.keys_of_columns, competition.encoding
    sample_ids = read_table(archive, sample.sample, needed, "submission.sample", encoding)[sample.id_column]
    refuse_values(sample.sample, sample.id_column, sample_ids[sample_ids.duplicated()], "id listed more than once")
    if layout.listing:
        name, column = layout.listing, layout.id_place
        table = read_listing(archive, layout, "test", members, encoding)
        test = pd.DataFrame({"id": read_ids(table, layout)})
    else:
        name, column = sample.sample, sample.id_column
        needed = dict.fromkeys(box_columns(layout.box), "test.box") | needed
        table = read_table(archive, name, needed, "submission.sample", encoding)
        test = pd.DataFrame({"id": table[column]})
    refuse_values(name, column, test["id"][test["id"].duplicated()], "id listed more than once")
    refuse_harmful(name, column, test["id"])
    unlisted = sample_ids[~sample_ids.isin(test["id"])]
    mend = f"set {layout.key_of_listing('test')} to the file that lists the test images, or correct test.id_column"
    refuse_values(sample.sample, sample.id_column, unlisted, f"id missing from {name}", mend)
    test["member"] = find_members(table, name, layout, "test", test[["id"]], members)
    lookup = Lookup(table, name, column, layout, "test", members, frozenset(taken))
    refuse_without_any(test, lookup)
    if competition.policies.missing_images == "skip":
        skipped.add(test["id"][test["member"] == ""], "test", NO_IMAGE)
    else:
        refuse_missing(test, lookup)
    return pd.concat([test, read_boxes(table, name, column, layout.box)], axis=1)
