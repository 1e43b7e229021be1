"""What keeps a validation honest and a run going: the group that images share, and the policies that rows need."""

import pandas as pd

from scoretable.competition.sample_cells import name_shortly
from scoretable.competition.tables import shorten
from scoretable.competition.task import is_number
from scoretable.discovery.draft import Draft
from scoretable.discovery.names import words_of
from scoretable.discovery.question import Question
from scoretable.discovery.samples import Sample
from scoretable.discovery.training import Training
from scoretable.manifest.train_images import NO_NUMBER
from scoretable.workspace.errors import how_many

# The first that is there is taken: a person's images are more alike than those of a place.
_WORDS = (
    "patient", "subject", "driver", "person", "participant", "donor", "animal", "individual", "plant", "specimen",
    "lesion", "case", "study", "session", "sequence", "seq", "video", "series", "slide", "camera", "location", "site",
    "place", "station", "farm", "field", "plot", "hospital", "institution", "house", "store", "group", "scene",
)  # fmt: skip
_ENDINGS = {"id", "ids", "uid", "no", "nr", "number", "name", "key", "code", "instance"}
_NESTED = 0.5  # of the labels, at most, may lie in one group each: else a fold would lack them
_IMAGES = 1.5  # that a group has on average, at least


def find_group(training: Training) -> tuple[str, str] | None:
    """Return the column that looks like a group, with the reason; None where none does."""
    if training.labels is None:
        return None
    used = {training.id_column, training.labels.column, *training.labels.columns}
    names = [str(column) for column in training.rows.columns if column not in used]
    ranks = {name: _rank(name) for name in names}
    for name in sorted((name for name in names if ranks[name] < len(_WORDS)), key=lambda name: ranks[name]):
        groups = training.rows[name]
        if _is_group(groups) and not is_nested(groups, training):
            return name, f"{groups.nunique()} values in {len(groups)} rows, and by its name images share it"
    return None


def note_other_groups(training: Training) -> str:
    """Return a remark on what looks like a group but is no column, or is not sure to be one; '' without."""
    if training.labels is None:
        counts = training.rows["id"].value_counts()
        again = (counts > 1).mean() > _NESTED
        return _SAME_NAMES.format(name=counts.index[0]) if again else ""
    return ""


def find_group_pattern(training: Training) -> tuple[str, str] | None:
    """Return a pattern of ids that end in left or right, and why; None where they do not."""
    has_ids = training.labels is not None and training.id_column
    ids = training.rows[training.id_column] if has_ids else pd.Series(dtype=str)
    sides = ids.str.extract(r"^.+([_-])(?:left|right|L|R)$")[0].dropna()
    if not len(ids) or len(sides) < len(ids) or sides.nunique() > 1:
        return None
    return f"{{group}}{sides.iloc[0]}{{side}}", f"ids such as {ids.iloc[0]} look like two images of one person"


_SAME_NAMES = (
    "Several folders have a file {name}. If files of one name show one thing, set group_column: id (where images has "
    "{{id}}), so that they stay on one side of a fold."
)


def is_nested(groups: pd.Series, training: Training) -> bool:
    """Return whether most labels lie in one group each, as hotels in a chain."""
    if training.labels is None or training.labels.column is None:
        return False
    labels = training.rows[training.labels.column]
    several = labels.map(labels.value_counts()) > 1
    if labels.nunique() > len(labels) / 2 or not several.any():
        return False
    counts = groups[several].groupby(labels[several]).nunique()
    return bool((counts == 1).mean() > _NESTED)


def _rank(name: str) -> int:
    """Return the place of a name such as `PatientID` in the list; its end for one that says more, as `site_type`."""
    words = set(words_of(name)) - _ENDINGS
    return _WORDS.index(next(iter(words))) if len(words) == 1 and words <= set(_WORDS) else len(_WORDS)


def _is_group(groups: pd.Series) -> bool:
    return groups.nunique() > 2 and len(groups) >= _IMAGES * groups.nunique() and not (groups == "").mean() > _NESTED


def settle_policies(draft: Draft, training: Training, sample: Sample, question: Question) -> None:
    """Set the policies that the rows of both splits need, each with what was found."""
    rows = _rows(training)
    repeated = rows["id"].duplicated() & bool(training.kind)
    _settle_repeated_rows(draft, training, rows, question)
    rows = rows[~repeated]
    lacking = ~rows["found"]
    test = sample.place.ids - sample.place.found if sample.place else 0
    if lacking.any() or test:
        example = f" (such as {shorten(rows['id'][lacking].iloc[0])})" if lacking.any() else ""
        why = (
            f"{how_many(int(lacking.sum()), 'training row')}{example} and {how_many(test, 'test image')} without a file"
        )
        draft.set("policies.missing_images", "skip", why)
        draft.check(f"policies.missing_images: {why}, which are skipped")
    rows = rows[rows["found"]]
    blank = rows["label"].str.strip() == ""
    blank |= rows["label"].str.casefold().isin(NO_NUMBER) & is_number(question.task)
    if blank.any() and question.task != "multilabel":
        why = f"{how_many(int(blank.sum()), 'row')} without a label, such as {shorten(rows['id'][blank].iloc[0])}"
        draft.set("policies.empty_labels", "skip", why)
        draft.check(f"policies.empty_labels: {why}, to be skipped")
    _settle_single_images(draft, training, rows[~blank], question)


def _settle_repeated_rows(draft: Draft, training: Training, rows: pd.DataFrame, question: Question) -> None:
    """Set a policy where rows of one id differ in what the file reads; those that do not count once without one."""
    if not training.kind:
        return
    read = [name for name in training.rows.columns if _is_read(str(name), draft, training)]
    whole = pd.concat([rows["id"], training.rows[read]], axis=1)
    distinct = rows[~whole.duplicated()] if training.place is not None else rows  # pixels differ
    again = distinct["id"].duplicated(keep=False)
    if not again.any():
        return
    ids = distinct["id"][again].drop_duplicates()
    labels = distinct["label"][distinct["id"] == ids.iloc[0]].drop_duplicates()
    cells = f" ({name_shortly(list(labels))})" if len(labels) > 1 else ""
    what = f"{how_many(len(ids), 'id')} with rows that differ, such as {ids.iloc[0]}{cells}"
    several = question.task == "multilabel"
    draft.set("policies.repeated_rows", "join" if several else "first", what)
    kept = "join puts their labels together" if several else "first takes the first row of each"
    other = "; join with task: multilabel takes all labels" if question.task in ("multiclass", "binary") else ""
    draft.ask(f"policies.repeated_rows: {what}; {kept}{other}")


def _is_read(name: str, draft: Draft, training: Training) -> bool:
    """Return whether a column is the label, the group or a side of the box, or stands in the pattern of the images."""
    labels, patterns = training.labels, training.place.patterns if training.place else []
    named = {labels.column, *labels.columns} if labels is not None else set()
    named |= {draft.keys["train.group_column"][0]} if "train.group_column" in draft.keys else set()
    named |= set(draft.keys["train.box"][0].values()) if "train.box" in draft.keys else set()
    return name in named or any(f"{{{name}}}" in pattern for pattern in patterns)


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
            cells = cells.str.split(labels.separator, regex=False).explode().str.strip()
        counts = cells[cells != ""].value_counts()
    single = counts[counts == 1]
    if len(single):
        why = f"{len(single)} of {how_many(len(counts), 'class')} have one image, such as {single.index[0]}"
        draft.set("policies.single_image_classes", "train", why)
        draft.check(f"policies.single_image_classes: {why}, and none is left to validate on")
