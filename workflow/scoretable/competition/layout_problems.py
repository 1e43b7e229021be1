"""What is wrong between the keys that say where images and labels lie."""

import re

from scoretable.competition.layouts import MOST_CHANNELS, TestLayout, TrainLayout


def problem_of_train(layout: TrainLayout, ordered: bool) -> str:
    """Return what is wrong between the keys of `train`, as a sentence without its end, or ''.

    ordered: whether the order of the classes counts, which train.classes may then say for labels of any kind.
    """
    if layout.label_column is not None and layout.label_columns:
        return "train has a label_column and label_columns: keep one of them"
    if layout.label_column is None and not layout.label_columns and "label" not in layout.fields:
        return "train needs label_column or label_columns of a table, or {label} in train.images"
    if layout.listing is None and (layout.label_column is not None or layout.label_columns):
        return "train has a label_column but no table to find it in: give train.table, or set train.label_column: null"
    if layout.classes and "label" not in layout.fields and not ordered:
        return "train.classes names labels of paths, but the images pattern has no {label}: remove train.classes"
    problem = _problem_of_groups(layout) or _problem_of_columns(layout) or _problem_of_further_columns(layout)
    return problem or problem_of_images(layout, "train")


def _problem_of_groups(layout: TrainLayout) -> str:
    pattern = layout.group_pattern
    if pattern is not None and (layout.group_column or layout.listing is None):
        return "train.group_pattern is for a table without a group_column: remove one of them"
    if pattern is not None and "{group}" not in pattern:
        return f"train.group_pattern: {pattern} must contain {{group}}, as in {{group}}_{{eye}}"
    if layout.listing is None and layout.group_column not in {None, *layout.fields}:
        return (
            f"train.group_column: {layout.group_column} is no field of train.images, and there is no table: name "
            "a field of the pattern, or remove train.group_column"
        )
    return ""


def _problem_of_columns(layout: TrainLayout) -> str:
    """Return which column of the table is named for two things."""
    id_column, label, group, several = layout.id_column, layout.label_column, layout.group_column, layout.label_columns
    if layout.listing and label is not None and label in (id_column, group):
        other = "id_column" if label == id_column else "group_column"
        return f"train.label_column and train.{other} are both {label}: name the column of each"
    twice = [name for name in several or () if name == id_column or (several or []).count(name) > 1]
    if twice:
        what = "the id" if twice[0] == id_column else "there already"
        return f"train.label_columns has {twice[0]}, which is {what}: remove it"
    return ""


def _problem_of_further_columns(layout: TrainLayout) -> str:
    if layout.further_columns and layout.listing is None:
        return "train.further_columns are of a table, and there is none: give train.table, or remove further_columns"
    used = {layout.id_column: "id_column", layout.label_column: "label_column", layout.group_column: "group_column"}
    used |= dict.fromkeys(layout.label_columns or (), "label_columns")
    twice = next((name for name in layout.further_columns or () if name in used), None)
    return "" if twice is None else f"train.further_columns has {twice}, which is train.{used[twice]}: remove it there"


def problem_of_images(layout: TrainLayout | TestLayout, split: str) -> str:
    """Return what is wrong between the keys that say where images are, as a sentence without its end, or ''."""
    if layout.table and layout.coco:
        return f"{split} has a table and a coco file: keep one of them"
    if layout.pixels and (layout.images is not None or not layout.table):
        return f"{split}.pixels are columns of a table: give {split}.table, and remove {split}.images"
    if not layout.pixels and not layout.patterns:
        return f"{split} needs images, a pattern that finds them, or pixels"
    if layout.id_column is None and not layout.listing:
        return f"{split}.id_column is null but there is no table whose rows count: name the column"
    return _problem_of_channels(layout, split) or _problem_of_patterns(layout, split)


def _problem_of_channels(layout: TrainLayout | TestLayout, split: str) -> str:
    if layout.channels is None:
        return ""
    if layout.images is not None or layout.pixels:
        return f"{split} has channels beside images or pixels: keep one of them"
    if not 1 <= len(layout.channels) <= MOST_CHANNELS:
        return (
            f"{split}.channels has {len(layout.channels)} patterns, but an image has red, green and blue: keep 1 to 3"
        )
    if split == "train" and not layout.listing:
        return "train.channels needs a table that lists the images"
    return ""


def _problem_of_patterns(layout: TrainLayout | TestLayout, split: str) -> str:
    for pattern in layout.patterns:
        if not re.search(r"\{.+?\}", pattern):
            return f"{split}.images: {pattern} must contain {{id}}, or the name of a column in braces"
        if split == "test" and "{label}" in pattern:
            return f"{split}.images: {pattern} may not contain {{label}}, which test images do not have"
    return ""
