"""Answers are read as probabilities of each class, and only where they are to these images."""

import warnings

import numpy as np
import pytest
from scoretable.audit.label_suspects import as_probabilities, find_suspects, fits
from scoretable.prediction.validation_answers import ValidationAnswers
from unit.audit.planted import CLASSES, make_cache

KINDS = np.arange(30) % 2 * 2  # no image of the second class
CACHE = make_cache(np.zeros((30, 2, 2, 3), np.uint8), np.zeros((1, 2, 2, 3), np.uint8), KINDS, CLASSES)


def given(**changes: object) -> ValidationAnswers:
    rows = np.arange(5, 30)
    parts = {
        "answers": np.eye(3)[KINDS[rows]] * 0.9 + 0.1 / 3, "truth": KINDS[rows].astype(np.int64),
        "ids": [f"{row}.jpg" for row in rows], "classes": CLASSES, "fold": rows * 0, "row": rows,
    }  # fmt: skip
    return ValidationAnswers(**(parts | changes))  # type: ignore[arg-type]


def test_the_wrong_label_is_told_with_the_answer_and_its_place_in_the_cache() -> None:
    answers = given()
    answers.answers[3] = [0.95, 0.02, 0.03]  # of an image of class 0 at the place 8, which is labelled 2 here
    answers.truth[3] = 2
    (found,) = find_suspects(answers.answers, answers)
    assert (found.row, found.label, found.answer) == (8, "normal", "blast")
    assert found.certainty == pytest.approx(0.03)


def test_few_images_of_a_class_are_no_warning() -> None:
    answers = given()
    answers.truth[0] = 1  # the only one of its class
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_suspects(answers.answers, answers)


def test_images_of_one_class_alone_have_no_suspects() -> None:
    answers = given(truth=np.zeros(25, np.int64))
    assert find_suspects(answers.answers, answers) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": [f"{row}.jpg" for row in range(25)]},
        {"truth": np.zeros(25, np.int64)},
        {"classes": ["blast", "hispa"]},
        {"row": np.arange(6, 31)},
    ],
    ids=["ids", "labels", "classes", "places"],
)
def test_answers_to_other_images_do_not_fit(changes: dict[str, object]) -> None:
    assert fits(given(), CACHE)
    assert not fits(given(**changes), CACHE)


def test_one_output_of_two_classes_is_the_second_ones_probability() -> None:
    assert as_probabilities(np.array([[0.25]]), "binary").tolist() == [[0.75, 0.25]]


def test_outputs_of_a_sigmoid_are_divided_by_their_sum() -> None:
    assert as_probabilities(np.array([[0.5, 0.25, 0.25], [1.0, 1.0, 2.0]]), "multiclass").tolist() == [
        [0.5, 0.25, 0.25],
        [0.25, 0.25, 0.5],
    ]
