"""The training images of an archive and their labels."""

import posixpath

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.archive.nearby import nearest_path_pattern
from scoretable.competition.description import Competition
from scoretable.competition.layouts import TrainLayout
from scoretable.competition.spelling import NO_VALUE, clean_texts, tell
from scoretable.competition.tables import name_some, refuse_values, shorten
from scoretable.competition.task import is_number
from scoretable.manifest.boxes import box_columns, read_boxes
from scoretable.manifest.further_columns import read_further
from scoretable.manifest.label_cells import map_labels, read_label_cells
from scoretable.manifest.listings import find_members, read_ids, read_listing
from scoretable.manifest.members import Members, read_field
from scoretable.manifest.missing_images import Lookup, refuse_missing, refuse_most_missing, refuse_without_any
from scoretable.manifest.skipped_rows import SkippedRows
from scoretable.manifest.unnamed_labels import refuse_without_labels
from scoretable.workspace.errors import InputError, how_many
from scoretable.workspace.yaml_text import as_yaml

NO_IMAGE, NO_LABEL, REPEATED = "it has no image", "it has no label", "an earlier row has the same id"
NO_NUMBER = NO_VALUE | {"none"}
SAME = "an earlier row says the same"


def read_train(archive: Archive, members: Members, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Return columns id, label, member, group, those of boxes, and further ones.

    Adds rows that a policy leaves out to `skipped`.
    """
    layout = competition.train
    train = (
        _read_paths(members, competition, skipped)
        if layout.listing is None
        else _read_rows(archive, members, competition, skipped)
    )
    separator = competition.label_separator if competition.task == "multilabel" else None
    train["label"] = map_labels(train["label"], layout, separator)
    return _settle_blank_labels(train, competition, skipped).reset_index(drop=True)


def _read_rows(archive: Archive, members: Members, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    layout = competition.train
    labels = layout.label_columns or ([layout.label_column] if layout.label_column else [])
    assumed = bool(layout.table and layout.label_column and not layout.pixels)
    assumed = assumed and "label_column" not in layout.model_fields_set
    needed = layout.model_copy(update={"label_column": None}) if assumed else layout
    table = read_listing(archive, needed, "train", members, competition.encoding)
    if assumed and layout.label_column not in table.columns:
        refuse_without_labels(archive, table, competition)
    train = pd.DataFrame({"id": read_ids(table, layout)})
    if layout.group_column:
        train["group"] = table[layout.group_column]
    if layout.group_pattern:
        train["group"] = _groups_by_id(train["id"], layout)
    if labels:
        train["label"] = read_label_cells(table, competition, members.notes)
    else:
        train["label"] = _labels_by_path(train["id"], members, layout)
    train["member"] = find_members(table, layout.place, layout, "train", train[["id", "label"]], members)
    lookup = Lookup(table, layout.place, layout.id_place, layout, "train", members)
    refuse_without_any(train, lookup)
    if layout.fields <= {"id", "stem", "basename"} - set(table.columns.drop(layout.id_columns)):
        train["id"] = _one_id_each(train, layout, members)
    same = pd.concat([train, table[box_columns(layout.box)]], axis=1).duplicated()
    if competition.policies.equal_rows == "refuse":
        mend = "set policies: {equal_rows: once}"
        refuse_values(layout.place, layout.id_place, train["id"][same], "row that says what an earlier one says", mend)
    train = skipped.drop(train, same, "train", SAME)
    train = _settle_repeated_rows(train, competition, skipped)
    train = _settle_gaps(train, lookup, competition, skipped)
    boxes = read_boxes(table.loc[train.index], layout.place, layout.id_place, layout.box)
    further = read_further(table.loc[train.index], train["id"], competition, members.notes)
    return pd.concat([train, boxes, further], axis=1).reset_index(drop=True)


def _one_id_each(train: pd.DataFrame, layout: TrainLayout, members: Members) -> pd.Series:
    """Return ids of which no two name one image, as `i1` and `i1.jpg` do: those of the first row that names it."""
    found = train[train["member"] != ""]
    ids = found.groupby("member", sort=False)["id"].transform("first")
    others = found["id"][ids != found["id"]]
    if len(others):
        what = f"{how_many(len(others), 'id')} that an earlier row has in another spelling, such as {others.iloc[0]}"
        tell(members.notes, f"{layout.place}, column {layout.id_place}: {what}")
    return ids.reindex(train.index).fillna(train["id"])


def _groups_by_id(ids: pd.Series, layout: TrainLayout) -> list[str]:
    groups = read_field(ids, layout.group_pattern or "", "group")
    without = ids[[not group for group in groups]]
    mend = "correct train.group_pattern"
    refuse_values(layout.place, layout.id_place, without, f"id that does not fit {layout.group_pattern}", mend)
    return groups


def _settle_repeated_rows(train: pd.DataFrame, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Return one row per id, with its index in the table."""
    policy = competition.policies.repeated_rows
    repeated = train["id"].duplicated()
    if policy == "refuse":
        _refuse_repeated_rows(train[train["id"].isin(train["id"][repeated])], competition)
    elif policy == "join":
        parts = train["label"].groupby(train["id"], sort=False).agg(competition.label_separator.join)
        train["label"] = train["id"].map(parts)
    else:
        skipped.add(train["id"][repeated], "train", REPEATED)
    return train[~repeated]


def _refuse_repeated_rows(rows: pd.DataFrame, competition: Competition) -> None:
    """Raise InputError where there are `rows`, all of ids that have several; say which labels differ."""
    layout, task = competition.train, competition.task
    labels = rows.drop_duplicates(["id", "label"]).groupby("id", sort=False)["label"]
    differing = labels.agg(list)[labels.size() > 1]
    ways = "first or join" if task == "multilabel" else "first"
    mend = f"correct train.id_column, or set policies: {{repeated_rows: {ways}}}"
    if differing.empty:
        problem = "id with rows of different images, groups or boxes"
        refuse_values(layout.place, layout.id_place, rows["id"].drop_duplicates(), problem, mend)
    mend += ", or join with task: multilabel" if task in ("multiclass", "binary") else ""
    shown = [f"{id_} ({name_some(names, 2)})" for id_, names in differing.items()]
    refuse_values(layout.place, layout.id_place, shown, "id with different labels", mend)


def _settle_gaps(train: pd.DataFrame, lookup: Lookup, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Skip or refuse rows without a label or an image; a row that is skipped for one is not refused for the other."""
    if competition.policies.missing_images == "skip":
        refuse_most_missing(train, lookup)
        train = skipped.drop(train, train["member"] == "", "train", NO_IMAGE)
    train = _settle_blank_labels(train, competition, skipped)
    refuse_missing(train, lookup)
    return train


def _settle_blank_labels(train: pd.DataFrame, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Skip or refuse rows without a label; train.label_map may make it empty too, as `nan: ''` does."""
    layout = competition.train
    blank = (train["label"].str.strip() == "") & (competition.task != "multilabel")
    blank |= train["label"].str.casefold().isin(NO_NUMBER) & is_number(competition.task)
    if competition.policies.empty_labels == "skip":
        return skipped.drop(train, blank, "train", NO_LABEL)
    first = "add the columns of their classes to train.label_columns, or " if layout.label_columns else ""
    mend = f"{first}set policies: {{empty_labels: skip}}"
    refuse_values(layout.place, layout.label_place, train["id"][blank], "id with an empty label", mend)
    return train


def _read_paths(members: Members, competition: Competition, skipped: SkippedRows) -> pd.DataFrame:
    """Take all images that fit a pattern; ids that several folders use get the label in front."""
    layout = competition.train
    train = members.match(layout.patterns, layout.group_column or "")
    if train.empty:
        free = members.all_but(members.match(competition.test.patterns)["member"])
        likely = nearest_path_pattern(layout.patterns[-1], free, "train")
        mend = f"set train.images: {as_yaml(likely)}" if likely else "correct train.images"
        raise InputError(
            f"no image in the archive matches the pattern train.images: {shorten(layout.shown_images)} "
            f"({members.name_some()}): {mend}."
        )
    if layout.group_column is None:
        train = train.drop(columns="group")
    train["label"] = clean_texts(train["label"], layout.place, members.notes, "label")
    if layout.classes:
        absent = [name for name in layout.classes if name not in set(train["label"])]
        if absent:
            raise InputError(
                f"no image matches {layout.shown_images} with the label {absent[0]} of train.classes (its labels: "
                f"{name_some(list(train['label'].unique()), 8)}): correct train.classes."
            )
        kept = train["label"].isin(layout.classes)
        _note_left_out(train[~kept], members, competition, skipped)
        train = train[kept].reset_index(drop=True)
    if train["id"].duplicated().any():
        train["id"] = train["label"] + "/" + train["id"]
    if train["id"].duplicated().any():
        train["id"] = train["member"]
    return train


def _note_left_out(others: pd.DataFrame, members: Members, competition: Competition, skipped: SkippedRows) -> None:
    """Note the images of labels that `train.classes` lacks, but for those that are test images."""
    patterns = competition.test.patterns
    left = others[~others["member"].isin(members.match(patterns)["member"])] if patterns else others
    labels = list(left["label"].unique())
    skipped.add(left["member"], "train", f"train.classes leaves out {name_some(labels)}")


def _labels_by_path(ids: pd.Series, members: Members, layout: TrainLayout) -> pd.Series:
    found = members.match(layout.patterns)[["id", "label"]]
    found["label"] = clean_texts(found["label"], layout.shown_images, members.notes, "label")
    stems = [posixpath.splitext(id_)[0] for id_ in found["id"]]
    known = pd.concat([found, found.assign(id=stems)]).drop_duplicates()
    several = known["id"][known["id"].duplicated()]
    problem, mend = "id with an image in the folders of several labels", "name one of the folders in train.images"
    refuse_values(layout.place, layout.id_place, ids[ids.isin(several)], problem, mend)
    return ids.map(known.drop_duplicates("id").set_index("id")["label"]).fillna("")
