"""A key that a refusal advises is set or removed in the competition's file as it says, and then nothing is refused."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from scoretable.archive.archive import open_archive
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import load_competition
from scoretable.competition.sample import read_sample_in
from scoretable.competition.task import Task, check_softening
from scoretable.manifest.manifest import read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import make_zip

Content = dict[str, Any]
PLAIN: Content = {
    "title": "Leaves",
    "source": "archive",
    "train": {"table": "train.csv", "images": "train/{id}"},
    "test": {"images": "test/{id}"},
    "submission": {"sample": "sample.csv"},
}
LABELS = "blast normal blast normal"
GRADES = "1 2 3 1 2 3"
AMOUNTS = "0.5 1 0.2 2"
THREE = "blast normal rust blast normal rust"


def table(header: str, cells: str, first: int = 0) -> str:
    """A table of images that are numbered from `first` on; words of one row are joined by +."""
    rows = (f"{number}.jpg,{cell.replace('+', ' ')}\n" for number, cell in enumerate(cells.split(), first))
    return f"image_id,{header}\n" + "".join(rows)


def train(cells: str, header: str = "label", more: str = "") -> dict[str, str]:
    return {"train.csv": table(header, cells) + more}


def sample(cells: str, header: str = "label", more: str = "") -> dict[str, str]:
    return {"sample.csv": table(header, cells, 10) + more}


def check(content: Content, members: dict[str, str], folder: Path, encoding: str = "utf-8") -> str:
    """The sentence by which the file is refused for an archive with images 0 to 9 and 10 to 13, '' where it is not."""
    images = {f"train/{number}.jpg": "" for number in range(10)} | {
        f"test/{number}.jpg": "" for number in range(10, 14)
    }
    files = {
        name: text.encode(encoding)
        for name, text in (images | train(LABELS) | sample("blast normal") | members).items()
    }
    (folder / "leaves.yaml").write_text(yaml.safe_dump(content))
    try:
        competition = load_competition("leaves", folder)
        with open_archive(make_zip(folder / "a.zip", files), folder) as opened:
            classes = read_manifest(opened, competition).classes
            check_sample(read_sample_in(opened, competition.submission, competition.encoding), competition, classes)
    except InputError as refusal:
        return str(refusal).removeprefix(f"{folder / 'leaves.yaml'}").lstrip(": ")
    return ""


def with_key(content: Content, place: str, value: Any) -> Content:
    """The file with a key such as train.table set; None: without it."""
    new = copy.deepcopy(content)
    *path, key = place.split(".")
    part = new
    for name in path:
        part = part.setdefault(name, {})
    if isinstance(value, dict):
        part[key] = part.get(key, {}) | value
    elif value is None:
        del part[key]
    else:
        part[key] = value
    return new


def followed(content: Content, words: str, subject: str) -> Iterator[Content]:
    """The file after 'set key: value', or 'to value', of each of several values; `subject`: the key that 'it' is."""
    if by_map := re.fullmatch(r"by train.label_map, such as (.+)", words):
        yield with_key(content, "train.label_map", yaml.safe_load(by_map[1]))
        return
    verb, _, rest = words.replace(" it", f" {subject}", 1).partition(" ")
    if verb == "remove":
        yield with_key(content, rest, None)
        return
    first, *others = re.split(r"(?: and|,) (?=[\w.]+: )", rest.replace(" to ", ": ", 1))
    choices = re.findall(r"\w+(?= or )|(?<= or )\w+", first)
    for choice in choices or [""]:
        new = content
        for setting in (first.replace(" or ".join(choices), choice), *others):
            ((place, value),) = yaml.safe_load(setting).items()
            new = with_key(new, place, value)
        yield new


SETS = train("1,0 0,1 1,1 0,1", "a,b") | sample("0.5,0.5 0.5,0.5", "a,b")
SEVERAL = train("a a+b b a") | sample("a b")
RANKED = train(THREE) | sample("blast+normal blast+normal")
ONE_OF = (
    "set task: binary, train.label_map: {{{0}: {0}, '*': other}}, positive_class: {0} and submission.form: probability"
)
CASES: list[tuple[Content, dict[str, str], list[str]]] = [
    ({"train.table": "trains.csv"}, {}, ["set train.table: train.csv"]),
    ({"train.id_column": "image"}, {}, ["set train.id_column: image_id"]),
    ({"train.label_column": "lable"}, {}, ["set train.label_column: label"]),
    ({"train.images": "photos/{id}"}, {}, ["set train.images: train/{id}"]),
    ({"test.images": "photos/{id}"}, {}, ["set test.images: test/{id}"]),
    ({"submission.sample": "samples.csv"}, {}, ["set submission.sample: sample.csv"]),
    ({"submission.label_column": "labels"}, {}, ["set submission.label_column: label"]),
    ({}, train(LABELS, more="0.jpg,normal\n"), ["set policies: {repeated_rows: first}"]),
    (
        {"task": "multilabel"},
        SEVERAL | train("a a+b b a", more="0.jpg,b\n"),
        ["set policies: {repeated_rows: first or join}"],
    ),
    ({"policies.equal_rows": "refuse"}, train(LABELS, more="0.jpg,blast\n"), ["set policies: {equal_rows: once}"]),
    ({}, train(LABELS, more="19.jpg,blast\n"), ["set policies: {missing_images: skip}"]),
    ({}, sample("blast normal", more="19.jpg,blast\n"), ["set policies: {missing_images: skip}"]),
    ({}, train(LABELS, more="4.jpg,\n"), ["set policies: {empty_labels: skip}"]),
    ({}, train(f"{LABELS} rust"), ["set policies: {single_image_classes: train}"]),
    ({"task": "binary"}, train(THREE), ["set task: multiclass"]),
    (
        {"task": "binary"},
        train(f"{LABELS} rust"),
        ["set task: multiclass and policies: {single_image_classes: train}"],
    ),
    ({"task": "ordinal"}, train("0 1 0 1") | sample("0 1"), ["set task: binary"]),
    ({"task": "ordinal"}, train(THREE), ["set task: multiclass"]),
    ({"task": "regression"}, train("0 1 0 1") | sample("0 1"), ["set task: binary"]),
    ({"task": "unit_regression"}, train(AMOUNTS) | sample("0.5 0.2"), ["set task: regression"]),
    ({"task": "multi_regression"}, train(AMOUNTS) | sample("0.5 0.2"), ["set task: regression"]),
    ({"task": "regression"}, {}, ["set task: multiclass"]),
    ({"task": "regression"}, train('"1,500" "2,500" 90') | sample("0.5 0.2"), ["set commas: decimal or thousands"]),
    ({"task": "multilabel"}, SETS, ["set train.label_columns: [a, b]"]),
    ({"train.label_columns": ["a", "b"]}, SETS, ["set task: multilabel"]),
    (
        {"train.label_columns": ["a", "b"]},
        SETS | train("1,0.3 0,1 1,1 0,1", "a,b"),
        ["set task: multi_regression"],
    ),
    ({"task": "multilabel"}, train("a;b a b a;b") | sample("a b"), ["set label_separator: ';'"]),
    ({"task": "multilabel"}, train("a;+b b a;+c c") | sample("a b"), ["set label_separator: ';'"]),
    (
        {"task": "multilabel"},
        train("a+b b|a a b") | sample("a b"),
        ['by train.label_map, such as {"b|a": "b a", "*": "*"}'],
    ),
    (
        {"task": "binary", "metric": "log_loss"},
        sample("0.5 0.5"),
        ["set positive_class: normal"],
    ),
    ({"positive_class": "blast"}, train(THREE), ["remove positive_class"]),
    ({"submission.form": "probability"}, train(THREE), ["set submission.form: label"]),
    (
        {"submission.form": "probability", "metric": "map_at_k"},
        train(THREE),
        ["set submission.form: ranked"],
    ),
    ({}, train(THREE) | sample("0.5 0.2"), [ONE_OF.format("blast")]),
    ({"task": "multilabel"}, SEVERAL | sample("0.5 0.2"), [ONE_OF.format("a")]),
    ({}, train(GRADES) | sample("0.5 0.2"), ["set task: regression"]),
    (
        {"task": "regression"},
        train("3 1 2 3 1 2") | sample("3 1"),
        ["set submission.form: numbers", "set task: multiclass or ordinal"],
    ),
    ({"metric": "accuracy", "submission.form": "ranked"}, {}, ["set metric: map_at_k", "set submission.form: label"]),
    (
        {"metric": "accuracy"},
        sample("0.5,0.5 0.5,0.5", "blast,normal"),
        ["set metric to log_loss or mean_auc", "set submission.form: columns"],
    ),
    (
        {"metric": "map_at_k", "submission.form": "ranked", "submission.ranks": 1, "metric_k": 2},
        RANKED,
        ["set submission.ranks: 2"],
    ),
    ({"metric": "map_at_k", "metric_k": 1}, RANKED, ["set metric_k: 2"]),
    (
        {"submission.label_column": "blast"},
        sample("0.5,0.5 0.5,0.5", "blast,normal"),
        ["remove submission.label_column"],
    ),
    ({}, sample("none none"), ["set submission.placeholder: none"]),
    ({"name": "leaves"}, {}, ["remove it"]),
    ({"label_separator": "|"}, {}, ["remove it"]),
    ({"task": "regression", "train.label_map": {"1": "2"}}, train(AMOUNTS) | sample("0.5 0.2"), ["remove it"]),
    ({"policies.repeated_rows": "join"}, {}, ["set it to first"]),
    ({"policies.repeated_rows": "join"}, SEVERAL, ["set task: multilabel"]),
    ({"task": "regression", "classes": 2}, train(AMOUNTS) | sample("0.5 0.2"), ["remove classes"]),
    ({"task": "regression", "classes": 2}, {}, ["set task: binary"]),
    ({"task": "regression", "classes": 3}, train(GRADES) | sample("1 2"), ["set task: multiclass or ordinal"]),
    ({"metric_k": 3}, {}, ["remove it"]),
    ({"submission.form": "numbers"}, {}, ["set it to label"]),
    ({"submission.empty": "likeliest"}, {}, ["remove it"]),
    ({"submission.form": "label", "submission.columns": {"blast": "a"}}, {}, ["remove it"]),
    ({"submission.form": "label", "submission.ranks": 2}, {}, ["remove it"]),
    ({"task": "multilabel", "positive_class": "blast"}, SEVERAL, ["remove it"]),
    ({"train.classes": ["blast"]}, {}, ["remove train.classes"]),
    (
        {"train.further_columns": {"age": "regression"}},
        train("blast,1 normal,old blast,2 normal,3", "label,age"),
        ["set train.further_columns: {age: multiclass}"],
    ),
]


@pytest.mark.parametrize(("keys", "members", "advice"), CASES)
def test_what_a_refusal_advises_lifts_it(
    keys: Content, members: dict[str, str], advice: list[str], tmp_path: Path
) -> None:
    content = PLAIN
    for place, value in keys.items():
        content = with_key(content, place, value)
    said = check(content, members, tmp_path)
    subject = re.match(r"(?:has the key )?([\w.]+)", said)
    assert subject
    for words in advice:
        assert words in said or words.removeprefix("set ") in said
        for mended in followed(content, words, subject[1]):
            assert check(mended, members, tmp_path) == ""


def test_the_encoding_whose_word_reads_right_is_the_one_that_a_table_is_read_in(tmp_path: Path) -> None:
    members = train("배나무 사과 배나무 사과") | sample("배나무 사과")
    said = check(PLAIN, members, tmp_path, "cp949")
    (encoding,) = re.findall(r"(\w+) \(배나무\)", said)
    assert check(with_key(PLAIN, "encoding", encoding), members, tmp_path, "cp949") == ""


@pytest.mark.parametrize(
    ("task", "key", "value"),
    [
        ("multilabel", "class_weights", "balanced"),
        ("ordinal", "class_weights", "balanced"),
        ("regression", "label_smoothing", 0.1),
    ],
)
def test_a_param_that_does_not_fit_the_task_is_taken_once_it_is_set_as_told(task: Task, key: str, value: Any) -> None:
    plain = {"class_weights": "none", "label_smoothing": 0.0}
    with pytest.raises(InputError) as caught:
        check_softening(task, **plain | {key: value})
    ((place, other),) = re.findall(r"params.yaml: (\w+): .* set it to (\w+)\.", str(caught.value))
    check_softening(task, **plain | {place: yaml.safe_load(other)})
