"""What `scoretable init` writes of an archive is what a person would write, but for the metric.

An edit is needed in one of the 45: alaska2, whose four folders are two classes by a rule that no archive tells.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import py7zr
import pytest
from drawn_competitions import DRAWN, draw_archive
from drawn_files import picture, table, zipped
from scoretable.archive.archive import Archive, open_archive
from scoretable.competition.answer_form import check_sample
from scoretable.competition.description import Competition, load_competition
from scoretable.competition.sample import read_sample_in
from scoretable.discovery.description import check_metric, describe_archive
from scoretable.discovery.draft import Draft
from scoretable.manifest.manifest import read_manifest
from scoretable.workspace.errors import InputError
from unit.discovery.described_archives import OTHERS
from unit.discovery.strange_archives import deep

ROOT = Path(__file__).parents[3]
NEEDS_EDIT = "alaska2-image-steganalysis"
SAME_TASK = {"label-in-name"}  # where nothing tells that two classes are not yes and no


def drawn(name: str) -> tuple[bytes, Competition]:
    """Return an archive, and the file that a person has written for it."""
    if name in DRAWN:
        return draw_archive(name), load_competition(name, ROOT / "workflow/competitions")
    draw, written = OTHERS[name]
    return zipped(draw()), Competition.model_validate({**written, "name": name})


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Any]:
    """Opens the archive with the given content."""
    contexts = []

    def open_it(content: bytes) -> Archive:
        path = tmp_path / "a.zip"
        path.write_bytes(content)
        contexts.append(open_archive(path, tmp_path))
        return contexts[-1].__enter__()

    yield open_it
    for context in contexts:
        context.__exit__(None, None, None)


def load(draft: Draft, folder: Path) -> Competition:
    (folder / "drafted.yaml").write_text(draft.write("drafted"), encoding="utf-8")
    return load_competition("drafted", folder)


def effect(archive: Archive, competition: Competition) -> dict[str, Any]:
    """Return what a competition's file makes of an archive."""
    manifest = read_manifest(archive, competition)
    answer = check_sample(
        read_sample_in(archive, competition.submission, competition.encoding), competition, manifest.classes
    )
    train = manifest.train.sort_values("member", ignore_index=True)
    return {
        **{str(column): train[column].tolist() for column in sorted(train.columns)},
        **{f"test {column}": manifest.test[column].tolist() for column in sorted(manifest.test.columns)},
        "classes": manifest.classes, "answer": answer, "score": competition.score,
    }  # fmt: skip


@pytest.mark.turns(2)
@pytest.mark.parametrize("name", sorted({*DRAWN, *OTHERS} - {NEEDS_EDIT}))
def test_the_file_does_what_that_of_a_person_does(name: str, opened: Any, tmp_path: Path) -> None:
    content, wanted = drawn(name)
    archive = opened(content)
    found = load(describe_archive(archive, name, "archive", wanted.metric), tmp_path)
    assert effect(archive, found) == effect(archive, wanted)
    assert found.task == wanted.task or name in SAME_TASK


@pytest.mark.turns(3)
@pytest.mark.parametrize("name", sorted({*DRAWN, *OTHERS} - {NEEDS_EDIT}))
def test_without_a_metric_no_other_line_needs_an_edit(name: str, opened: Any, tmp_path: Path) -> None:
    content, wanted = drawn(name)
    archive = opened(content)
    draft = describe_archive(archive, name, "archive", None)
    assert draft.keys["metric"][0] == "map_at_k" or any(ask.startswith("metric: ") for ask in draft.questions)
    text = re.sub(r"^metric:.*$", f"metric: {wanted.score}", draft.write("drafted"), flags=re.MULTILINE)
    (tmp_path / "edited.yaml").write_text(text, encoding="utf-8")
    assert effect(archive, load_competition("edited", tmp_path)) == effect(archive, wanted)


def test_four_folders_of_one_number_are_a_question_that_names_the_keys(opened: Any, tmp_path: Path) -> None:
    archive = opened(draw_archive(NEEDS_EDIT))
    draft = describe_archive(archive, NEEDS_EDIT, "archive", None)
    assert any(question.startswith("train.label_map, task and positive_class") for question in draft.questions)
    with pytest.raises(InputError, match="task: binary"):
        effect(archive, load(draft, tmp_path))


def test_a_metric_that_no_task_of_the_archive_has_is_refused(opened: Any) -> None:
    with pytest.raises(InputError, match=r"--metric weighted_auc does not fit .* \(task: multiclass"):
        describe_archive(opened(draw_archive(NEEDS_EDIT)), NEEDS_EDIT, "archive", "weighted_auc")


def test_a_metric_that_is_none_names_the_nearest() -> None:
    with pytest.raises(InputError, match=r"--metric logloss is unknown \(did you mean log_loss\?\)"):
        check_metric("logloss")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("f2", "fbeta with metric_beta: 2"),
        ("QWK", "quadratic_weighted_kappa"),
        ("map@5", "map_at_k with metric_k: 5"),
        ("MCRMSE", "rmse, which takes the root over all columns at once"),
        ("roc-auc", "auc, or mean_auc of several columns"),
    ],
)
def test_a_metric_by_a_common_name_is_refused_with_its_name_here(name: str, meant: str) -> None:
    with pytest.raises(InputError) as caught:
        check_metric(name)
    assert str(caught.value) == f"--metric {name} is unknown (did you mean {meant}?)."


def test_each_key_but_the_parts_has_a_comment(opened: Any) -> None:
    text = describe_archive(opened(draw_archive("state-farm-distracted-driver-detection")), "x", "archive", None).write(
        "x"
    )
    bare = [line for line in text.splitlines() if "#" not in line]
    assert bare == ["train:", "test:", "submission:"]


