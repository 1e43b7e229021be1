"""Which policies an archive needs, so that rows which cannot be used as they are stop nothing."""

import pandas as pd

from scoretable.competition.task import is_number
from scoretable.discovery.draft import Draft
from scoretable.discovery.question import Question
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training
from scoretable.workspace.errors import how_many


def settle_policies(draft: Draft, training: Training, sample: Sample, question: Question) -> None:
    """Set the policies that the rows of both splits need, each with what was found."""
    rows = _rows(training)
    repeated = rows["id"].duplicated() & bool(training.kind)
    if repeated.any():
        several = question.task == "multilabel"
        why = f"{how_many(int(repeated.sum()), 'row')} of an id that was there before"
        draft.set("policies.repeated_rows", "join" if several else "first", why)
    rows = rows[~repeated]
    lacking = ~rows["found"]
    test = sample.place.ids - sample.place.found if sample.place else 0
    if lacking.any() or test:
        why = f"{how_many(int(lacking.sum()), 'training row')} and {how_many(test, 'test image')} without a file"
        draft.set("policies.missing_images", "skip", why)
    rows = rows[rows["found"]]
    blank = rows["label"].str.strip() == ""
    if blank.any() and question.task != "multilabel":
        draft.set("policies.empty_labels", "skip", f"{how_many(int(blank.sum()), 'row')} without a label")
    _settle_single_images(draft, training, rows[~blank], question)


def _rows(training: Training) -> pd.DataFrame:
    """Return id, label ('-' where columns hold it) and whether there is an image."""
    labels, place = training.labels, training.place
    ids = training.rows[training.id_column] if training.id_column else pd.Series(training.rows.index.astype(str))
    one = training.cells if labels is None or labels.column else pd.Series("-", index=training.rows.index, dtype=str)
    named = ids
    if training.kind == "coco" and place is not None and "{file_name}" in place.patterns[0]:
        named = training.rows["file_name"]
    found = named.isin(place.hits["value"]) if training.kind and place is not None else True
    return pd.DataFrame({"id": ids, "label": one, "found": found})


def _settle_single_images(draft: Draft, training: Training, rows: pd.DataFrame, question: Question) -> None:
    labels = training.labels
    if is_number(question.task):
        return
    if labels is not None and labels.columns:
        numbers = training.rows.loc[rows.index, list(labels.columns)].apply(pd.to_numeric, errors="coerce")
        counts = (numbers == 1).sum()
    else:
        cells = rows["label"]
        if labels is not None and labels.separator is not None:
            cells = cells.str.split(labels.separator).explode().str.strip()
        counts = cells[cells != ""].value_counts()
    single = counts[counts == 1]
    if len(single):
        why = f"{len(single)} of {how_many(len(counts), 'class')} have one image, such as {single.index[0]}"
        draft.set("policies.single_image_classes", "train", why)
