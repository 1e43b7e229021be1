"""A submission has the sample's ids, order and columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scoretable.prediction.submission import validate_submission, write_submission
from scoretable.workspace.errors import InputError

SAMPLE = pd.DataFrame({"image_id": ["b.jpg", "a.jpg"], "label": ["", ""]})
PROBABILITIES = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)


def test_each_image_gets_its_likeliest_class_in_the_order_of_the_sample(tmp_path: Path) -> None:
    target = tmp_path / "submission.csv"
    write_submission(PROBABILITIES, ["a.jpg", "b.jpg"], ["blast", "normal"], SAMPLE, "image_id", "label", target)
    assert target.read_text() == "image_id,label\nb.jpg,normal\na.jpg,blast\n"


def test_integer_classes_are_written_as_they_were_read(tmp_path: Path) -> None:
    sample = pd.DataFrame({"img_file": ["x.jpg", "y.jpg"], "class": ["0", "0"]})
    target = tmp_path / "submission.csv"
    write_submission(PROBABILITIES, ["x.jpg", "y.jpg"], ["1", "196"], sample, "img_file", "class", target)
    assert target.read_text() == "img_file,class\nx.jpg,1\ny.jpg,196\n"


def test_an_id_without_a_prediction_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1 id .* b.jpg"):
        write_submission(
            PROBABILITIES[:1], ["a.jpg"], ["x", "y"], SAMPLE, "image_id", "label", tmp_path / "submission.csv"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_sample_without_the_label_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column label"):
        write_submission(
            PROBABILITIES, ["a.jpg", "b.jpg"], ["x", "y"], SAMPLE[["image_id"]], "image_id", "label", tmp_path / "s.csv"
        )


def test_an_unknown_label_is_refused() -> None:
    table = SAMPLE.assign(label=["normal", "rust"])
    with pytest.raises(InputError, match="1 unknown label, such as rust"):
        validate_submission(table, SAMPLE, ["blast", "normal"], "image_id", "label")


def test_another_order_is_refused() -> None:
    table = SAMPLE.iloc[::-1].assign(label="normal")
    with pytest.raises(InputError, match="in the same order"):
        validate_submission(table, SAMPLE, ["blast", "normal"], "image_id", "label")


def test_several_labels_are_joined_and_there_may_be_none(tmp_path: Path) -> None:
    target = tmp_path / "submission.csv"
    probabilities = np.array([[0.5, 0.9], [0.4, 0.49]])
    names = ["blast", "rust"]
    arguments = (probabilities, ["a.jpg", "b.jpg"], names, SAMPLE, "image_id", "label", target)
    write_submission(*arguments, "multilabel", "|")
    assert target.read_text() == "image_id,label\nb.jpg,\na.jpg,blast|rust\n"


def test_numbers_are_written_with_the_digits_that_tell_them_apart(tmp_path: Path) -> None:
    target = tmp_path / "submission.csv"
    numbers = np.array([[0.1], [123456.79]], np.float32)
    write_submission(numbers, ["a.jpg", "b.jpg"], [], SAMPLE, "image_id", "label", target, "regression")
    assert target.read_text() == "image_id,label\nb.jpg,123456.79\na.jpg,0.1\n"


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    numbers = np.array([[0.1], [np.nan]], np.float32)
    with pytest.raises(InputError, match=r"1 id without a number, such as b\.jpg"):
        write_submission(numbers, ["a.jpg", "b.jpg"], [], SAMPLE, "image_id", "label", tmp_path / "s.csv", "regression")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_label_among_several_is_refused() -> None:
    table = SAMPLE.assign(label=["normal rust", ""])
    with pytest.raises(InputError, match="1 unknown label, such as rust"):
        validate_submission(table, SAMPLE, ["blast", "normal"], "image_id", "label", "multilabel")
