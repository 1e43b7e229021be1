"""Which images an archive holds, and what their labels are."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.description import Competition
from scoretable.competition.labels import check_labels, tell_doubtful
from scoretable.competition.spelling import Notes
from scoretable.competition.tables import SHOWN, refuse_harmful
from scoretable.decoding.image_files import as_file, join_channels, read_pixels
from scoretable.manifest.boxes import BOX
from scoretable.manifest.encoded_names import settle_names
from scoretable.manifest.members import Members
from scoretable.manifest.skipped_rows import SkippedRows
from scoretable.manifest.test_images import read_test
from scoretable.manifest.train_images import read_train
from scoretable.workspace.errors import InputError, how_many

__all__ = ["BOX", "Manifest", "read_manifest"]


@dataclass(frozen=True)
class Manifest:
    """Images of a competition, one row each.

    train: columns id, label (as the competition's file reads it), member, group where it has a group_column (all
    str), x1, y1, x2, y2 (float, pixels) where it has boxes, and `further <name>` (str) of its further columns.
    test: the same without label, in the order of the test table or else of the sample submission; member is '' for
    an image that a policy lets be missing.
    classes: the labels, in the order of `label_columns`, or sorted by number where all are whole numbers, else as
    text; none where labels are numbers.
    skipped: id, split and reason of the rows that a policy left out.
    notes: what was read otherwise than it stands in the archive, a line each.
    pixels: (height, width), or with channels last, by member, of images that lie in a table.
    channels: the files that make up an image, by member, where there are several.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    classes: list[str]
    skipped: list[dict[str, str]] = field(default_factory=list)
    notes: Notes = field(default_factory=list)
    pixels: dict[str, np.ndarray] = field(default_factory=dict)
    channels: dict[str, list[str]] = field(default_factory=dict)

    def read(self, archive: Archive, member: str) -> bytes:
        """Return the content of an image's file: a .npy file where its pixels lie in a table or in several files.

        Raises UnreadableImage where one of several is, or where they differ in size.
        """
        if member in self.pixels:
            return as_file(self.pixels[member])
        if member in self.channels:
            return as_file(join_channels([read_pixels(archive.read(part)) for part in self.channels[member]]))
        return archive.read(member)

    def describe_reading(self) -> list[str]:
        """Return what was skipped, and what was read otherwise than it stands, in lines of a few words and a reason."""
        reasons = list(dict.fromkeys(row["reason"] for row in self.skipped))
        skipped = [f"  skipped   {how_many(len(self.skipped), 'row')}: {'; '.join(reasons[:SHOWN])}"] * bool(reasons)
        return [*skipped, *(f"  read as   {note}" for note in self.notes)]


def read_manifest(archive: Archive, competition: Competition) -> Manifest:
    """Read the tables of `archive` and find the member of every image.

    Raises InputError where a table is missing or cannot be parsed; where a column, a label or an image is missing;
    where an id is listed twice; where an id or a label would do harm; where a box is empty or inverted; where a
    test image is trained on; and where the labels are not what the competition says.
    """
    archive.read_names_in(competition.encoding)
    members, skipped = Members(archive.names), SkippedRows()
    settle_names(archive, competition.encoding, members.notes)
    train = read_train(archive, members, competition, skipped)
    test = read_test(archive, members, competition, skipped, train["member"])
    _refuse_other_pixels(train, test, members)
    _refuse_test_images(train, test, competition)
    _refuse_one_group(train, competition)
    members.tell_names([*train["member"], *test["member"]])
    classes = check_labels(train, competition)
    tell_doubtful(train["label"], classes, competition, members.notes)
    layout = competition.train
    by_number = f"set train.id_column: null and name the images by {{{layout.id_column}}} in train.images"
    mend = by_number if layout.listing and layout.id_column else "correct train.images"
    refuse_harmful(layout.place, layout.id_place, train["id"], mend)
    refuse_harmful(layout.place, layout.label_place, classes, "give it another name by train.label_map")
    return Manifest(train, test, classes, skipped.rows, members.notes, members.pixels, members.channels)


def _refuse_other_pixels(train: pd.DataFrame, test: pd.DataFrame, members: Members) -> None:
    """Refuse pixels in tables whose shape differs between the splits; all images of a table have the same."""
    first = [name for split in (train, test) for name in split["member"][:1]]
    shapes = [members.pixels[name].shape for name in first if name in members.pixels]
    if len(set(shapes)) > 1:
        shown = [" x ".join(map(str, shape)) for shape in shapes]
        raise InputError(
            f"train.pixels make images of {shown[0]}, but test.pixels of {shown[1]} (height x width, and the channels "
            "of several): correct columns, height or width in one of them."
        )


def _refuse_one_group(train: pd.DataFrame, competition: Competition) -> None:
    layout = competition.train
    if "group" in train and train["group"].nunique() < 2:
        raise InputError(
            f"{layout.place}, {layout.group_column or layout.group_pattern}: all images have the same group, so that "
            "none can be held out: correct train.group_column or group_pattern, or remove it."
        )


def _refuse_test_images(train: pd.DataFrame, test: pd.DataFrame, competition: Competition) -> None:
    """Refuse a folder of test images that the pattern of the training images takes for a class, and a split in both."""
    layout = competition.train
    shared = train["member"][train["member"].isin(test["member"])]
    if layout.listing and len(shared) and len(shared) >= min(len(train), test["member"].nunique()):
        raise InputError(
            f"{how_many(len(shared), 'training image')} of {layout.place} are test images too, such as "
            f"{shared.iloc[0]}: correct train.images or test.images, or the table of one of them."
        )
    if layout.listing is None and len(shared):
        label = train["label"][shared.index[0]]
        raise InputError(
            f"train.images {layout.shown_images} also takes {len(shared)} test images, such as {shared.iloc[0]} (label "
            f"{label}): name the labels to learn in train.classes."
        )