LABELS = table("name,kind", [(f"{i}.png", "ab"[i % 2]) for i in range(6)])
SAMPLE = table("name,kind", [("9.png", "a")])
PHOTOS = {f"train/{i}.png": picture(0, i, "png", 12) for i in range(6)} | {"test/9.png": picture(0, 9, "png", 12)}


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"train.csv": LABELS, **PHOTOS}, r"no sample submission, .* \(its tables: train.csv\): add one"),
        ({"train.csv": LABELS, "sample.csv": SAMPLE}, r"no image, .*\(it has train.csv, sample.csv\)"),
        ({"sample.csv": SAMPLE, **PHOTOS}, r"no labels were found: .* \(kind\).*train/0.png.*write train by hand"),
        ({"train.csv": LABELS, "sample.csv": "name,kind\nx,a\n", **PHOTOS}, r"sample.csv has ids \(x\) that name no"),
        ({"sample.csv": '{"a": 1}', **PHOTOS}, r"sample.csv in the archive is JSON and no CSV table"),
    ],
    ids=["no-sample", "no-image", "no-label", "no-test-image", "sample-in-json"],
)  # fmt: skip
def test_what_is_not_there_is_told_in_a_sentence(files: dict[str, Any], sentence: str, opened: Any) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        describe_archive(opened(zipped(files)), "x", "archive", None)
    assert len(str(refusal.value)) <= 300


def described(opened: Any, files: dict[str, Any], metric: str | None = None) -> Draft:
    return describe_archive(opened(zipped(files)), "x", "archive", check_metric(metric))


HEADER = {"train.csv": LABELS, "sample.csv": "name,kind\n", **PHOTOS}


def test_two_labels_of_a_sample_without_rows_ask_for_the_form(opened: Any) -> None:
    draft = described(opened, HEADER)
    assert any(question.startswith("submission.form: label or probability") for question in draft.questions)
    assert "\n  form:  " in draft.write("x")


@pytest.mark.parametrize(("metric", "form"), [("auc", "probability"), ("f1", "label")])
def test_the_metric_settles_the_form_of_a_sample_without_rows(opened: Any, metric: str, form: str) -> None:
    assert described(opened, HEADER, metric).keys["submission.form"][0] == form


def test_grades_are_a_question_with_their_order(opened: Any) -> None:
    grades = ("severe", "No DR", "mild")
    files = HEADER | {
        "train.csv": table("name,kind", [(f"{i}.png", grades[i % 3]) for i in range(6)]),
        "sample.csv": table("name,kind", [("9.png", "mild")]),
    }
    asked = [question for question in described(opened, files).questions if question.startswith("task: ordinal")]
    assert asked and "train.classes: [No DR, mild, severe]" in asked[0]


@pytest.mark.parametrize(("metric", "asked"), [(None, True), ("macro_f1", False)])
def test_numbers_that_may_be_grades_or_amounts_are_a_question_until_the_metric_is_known(
    opened: Any, metric: str | None, asked: bool
) -> None:
    files = HEADER | {
        "train.csv": table("name,kind", [(f"{i}.png", i % 3) for i in range(6)]),
        "sample.csv": table("name,kind", [("9.png", 0)]),
    }
    draft = described(opened, files, metric)
    doubt = "task: multiclass takes the labels (0, 1, 2) for names; ordinal if their order counts, as of grades, regr"
    assert any(question.startswith(doubt) for question in draft.questions) == asked
    assert "ordinal if their order counts" in draft.keys["task"][1]


def test_a_folder_of_one_patient_stands_as_a_field_since_hidden_images_are_of_others(opened: Any) -> None:
    draft = describe_archive(opened(drawn("breast-cancer")[0]), "x", "archive", None)
    assert draft.keys["test.images"][0] == "test_images/{patient_id}/{image_id}"


def test_images_that_no_pattern_takes_are_named(opened: Any) -> None:
    files = HEADER | {"sample.csv": SAMPLE, "valid/7.png": b""}
    assert "# 1 other image is left out, such as valid/7.png." in described(opened, files).write("x")


def test_values_of_16_bits_are_said_to_be_measured(opened: Any) -> None:
    files = HEADER | {"sample.csv": SAMPLE} | {f"train/{i}.png": deep(i) for i in range(6)}
    assert "of type uint16. Which of them become black and white is measured" in described(opened, files).write("x")


def test_a_7z_archive_is_described_like_a_zip(tmp_path: Path) -> None:
    files = HEADER | {"sample.csv": SAMPLE}
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(content, name)
    with open_archive(path, tmp_path) as archive:
        assert describe_archive(archive, "x", "archive", None).keys["train.images"][0] == "train/{id}"


@pytest.mark.parametrize("numbered", [True, False])
def test_a_column_of_row_numbers_without_a_name_is_no_id(opened: Any, numbered: bool) -> None:
    ids = [f"i{number}.jpg" for number in range(12)]
    bare = [f"{id_},{'ab'[number % 2]}\n" for number, id_ in enumerate(ids)]
    rows = [f"{number},{row}" for number, row in enumerate(bare)]
    files = {f"{split}/{id_}": b"" for id_ in ids for split in ("train", "test")}
    sample = ",image,label\n" + "".join(rows) if numbered else "image,label\n" + "".join(bare)
    files |= {"train.csv": ",photo,label\n" + "".join(rows), "sample_submission.csv": sample}
    draft = describe_archive(opened(zipped(files)), "c", "archive", None)
    assert draft.keys["submission.id_column"][0] == "image" and draft.keys["train.id_column"][0] == "photo"
