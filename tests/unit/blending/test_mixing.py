"""The weighted mean of rows' answers, and of their logits."""

import numpy as np
import pytest
from scoretable.blending.mixing import Mixing, average_cuts, mix_predictions
from scoretable.prediction.predictions import Predictions
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.workspace.errors import InputError

PLAINLY = Mixing("multiclass")
ONE = Predictions(np.array([[0.9, 0.1], [0.2, 0.8]], np.float32), ["a", "b"], ["blast", "normal"])
OTHER = Predictions(np.array([[0.4, 0.6], [0.5, 0.5]], np.float32), ["b", "a"], ["blast", "normal"])


def test_answers_are_mixed_image_by_image_whatever_the_order() -> None:
    mean = mix_predictions({"one": ONE, "other": OTHER}, PLAINLY, (0.75, 0.25))
    assert mean.ids == ["a", "b"]
    np.testing.assert_allclose(mean.answers, [[0.8, 0.2], [0.25, 0.75]], rtol=1e-6)
    assert mean.answers.dtype == np.float32


@pytest.mark.parametrize(
    ("ids", "classes", "reason"),
    [(["a", "c"], ["blast", "normal"], "different images"), (["a", "b"], ["blast", "tungro"], "different classes")],
)
def test_rows_that_do_not_match_are_refused(ids: list[str], classes: list[str], reason: str) -> None:
    with pytest.raises(InputError, match=f"rows one and two .* {reason}"):
        mix_predictions({"one": ONE, "two": Predictions(ONE.answers, ids, classes)}, PLAINLY, (0.5, 0.5))


def test_the_mean_of_logits_is_the_geometric_one_as_shares() -> None:
    mixing, answers = Mixing("multiclass", "logits"), [ONE.answers, OTHER.answers[::-1]]
    product = np.sqrt(answers[0] * answers[1])
    mixed = mixing.mix([mixing.terms(part) for part in answers], (0.5, 0.5))
    np.testing.assert_allclose(mixed, product / product.sum(axis=1, keepdims=True), rtol=1e-5)


def test_each_of_several_labels_has_its_own_odds() -> None:
    mixing = Mixing("multilabel", "logits")
    mixed = mixing.mix([mixing.terms(np.array([[0.9, 0.5]])), mixing.terms(np.array([[0.5, 0.5]]))], (0.5, 0.5))
    np.testing.assert_allclose(mixed, [[0.75, 0.5]], rtol=1e-5)  # odds of 9 and 1: 3


def test_a_class_that_one_row_rules_out_can_still_win() -> None:
    mixing = Mixing("multiclass", "logits")
    terms = [mixing.terms(np.array(answers)) for answers in ([[1.0, 0.0]], *[[[0.05, 0.95]]] * 6)]
    assert mixing.mix(terms, np.full(7, 1 / 7))[0].argmax() == 1


def test_numbers_have_no_logits() -> None:
    with pytest.raises(InputError, match=r"--on logits .* task: regression answer numbers"):
        Mixing("regression", "logits")


def test_the_mean_of_several_rows_is_cut_at_the_mean_of_their_cuts() -> None:
    assert average_cuts([Cut(0.25), Cut(0.5)], 2) == Cut(0.375)
    assert average_cuts([Cut(points=(0.25, 1.0)), PLAIN], 3) == Cut(points=(0.375, 1.25))
    assert average_cuts([PLAIN, PLAIN], 3) == PLAIN
    assert average_cuts([Cut(at_least_one=True), Cut(at_least_one=True)], 2) == Cut(at_least_one=True)
