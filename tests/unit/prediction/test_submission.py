"""A submission has the sample's ids, order and columns, and answers of the kind that the sample wants."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scoretable.prediction.predictions import Predictions
from scoretable.prediction.submission import validate_submission, write_submission
from scoretable.scoring.choices import Cut
from scoretable.workspace.errors import InputError
from unit.archives import competition

SAMPLE = pd.DataFrame({"image_id": ["b.jpg", "a.jpg"], "label": ["", ""]})
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
WIDE = pd.DataFrame({"image_id": ["b.jpg", "a.jpg"], "normal": ["0.5", "0.5"], "blast": ["0.5", "0.5"]})


def write(
    folder: Path, answers: np.ndarray, classes: list[str], sample: pd.DataFrame = SAMPLE, **changes: object
) -> str:
    """Hand in `answers` to a.jpg and b.jpg in that order, and return the file."""
    target = folder / "submission.csv"
    predictions = Predictions(answers, ["a.jpg", "b.jpg"][: len(answers)], classes)
    write_submission(predictions, sample, competition(**changes), target)
    return target.read_text()


def test_each_image_gets_its_likeliest_class_in_the_order_of_the_sample(tmp_path: Path) -> None:
    assert write(tmp_path, PROBABILITIES, ["blast", "normal"]) == "image_id,label\nb.jpg,normal\na.jpg,blast\n"


def test_a_column_that_counts_the_rows_stays_as_in_the_sample(tmp_path: Path) -> None:
    sample = SAMPLE.assign(**{"Unnamed: 0": ["0", "1"]})[["Unnamed: 0", "image_id", "label"]]
    assert (
        write(tmp_path, PROBABILITIES, ["blast", "normal"], sample)
        == ",image_id,label\n0,b.jpg,normal\n1,a.jpg,blast\n"
    )


def test_integer_classes_are_written_as_they_were_read(tmp_path: Path) -> None:
    sample = SAMPLE.assign(label="0")
    assert write(tmp_path, PROBABILITIES, ["1", "196"], sample) == "image_id,label\nb.jpg,196\na.jpg,1\n"


def test_an_id_without_a_prediction_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 id .* b.jpg"):
        write(tmp_path, PROBABILITIES[:1], ["x", "y"])
    assert list(tmp_path.iterdir()) == []


def test_a_sample_without_an_answer_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column"):
        write(tmp_path, PROBABILITIES, ["x", "y"], SAMPLE[["image_id"]])


def test_an_unknown_label_is_refused() -> None:
    table = SAMPLE.assign(label=["normal", "rust"])
    with pytest.raises(InputError, match="1 unknown label, such as rust"):
        validate_submission(table, SAMPLE, competition(), ["blast", "normal"])


def test_another_order_is_refused() -> None:
    table = SAMPLE.iloc[::-1].assign(label="normal")
    with pytest.raises(InputError, match="in the same order"):
        validate_submission(table, SAMPLE, competition(), ["blast", "normal"])


def test_other_columns_are_refused_with_those_of_the_sample() -> None:
    with pytest.raises(InputError, match=r"columns are image_id, class; the sample has image_id, label\."):
        validate_submission(SAMPLE.rename(columns={"label": "class"}), SAMPLE, competition(), ["blast", "normal"])


def test_an_answer_that_is_not_finite_is_no_class(tmp_path: Path) -> None:
    broken = np.array([[0.9, 0.1], [np.nan, 0.8]], np.float32)
    with pytest.raises(InputError, match=r"1 id without a finite answer, such as b\.jpg"):
        write(tmp_path, broken, ["blast", "normal"])


def test_several_labels_are_joined_and_there_may_be_none(tmp_path: Path) -> None:
    answers = np.array([[0.5, 0.9], [0.4, 0.49]])
    written = write(tmp_path, answers, ["blast", "rust"], task="multilabel", label_separator="|")
    assert written == "image_id,label\nb.jpg,\na.jpg,blast|rust\n"


def test_a_label_of_several_is_written_from_the_threshold_on(tmp_path: Path) -> None:
    predictions = Predictions(np.array([[0.3, 0.9], [0.29, 0.4]], np.float32), ["a.jpg", "b.jpg"], ["blast", "rust"])
    threshold = float(np.float32(0.3))
    table = write_submission(predictions, SAMPLE, competition(task="multilabel"), tmp_path / "s.csv", Cut(threshold))
    assert dict(zip(table["image_id"], table["label"], strict=True)) == {"a.jpg": "blast rust", "b.jpg": "rust"}


def test_an_image_without_a_label_above_the_threshold_gets_its_likeliest_where_each_has_one(tmp_path: Path) -> None:
    predictions = Predictions(np.array([[0.3, 0.9], [0.3, 0.4]], np.float32), ["a.jpg", "b.jpg"], ["blast", "rust"])
    cut = Cut(at_least_one=True)
    table = write_submission(predictions, SAMPLE, competition(task="multilabel"), tmp_path / "s.csv", cut)
    assert table["label"].tolist() == ["rust", "rust"]


@pytest.mark.parametrize(("positive", "labels"), [("rust", ["rust", "blast"]), ("blast", ["rust", "blast"])])
def test_the_positive_one_of_two_classes_is_written_above_the_threshold(
    tmp_path: Path, positive: str, labels: list[str]
) -> None:
    probabilities = np.array([0.4, 0.2] if positive == "rust" else [0.2, 0.4], np.float32)
    answers = np.column_stack(
        [1 - probabilities, probabilities] if positive == "rust" else [probabilities, 1 - probabilities]
    )
    predictions = Predictions(answers, ["b.jpg", "a.jpg"], ["blast", "rust"])
    described = competition(task="binary", metric="f1", positive_class=positive, submission={"form": "label"})
    table = write_submission(predictions, SAMPLE, described, tmp_path / "s.csv", Cut(0.3))
    assert dict(zip(table["image_id"], table["label"], strict=True)) == dict(
        zip(["b.jpg", "a.jpg"], labels, strict=True)
    )


def test_ranked_classes_are_joined_best_first(tmp_path: Path) -> None:
    answers = np.array([[0.1, 0.6, 0.3], [0.5, 0.1, 0.4]])
    submission = {"form": "ranked", "ranks": 2}
    written = write(tmp_path, answers, ["x", "y", "z"], SAMPLE, submission=submission)
    assert written == "image_id,label\nb.jpg,x z\na.jpg,y z\n"


def test_ranked_classes_are_joined_by_spaces_however_labels_of_the_table_are(tmp_path: Path) -> None:
    task = {"task": "multilabel", "label_separator": ",", "submission": {"form": "ranked", "ranks": 2}}
    assert write(tmp_path, PROBABILITIES, ["x", "y"], **task) == "image_id,label\nb.jpg,y x\na.jpg,x y\n"


def test_a_probability_is_that_of_the_positive_class(tmp_path: Path) -> None:
    sample = SAMPLE.assign(label="0.5")
    written = write(tmp_path, PROBABILITIES, ["cat", "dog"], sample, task="binary", positive_class="cat")
    assert written == "image_id,label\nb.jpg,0.2\na.jpg,0.9\n"


def test_the_columns_of_classes_are_matched_by_name(tmp_path: Path) -> None:
    rows = pd.read_csv(io.StringIO(write(tmp_path, PROBABILITIES, ["blast", "normal"], WIDE)))
    np.testing.assert_allclose(rows[["blast", "normal"]], PROBABILITIES[::-1], atol=1e-7)


def test_columns_can_be_named_otherwise_than_their_classes(tmp_path: Path) -> None:
    submission = {"columns": {0: "normal", 1: "blast"}}
    rows = pd.read_csv(io.StringIO(write(tmp_path, PROBABILITIES, ["0", "1"], WIDE, submission=submission)))
    np.testing.assert_allclose(rows[["normal", "blast"]], PROBABILITIES[::-1], atol=1e-7)


def test_several_labels_in_columns_need_not_sum_to_one(tmp_path: Path) -> None:
    answers = np.array([[0.9, 0.8], [0.0, 0.25]], np.float32)
    written = write(tmp_path, answers, ["blast", "normal"], WIDE, task="multilabel")
    assert written == "image_id,normal,blast\nb.jpg,0.25,0.0\na.jpg,0.8,0.9\n"


def test_numbers_are_written_with_the_digits_that_tell_them_apart(tmp_path: Path) -> None:
    numbers = np.array([[0.1], [123456.79]], np.float32)
    assert write(tmp_path, numbers, [], task="regression") == "image_id,label\nb.jpg,123456.79\na.jpg,0.1\n"


def test_several_numbers_are_matched_to_their_columns_by_name(tmp_path: Path) -> None:
    numbers = np.array([[1.5, -2], [3, 400]], np.float32)
    written = write(tmp_path, numbers, ["blast", "normal"], WIDE, task="multi_regression")
    assert written == "image_id,normal,blast\nb.jpg,400.0,3.0\na.jpg,-2.0,1.5\n"


def test_a_number_is_written_as_the_nearest_of_the_ordered_classes(tmp_path: Path) -> None:
    numbers = np.array([[1.6], [-0.3]], np.float32)
    assert write(tmp_path, numbers, ["0", "1", "4"], task="ordinal") == "image_id,label\nb.jpg,0\na.jpg,4\n"


def test_a_number_is_written_as_the_class_between_its_cuts(tmp_path: Path) -> None:
    predictions = Predictions(np.array([[1.6], [-0.3]], np.float32), ["a.jpg", "b.jpg"], ["0", "1", "4"])
    table = write_submission(predictions, SAMPLE, competition(task="ordinal"), tmp_path / "s.csv", Cut(points=(-1, 2)))
    assert table["label"].tolist() == ["1", "1"]


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    numbers = np.array([[0.1], [np.nan]], np.float32)
    with pytest.raises(InputError, match=r"1 id without a finite answer, such as b\.jpg"):
        write(tmp_path, numbers, [], task="regression")
    assert list(tmp_path.iterdir()) == []


def test_a_cell_that_is_no_number_is_refused() -> None:
    table = SAMPLE.assign(label=["0.5", "much"])
    with pytest.raises(InputError, match=r"1 id without a number, such as a\.jpg"):
        validate_submission(table, SAMPLE, competition(task="regression"), [])


def test_an_unknown_label_among_several_is_refused() -> None:
    table = SAMPLE.assign(label=["normal rust", ""])
    with pytest.raises(InputError, match="1 unknown label, such as rust"):
        validate_submission(table, SAMPLE, competition(task="multilabel"), ["blast", "normal"])


def test_a_probability_above_one_is_refused() -> None:
    sample = SAMPLE.assign(label="0.5")
    with pytest.raises(InputError, match=r"1 id with a number outside 0 to 1, such as b\.jpg"):
        validate_submission(sample.assign(label=["1.01", "1"]), sample, competition(task="binary"), ["0", "1"])


def test_probabilities_of_one_label_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"1 id with probabilities that do not sum to 1, such as b\.jpg"):
        validate_submission(WIDE.assign(blast=["0.4", "0.5"]), WIDE, competition(), ["blast", "normal"])


@pytest.mark.parametrize("cell", ["blast blast", "blast normal rust", ""])
def test_a_ranked_answer_with_other_than_one_to_two_labels_is_refused(cell: str) -> None:
    described = competition(submission={"form": "ranked", "ranks": 2})
    with pytest.raises(InputError, match="label"):
        validate_submission(SAMPLE.assign(label=cell), SAMPLE, described, ["blast", "normal", "rust"])


@given(arrays(np.float32, (4, 3), elements=st.floats(0.0, 1.0, width=32)), st.permutations(["a", "b", "c"]))
def test_what_is_written_in_columns_reads_as_a_distribution(
    tmp_path_factory: pytest.TempPathFactory, answers: np.ndarray, columns: list[str]
) -> None:
    answers += np.float32(1e-6)
    answers /= answers.sum(axis=1, keepdims=True)
    ids = ["p", "q", "r", "s"]
    sample = pd.DataFrame({"image_id": ids, **dict.fromkeys(columns, "0")})
    target = tmp_path_factory.getbasetemp() / "columns.csv"
    write_submission(Predictions(answers, ids, ["a", "b", "c"]), sample, competition(), target)
    table = pd.read_csv(target, dtype=str, keep_default_na=False)
    validate_submission(table, sample, competition(), ["a", "b", "c"])
    numbers = table[["a", "b", "c"]].astype(float).to_numpy()
    np.testing.assert_allclose(numbers, answers, atol=1e-6)
    np.testing.assert_allclose(numbers.sum(axis=1), 1, rtol=0, atol=1e-12)


@given(st.data())
def test_what_is_written_is_what_is_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    task, form = data.draw(
        st.sampled_from([("multiclass", "label"), ("multiclass", "ranked"), ("multilabel", "labels")])
    )
    answers = data.draw(arrays(np.float32, (3, 4), elements=st.floats(0.0, 1.0, width=32)))
    ids, classes = ["p", "q", "r"], ["-1", "NA", "0.5", "é"]
    sample = pd.DataFrame({"image_id": ids[::-1], "label": ""})
    described = competition(task=task, submission={"form": form})
    target = tmp_path_factory.getbasetemp() / "labels.csv"
    written = write_submission(Predictions(answers, ids, classes), sample, described, target)
    table = pd.read_csv(target, dtype=str, keep_default_na=False)
    validate_submission(table, sample, described, classes)
    assert table.equals(written)
