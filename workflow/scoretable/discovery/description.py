"""From the members of an archive to a competition's file."""

from typing import Literal

import pandas as pd

from scoretable.archive.archive import Archive
from scoretable.competition.metric import METRICS, Score, known_metrics
from scoretable.competition.sample_cells import name_shortly
from scoretable.competition.task import TASKS
from scoretable.decoding.image_files import read_pixels
from scoretable.decoding.unreadable import UnreadableImage
from scoretable.discovery.answer import asks_for_number, fits_metric, settle_answer
from scoretable.discovery.channels import choose_channels
from scoretable.discovery.contents import Contents
from scoretable.discovery.draft import Draft, as_yaml
from scoretable.discovery.paths import find_in_paths
from scoretable.discovery.pixels import Pixels, find_pixels
from scoretable.discovery.places import Place, Split
from scoretable.discovery.question import Question
from scoretable.discovery.safeguards import find_group, find_group_pattern, note_other_groups, settle_policies
from scoretable.discovery.samples import Sample, find_sample
from scoretable.discovery.testing import PlaceOfTest, find_testing
from scoretable.discovery.training import Training, find_listed
from scoretable.workspace.errors import InputError, how_many

_ONE_OR_OTHER = (
    "The sample wants one number an image, but there are several labels. If it is the probability of one label, or of "
    "all but one, add `label_map: {{{first}: {first}, '*': other}}` here, and set task: binary, classes: 2 and "
    "positive_class above, and form: probability below."
)
_FEW_TESTS = 3  # images, of which a code competition shows so few


def describe_archive(archive: Archive, name: str, source: Literal["kaggle", "archive"], metric: Score | None) -> Draft:
    """Return the competition's file as far as the archive tells it.

    Raises InputError where there is no sample submission, no image, or no label, and where `metric` does not fit.
    """
    contents = Contents(archive)
    sample = find_sample(contents)
    draft = Draft()
    draft.set(
        "title", name.replace("-", " ").replace("_", " ").capitalize(), "as people read it: the archive tells none"
    )
    draft.set("source", source, _SOURCES[source])
    pixels = find_pixels(contents, sample) if sample.place is None else None
    training = pixels.training if pixels else _find_training(contents, sample)
    question = settle_answer(draft, training, sample, metric)
    if metric is not None and not fits_metric(question.task, metric):
        raise InputError(
            f"--metric {metric} does not fit what the archive shows (task: {question.task}, {question.why}), which is "
            f"scored by {', '.join(TASKS[question.task].scores)}: leave --metric out and edit the file."
        )
    _set_train(draft, training)
    if pixels:
        _set_pixels(draft, pixels)
    else:
        testing = find_testing(contents, sample, training)
        _set_test(draft, testing)
        _note_rest(draft, contents, training, testing)
    _set_reading(draft, contents, training)
    settle_policies(draft, training, sample, question)
    _note_doubts(draft, training, sample, question)
    return draft


def check_metric(name: str | None) -> Score | None:
    """Return a metric by its name; raise InputError where there is none of that name."""
    if name is not None and name not in METRICS:
        raise InputError(f"--metric {name} is unknown{known_metrics(name)}.")
    return name


_SOURCES = {
    "archive": "you brought the archive; kaggle, if it is Kaggle's, by this file's name",
    "kaggle": "Kaggle has a competition of this name",
}


def _find_training(contents: Contents, sample: Sample) -> Training:
    if contents.images.empty:
        raise InputError(
            f"the archive has no image, and no table of pixels whose test table has the same columns (it has "
            f"{name_shortly([*contents.tables, *contents.others])}): pack the images into it."
        )
    training = find_listed(contents, sample) or find_in_paths(contents, sample)
    if training is None and contents.unreadable:
        raise InputError(next(iter(contents.unreadable.values())))
    if training is None:
        tables = [name for name in contents.tables if name != sample.name]
        raise InputError(
            f"no labels were found: no column of {name_shortly(tables) or 'any table'} has both images and what "
            f"{sample.name} asks for ({name_shortly(sample.answers)}), and no folder is a label "
            f"({contents.images['member'].iloc[0]}, for one): write train by hand."
        )
    return training


def _set_train(draft: Draft, training: Training) -> None:
    labels, place = training.labels, training.place
    if training.kind:
        draft.set(f"train.{training.kind}", training.listing, how_many(len(training.rows), "row"))
        draft.set("train.id_column", training.id_column, _describe_ids(training))
    if labels is not None and labels.columns:
        draft.set("train.label_columns", list(labels.columns), labels.why)
    elif labels is not None:
        draft.set("train.label_column", labels.column, labels.why)
        if labels.separator is not None:
            draft.set("label_separator", labels.separator, "stands between the labels of an image")
    if place is not None:
        _set_images(draft, "train", place, training.why or place.describe())
    if training.classes:
        draft.set("train.classes", list(training.classes), "the pattern fits other folders too, which are no labels")
    group, doubt = find_group(training), note_other_groups(training)
    pattern = find_group_pattern(training)
    if group is not None:
        draft.set("train.group_column", *group)
    elif pattern is not None:
        draft.set("train.group_pattern", *pattern)
    elif doubt:
        draft.note("train", doubt)


