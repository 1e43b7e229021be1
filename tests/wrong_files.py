"""Mistakes that people make in a competition's file, put into one that is right."""

import copy
import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from drawn_files import zipped
from scoretable.workspace.yaml_text import as_yaml

Files = dict[str, Any]
Content = dict[str, Any]
FORMS = ("label", "labels", "ranked", "probability", "columns", "numbers")
TASKS = ("multiclass", "binary", "multilabel", "ordinal", "regression", "unit_regression", "multi_regression")
# Tasks that the labels also fit, as someone may choose who knows what they are.
FITTING = {
    "2019-3rd-ml-month-with-kakr": {"ordinal"},
    "aerial-cactus-identification": {"multiclass"},
    "aptos2019-blindness-detection": {"multiclass"},
    "cassava-leaf-disease-classification": {"ordinal"},
    "diabetic-retinopathy-detection": {"multiclass"},
    "digit-recognizer": {"ordinal"},
    "histopathologic-cancer-detection": {"multiclass"},
    "iwildcam-2020-fgvc7": {"ordinal"},
    "label-in-name": {"binary"},
    "plant-pathology-2021-fgvc8": {"multiclass"},
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and what the refusal must say. keys: of the file, with their wrong values, None to remove one.

    members: of the archive, with other contents.
    """

    what: str
    mend: tuple[str, ...]
    keys: dict[str, Any] = field(default_factory=dict)
    members: Files = field(default_factory=dict)


def spoil(content: Content, mistake: Mistake) -> Content:
    """Return the file with the keys of the mistake."""
    new = copy.deepcopy(content)
    for place, value in mistake.keys.items():
        *path, key = place.split(".")
        part = new
        for name in path:
            part = part[name]
        part.pop(key, None)
        if value is not None:
            part[key] = value
    return new


def at(content: Content, place: str) -> Any:
    """Return the value of a key such as train.id_column, None where it is not there."""
    for name in place.split("."):
        content = content.get(name) if isinstance(content, dict) else None  # type: ignore[assignment]
    return content


def mistakes_in(name: str, content: Content, files: Files, form: str) -> Iterator[Mistake]:
    """Yield each mistake that can be made in a competition; `form`: the right one of an answer."""
    yield from wrong_columns(content)
    yield from wrong_tables(content)
    yield from wrong_patterns(content, files)
    yield from swapped(content)
    yield from wrong_meaning(name, content, form)
    yield from wrong_labels(content, files)
    yield from other_kinds(content, files)


def wrong_columns(content: Content) -> Iterator[Mistake]:
    sides = {"train": ("id", "label", "group"), "test": ("id",), "submission": ("id", "label")}
    for place in (f"{part}.{role}_column" for part, roles in sides.items() for role in roles):
        name, part = at(content, place), place.partition(".")[0]
        listed = part == "submission" or at(content, f"{part}.table") or at(content, f"{part}.coco")
        if name is None or not listed:
            continue
        for wrong in (f"{name[:-1]}_x", name.swapcase()):
            known = f"{place}: {name}" if len(name) > 3 else place  # too short to be like another
            yield Mistake(f"{place} misspelt {wrong!r}", (known,), {place: wrong})
        yield Mistake(f"{place} is nothing like one", (place,), {place: "nothing_like_it"})
    place, names = "train.label_columns", at(content, "train.label_columns")
    if names:
        id_column = at(content, "train.id_column") or "image_id"
        yield Mistake("label_columns misspelt", (place, names[0]), {place: [f"{names[0]}x", *names[1:]]})
        yield Mistake("label_columns lacks one", (place,), {place: names[1:]})
        yield Mistake("label_columns has one twice", (place,), {place: [*names, names[0]]})
        yield Mistake("label_columns has the id", (place,), {place: [id_column, *names]})


def wrong_tables(content: Content) -> Iterator[Mistake]:
    for place in ("train.table", "train.coco", "test.table", "test.coco", "submission.sample"):
        name = at(content, place)
        if not name:
            continue
        stem, suffix = posixpath.splitext(name)
        for wrong in (f"{stem}.tsv", f"{stem}s{suffix}", f"data/{name}", stem, name.upper()):
            yield Mistake(f"{place} is {wrong}", (f"{place}: {name}",), {place: wrong})
        yield Mistake(f"{place} is nothing like one", (place,), {place: "nothing_like_it.csv"})


def wrong_patterns(content: Content, files: Files) -> Iterator[Mistake]:
    for place in ("train.images", "test.images"):
        pattern = at(content, place)
        if not pattern:
            continue
        folder, _, last = pattern.rpartition("/")
        written = as_yaml(pattern).removesuffix("'")  # a suffix may follow
        tail, right = pattern[pattern.index("{") :], (f"{place}: {written}",)
        for wrong in (f"photos/{tail}", f"comp/{pattern}", posixpath.join(folder, "more", last), f"{pattern}.bmp"):
            yield Mistake(f"{place} is {wrong}", right, {place: wrong})
        field = last[last.rindex("{") + 1 : last.rindex("}")]
        if at(content, f"{place.partition('.')[0]}.id_column") or place == "test.images":
            wrong = pattern.replace(f"{{{field}}}", f"{{{field}x}}")
            yield Mistake(f"{place} has an unknown field", (place, f"{{{field}}}"), {place: wrong})
        yield Mistake(f"{place} has no field", (place,), {place: "train/"})
    if not at(content, "train.pixels"):
        tables = [name for name in files if name.endswith((".csv", ".json", ".csv.zip"))]
        above = {f"comp/{name}": text for name, text in files.items() if name not in tables}
        yield Mistake("images lie in a folder above", ("comp/",), members=above | dict.fromkeys(set(files) - {*tables}))
    beside = {f"comp/{name}": text for name, text in files.items()}
    yield Mistake("all lies in a folder above", ("comp/",), members=beside | dict.fromkeys(files))


def swapped(content: Content) -> Iterator[Mistake]:
    train, test = at(content, "train.images"), at(content, "test.images")
    if train != test:
        yield Mistake("the test pattern for train", ("train",), {"train.images": test})
    if train != test and "{label}" not in train:
        yield Mistake("the train pattern for test", ("test.images",), {"test.images": train})
    ids = at(content, "train.id_column"), at(content, "submission.id_column")
    if None not in ids and ids[0] != ids[1]:
        keys = {"train.id_column": ids[1], "submission.id_column": ids[0]}
        yield Mistake("the id columns swapped", (f"id_column: {ids[0]}",), keys)
    table, test_table = at(content, "train.table"), at(content, "test.table")
    if not table:
        return
    yield Mistake(
        "the sample for train.table",
        ("train.table",),
        {"train.table": at(content, "submission.sample") or "sample_submission.csv"},
    )
    yield Mistake("train.table for the sample", ("submission.sample",), {"submission.sample": table})
    if test_table:
        yield Mistake("the test table for train.table", ("train.",), {"train.table": test_table})
        yield Mistake("train.table for the test table", ("test.",), {"test.table": table})
        yield Mistake("the test table for the sample", ("submission.",), {"submission.sample": test_table})
    label, id_ = at(content, "train.label_column"), at(content, "train.id_column")
    if label and id_:
        keys = {"train.label_column": id_, "train.id_column": label}
        yield Mistake("label and id swapped", ("train.",), keys)
        yield Mistake("the id for the label", ("train.label_column",), {"train.label_column": id_})
        yield Mistake("the label for the id", ("train.id_column",), {"train.id_column": label})


def wrong_meaning(name: str, content: Content, form: str) -> Iterator[Mistake]:
    task = content.get("task", "multiclass")
    unfit = {"multiclass": "rmse", "binary": "mean_auc", "multilabel": "auc", "ordinal": "log_loss"}
    yield Mistake("metric unfit", ("metric: ", f"task: {task}"), {"metric": unfit.get(task, "accuracy")})
    yield Mistake("metric misspelt", ("accuracy",), {"metric": "acuracy"})
    for other in TASKS:
        if other != task and other not in FITTING.get(name, ()):
            keys = {"task": other, "metric": None, "positive_class": None}
            mend = ("submission.form",) if task == "binary" and other == "multiclass" else ("task",)
            mend = ("positive_class: dog",) if name.startswith("dogs") and other == "multiclass" else mend
            yield Mistake(f"task: {other}", mend, keys)
    for other in FORMS:
        if other != form:
            yield Mistake(f"form: {other}", ("submission.form",), {"submission.form": other})
    yield Mistake("classes", ("classes",), {"classes": 17})
    yield Mistake("positive_class", ("positive_class",), {"positive_class": "cow"})


def wrong_labels(content: Content, files: Files) -> Iterator[Mistake]:
    if names := at(content, "train.classes"):
        yield Mistake("a test folder for a class", ("train.classes",), {"train.classes": None})
        yield Mistake("a class misspelt", ("train.classes", names[0]), {"train.classes": ["Cver", *names[1:]]})
    if at(content, "train.label_map"):
        for wrong, mend in (
            ({"Cover": "cover", "UERD": "stego"}, "J"),
            ({"Cver": "cover", "*": "stego"}, "Cver"),
            (None, "task: binary"),
        ):
            yield Mistake(f"label_map {wrong}", (mend,), {"train.label_map": wrong})
    if at(content, "train.pixels"):
        for key, wrong in (("height", 27), ("width", 32), ("columns", "px*"), ("columns", "pixel1*")):
            yield Mistake(f"pixels.{key} {wrong}", ("train.pixels",), {f"train.pixels.{key}": wrong})
    if content.get("task") == "multilabel" and at(content, "train.label_column"):
        yield Mistake("separator", ("label_separator: ' '",), {"label_separator": ","})
    table = at(content, "train.table")
    if table in files and not at(content, "train.pixels"):
        header, *rows = files[table].strip().split("\n")
        constant = "\n".join([f"{header},site", *(f"{row},A" for row in rows)])
        yield Mistake("one group", ("train.group_column",), {"train.group_column": "site"}, {table: constant})


KINDS: dict[str, bytes | str] = {
    "JSON": json.dumps([{"id": 1, "label": 2}] * 300),
    "JSON lines": '{"id": 1, "label": 2}\n' * 30,
    "HTML": "<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n",
    "XLSX": zipped({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}),
    "gzip": b"\x1f\x8b\x08\x00" + bytes(range(256)),
    "Parquet": b"PAR1" + bytes(range(256)) + b"PAR1",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "binary": bytes(range(256)) * 10,
    "empty": b"",
    "cp949": "아이디,라벨\n1,개\n".encode("cp949"),
}


def other_kinds(content: Content, files: Files) -> Iterator[Mistake]:
    for place in ("train.table", "train.coco", "test.table", "submission.sample"):
        name = at(content, place)
        if not name:
            continue
        held = name if name in files else f"{name}.zip"
        for kind, text in KINDS.items():
            inside = text if held == name else zipped({name: text})
            mend = "encoding" if kind == "cp949" and place != "train.coco" else place.partition(".")[0]
            yield Mistake(f"{place} is {kind}", (name, mend), members={held: inside})
        if held == name and place not in ("train.coco", "submission.sample"):  # of which a header is enough
            header = files[name].partition("\n")[0] + "\n"
            yield Mistake(f"{place} has no rows", (name,), members={name: header})
    coco, table = at(content, "train.coco"), at(content, "train.table")
    if coco:
        yield Mistake("coco for a table", ("train.coco",), {"train.table": coco, "train.coco": None})
    elif table and not at(content, "train.pixels"):
        yield Mistake("a table for coco", ("train.table",), {"train.coco": table, "train.table": None})
