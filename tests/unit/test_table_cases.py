"""Each archive of `table_cases` ends as it should, by a file written by hand and by that of `scoretable init`.

Where a choice is the user's, the refusal names its key.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scoretable.cli import main as cli
from scoretable.competition.description import load_competition
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import build_cache
from table_cases import CASES, decomposed
from unit.archives import make_zip

ROOT = Path(__file__).parents[2]
BY_HAND: dict[str, Any] = {
    "title": "Case",
    "source": "archive",
    "train": {"table": "train.csv", "id_column": "image", "images": "train/{id}"},
    "test": {"images": "test/{id}"},
    "submission": {"id_column": "image", "label_column": "label", "placeholder": "a"},
}
TWELVE_OF_EACH = "  training  24 images, 2 classes: 12 of each\n"


class Case:
    """A folder with the archive of a case, for which a competition's file is written."""

    def __init__(self, name: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys, self.archive, self.file = capsys, Path("data/archives/c.zip"), Path("workflow/competitions/c.yaml")
        files = {member: text.encode() if isinstance(text, str) else text for member, text in CASES[name]().items()}
        make_zip(self.archive, files)

    def check(self, **keys: object) -> str:
        """Write the file by hand, with other keys, and return what `scoretable check` says."""
        self.file.write_text(yaml.safe_dump(BY_HAND | keys, allow_unicode=True))
        return self._run("check", "c")

    def refusal(self, **keys: object) -> str:
        """Return the sentence by which a file written by hand is refused."""
        said = self.check(**keys)
        assert said.startswith("scoretable: ") and len(said) <= 320
        return said

    def init(self, metric: str = "accuracy") -> str:
        """Return what `scoretable init` says, which ends well."""
        return self._run("init", "c", "--force", "--metric", metric)

    def cache(self) -> dict[str, Any]:
        """Make the image cache by the file, and return its manifest."""
        build_cache(self.archive, load_competition("c"), Path("cache"), 40, 40, "stretch", "ignore", 0.0, "refuse")
        self.capsys.readouterr()  # the bars
        return json.loads(Path("cache/manifest.json").read_text(encoding="utf-8"))

    def _run(self, *words: str) -> str:
        status = cli.main(list(words))
        said = self.capsys.readouterr()
        return said.err if status else said.out


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: Any) -> Case:
    """The case that a test is named for, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("scoretable.discovery.contact_sheet.draw_contact_sheet", lambda *_: None)  # it takes a second
    for folder in ("workflow/competitions", "data/archives"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("params.yaml", "session.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return Case(request.param, capsys)


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [name], indirect=True)


def assert_read_as(case: Case, line: str, **keys: object) -> None:
    """Both files find twelve images of each of two classes; both commands and the manifest have the line."""
    for said in (case.check(**keys), case.init()):
        assert TWELVE_OF_EACH in said and f"  read as   {line}\n" in said
    case.check(**keys)
    assert line in case.cache()["read_as"]


@of("trailing_space")
def test_spaces_at_the_ends_of_labels_do_not_count(case: Case) -> None:
    assert_read_as(case, "train.csv, column label: 6 cells trimmed, such as 'a ' (2 values in place of 3)")
    assert case.cache()["classes"] == ["a", "b"]


@of("labels_nfc_nfd")
def test_both_unicode_forms_of_a_label_are_one(case: Case) -> None:
    shown = f"such as '{decomposed('병')}' (2 values in place of 3)"
    assert_read_as(case, f"train.csv, column label: 6 cells in Unicode form NFC, {shown}")
    assert case.cache()["classes"] == ["b", "병"]


@of("names_nfd_table_nfc")
def test_images_that_macos_packed_are_found(case: Case) -> None:
    assert_read_as(case, f"24 names of images in Unicode form NFC, such as {decomposed('train/잎0.jpg')}")


@of("cp949")
def test_an_older_encoding_is_named_by_a_key_and_told(case: Case) -> None:
    said = case.refusal()
    assert "set encoding, by how the first word beyond ASCII reads: cp949 (건강)" in said
    assert_read_as(case, "train.csv: encoding cp949", encoding="cp949")
    assert case.cache()["classes"] == ["건강", "병"]


@of("utf16")
def test_utf16_is_as_utf8(case: Case) -> None:
    assert_read_as(case, "train.csv: encoding utf-16")


@of("semicolon")
def test_semicolons_are_as_commas(case: Case) -> None:
    assert_read_as(case, "train.csv: columns separated by ';'")


@of("space_in_header")
def test_a_column_is_found_whatever_the_spaces_around_its_name(case: Case) -> None:
    assert_read_as(case, "train.csv, header: 1 name trimmed, such as ' label'")


@of("duplicate_same")
def test_a_row_that_stands_there_twice_counts_once_unless_a_key_refuses_it(case: Case) -> None:
    for said in (case.init(), case.check()):
        assert TWELVE_OF_EACH in said and "  skipped   1 row: an earlier row says the same\n" in said
    assert case.cache()["skipped"] == [{"id": "i0.jpg", "split": "train", "reason": "an earlier row says the same"}]
    said = case.refusal(policies={"equal_rows": "refuse"})
    assert "1 row that says what an earlier one says: i0.jpg; set policies: {equal_rows: once}" in said


@of("duplicate_other")
def test_two_labels_of_an_image_are_refused_and_a_key_takes_the_first_or_both(case: Case) -> None:
    said = case.refusal()
    assert "1 id with different labels: i0.jpg (a, b); " in said
    assert said.endswith("set policies: {repeated_rows: first}, or join with task: multilabel.\n")
    assert TWELVE_OF_EACH in case.check(policies={"repeated_rows": "first"})
    assert case.cache()["skipped"][0]["reason"] == "an earlier row has the same id"
    assert "24 images, 2 labels" in case.check(policies={"repeated_rows": "join"}, task="multilabel")
    case.cache()
    assert open_cache(Path("cache")).train["label"][0] == "a b"
    assert "such as i0.jpg (a, b); first takes the first row of each; join with task: multilabel" in case.init()


@of("missing_image")
def test_a_row_without_an_image_is_refused_with_the_key_that_skips_it(case: Case) -> None:
    assert "1 id without an image at train/{id}: zz.jpg; " in case.refusal()
    assert case.refusal().endswith("or set policies: {missing_images: skip}.\n")
    assert TWELVE_OF_EACH in case.check(policies={"missing_images": "skip"})
    assert case.cache()["counts"]["train"] == 24
    said = case.init()
    assert TWELVE_OF_EACH in said and "1 training row (such as zz.jpg)" in said


@of("empty_label")
def test_a_row_without_a_label_is_refused_with_the_key_that_skips_it(case: Case) -> None:
    assert case.refusal().endswith("1 id with an empty label: i3.jpg; set policies: {empty_labels: skip}.\n")
    assert "training  23 images, 2 classes" in case.check(policies={"empty_labels": "skip"})
    assert case.cache()["skipped"] == [{"id": "i3.jpg", "split": "train", "reason": "it has no label"}]
    assert "1 row without a label, such as i3.jpg, to be skipped" in case.init()


@of("lone_class")
def test_a_class_of_one_image_is_refused_with_the_key_that_trains_on_it(case: Case) -> None:
    said = case.refusal()
    assert "1 label with fewer than two images, one to train and one to validate: c; " in said
    assert said.endswith("or set policies: {single_image_classes: train}.\n")
    two = case.refusal(task="binary")
    assert "c is the label of i5.jpg" in two
    assert two.endswith("set task: multiclass and policies: {single_image_classes: train}.\n")
    case.check(policies={"single_image_classes": "train"})
    assert case.cache()["classes"] == ["a", "b", "c"]
    assert "1 of 3 classes have one image, such as c" in case.init()


@of("top_folder")
def test_images_in_a_folder_above_are_refused_with_the_pattern_that_finds_them(case: Case) -> None:
    assert case.refusal().endswith("set train.images: comp/train/{id}.\n")
    train = BY_HAND["train"] | {"images": "comp/train/{id}"}
    assert TWELVE_OF_EACH in case.check(train=train)
    assert TWELVE_OF_EACH in case.init()


@of("suffix_tif")
def test_ids_without_a_suffix_find_their_files(case: Case) -> None:
    for said in (case.init(), case.check()):
        assert TWELVE_OF_EACH in said and "read as" not in said
    case.cache()
    assert open_cache(Path("cache")).train["id"][:2].tolist() == ["00000", "00001"]


@of("grey_12_in_16")
def test_12_bits_in_16_are_spread_by_one_rule_that_the_manifest_names(case: Case) -> None:
    for said in (case.init(), case.check()):
        assert TWELVE_OF_EACH in said
    assert case.cache()["value_range"] == [0, 4095]
    images = open_cache(Path("cache")).train_images
    assert all((image.min(), image.max()) == (0, 255) for image in np.asarray(images))


@of("lists")
def test_lists_as_python_writes_them_are_several_labels(case: Case) -> None:
    line = "  read as   train.csv, column label: 24 lists, such as ['a'], as labels\n"
    for said in (case.check(task="multilabel"), case.init()):
        assert "24 images, 2 labels" in said and line in said
    assert case.cache()["classes"] == ["a", "b"]


@pytest.mark.parametrize(
    ("case", "image"),
    [("lost_zeros", "00000.jpg"), ("floats", "00000.jpg"), ("percent_signs", "a i0.jpg")],
    indirect=["case"],
)
def test_ids_that_another_program_changed_find_their_images(case: Case, image: str) -> None:
    assert_read_as(case, f"24 names of images found whose case, slashes, spaces or zeros differ, such as train/{image}")


@of("index_in_sample")
def test_an_index_that_pandas_wrote_into_the_sample_is_no_answer(case: Case) -> None:
    line = "sample_submission.csv: column Unnamed: 0, which counts the rows, is no answer and stays"
    assert_read_as(case, line)


@of("no_header")
def test_the_first_row_is_read_where_a_table_has_no_header_and_ids_no_suffix(case: Case) -> None:
    train = BY_HAND["train"] | {"id_column": "column_1", "label_column": "column_2"}
    assert_read_as(case, "train.csv: no header, so that its columns are column_1 to column_2", train=train)


@pytest.mark.parametrize(
    ("case", "line"),
    [("true_false", "'True' as 1, 'False' as 0"), ("marks", "'x' as 1, '' as 0")],
    indirect=["case"],
)
def test_columns_of_classes_may_say_yes_in_other_words_than_1(case: Case, line: str) -> None:
    keys = {"train": BY_HAND["train"] | {"label_columns": ["a", "b"]}, "submission": {"id_column": "image"}}
    for said in (case.check(metric="log_loss", **keys), case.init("log_loss")):
        assert (
            TWELVE_OF_EACH in said
            and f"  read as   train.csv, column a: {line}, and the same in 1 other column\n" in said
        )
    case.cache()
    assert open_cache(Path("cache")).train["label"][:2].tolist() == ["a", "b"]


@of("thousands")
def test_commas_that_may_be_either_are_refused_with_the_key_that_says_what_they_are(case: Case) -> None:
    keys = {"task": "regression", "submission": {"id_column": "image", "form": "numbers"}}
    assert "i0.jpg (1,500), i1.jpg (2,500)" in case.refusal(**keys)
    assert case.refusal(**keys).endswith("set commas: decimal or thousands.\n")
    line = "  read as   train.csv, column label: 24 numbers with commas for thousands, such as 1,500\n"
    said = case.init("rmse")
    assert line in said and "Set commas: thousands is a guess for numbers such as 1,500; or else decimal" in said