def _describe_ids(training: Training) -> str:
    if training.place is not None:
        return f"{training.place.found} of {training.place.ids} values name an image"
    return "as in the sample" if training.id_column else "no column names the images: the row's number, from 1"


def _set_images(draft: Draft, split: Split, place: Place, why: str) -> None:
    channels = choose_channels(place.endings)
    if not channels:
        draft.set(f"{split}.images", _one_or_list(place.patterns), why)
        if place.endings:
            draft.ask(
                f"{split}.images: an image has several files ({name_shortly(place.endings)}), of which only "
                f"{place.endings[0]} is taken"
            )
        return
    base = place.patterns[0].removesuffix(place.endings[0])
    left = [ending for ending in place.endings if ending not in channels]
    rest = f"; {name_shortly(left)} is left out" if left else ""
    draft.set(f"{split}.channels", [base + ending for ending in channels], f"the files of an image{rest}")
    if split == "train":
        draft.ask(f"channels, in both places: {name_shortly(channels)} are taken for red, green and blue{rest}")


def _set_pixels(draft: Draft, pixels: Pixels) -> None:
    training = pixels.training
    value = {"columns": pixels.columns, "height": pixels.height, "width": pixels.width}
    if pixels.doubt:
        draft.ask(pixels.doubt)
    for split, table in (("train", training.listing), ("test", pixels.test)):
        draft.set(
            f"{split}.table", table, "it has the same pixels" if split == "test" else draft.keys["train.table"][1]
        )
        draft.set(f"{split}.id_column", training.id_column, draft.keys["train.id_column"][1])
        draft.set(f"{split}.pixels", value, pixels.why)


def _set_reading(draft: Draft, contents: Contents, training: Training) -> None:
    """Set how tables are read, and say what becomes of the values of images with more than 8 bits."""
    if contents.encoding:
        encoding, why = contents.encoding
        draft.set("encoding", encoding, why)
        draft.ask(f"encoding: {encoding} is {why}")
    if training.place is None:
        return
    try:
        kind = read_pixels(contents.archive.read(str(training.place.hits["member"].iloc[0]))).dtype
    except (UnreadableImage, InputError):
        return
    if kind != "uint8":
        draft.note("train", f"The images' values are of type {kind}. {_MEASURED}")


_MEASURED = (
    "Which of them become black and white is measured over the training images, unless you set value_range: [black, "
    "white] at the top of this file."
)


def _set_test(draft: Draft, testing: PlaceOfTest) -> None:
    if testing.kind:
        draft.set(f"test.{testing.kind}", testing.listing, testing.why)
        draft.set("test.id_column", testing.id_column, testing.why_id)
        draft.set(
            "submission.id_column", draft.keys["submission.id_column"][0], f"the ids are those of {testing.listing}"
        )
    _set_images(draft, "test", testing.place, testing.why_place or testing.place.describe())
    if testing.doubt:
        draft.ask(testing.doubt)
    if testing.repeated:
        why = f"{how_many(testing.repeated, 'test image')} with the id of another"
        draft.set("policies.repeated_test_rows", "mean", why)
        draft.ask(
            "policies.repeated_test_rows: several test images have one id, and the mean of their answers is handed in; "
            "the validation still scores each image alone"
        )
    if testing.box:
        why = "boxes of both splits; box: crop in params.yaml cuts them out"
        draft.set("train.box", testing.box, why)
        draft.set("test.box", testing.box, why)


def _note_rest(draft: Draft, contents: Contents, training: Training, testing: PlaceOfTest) -> None:
    """Say which images no pattern takes, such as those of a folder valid beside train."""
    places = [place for place in (training.place, testing.place) if place is not None]
    if any(place.endings for place in places):
        return
    rest = contents.images.drop(pd.Index([]).append([place.hits.index for place in places]), errors="ignore")
    if len(rest):
        are = "is" if len(rest) == 1 else "are"
        draft.note("test", f"{how_many(len(rest), 'other image')} {are} left out, such as {rest['member'].iloc[0]}.")


def _one_or_list(patterns: list[str]) -> str | list[str]:
    return patterns[0] if len(patterns) == 1 else patterns


def _note_doubts(draft: Draft, training: Training, sample: Sample, question: Question) -> None:
    if question.ways:
        shown = name_shortly(question.names)
        draft.ask(f"task: multiclass takes the labels ({shown}) for names; {', '.join(question.ways)}")
    if question.grades:
        draft.note("train", f"classes: {as_yaml(question.grades)} would be their order for task: ordinal")
        draft.ask(
            f"task: ordinal, with train.classes: {as_yaml(question.grades)}, if their order counts; multiclass takes "
            "them for names"
        )
    if len(question.names) > 2 and asks_for_number(question, sample):
        draft.note("train", _ONE_OR_OTHER.format(first=question.names[0]))
        draft.ask("train.label_map, task and positive_class: the sample wants one number, but there are several labels")
    if len(sample.ids) <= _FEW_TESTS and len(training.rows) > 3 * len(sample.ids):
        draft.note(
            "submission",
            f"code: true, if it is a code competition: the sample has {how_many(len(sample.ids), 'row')}.",
        )
