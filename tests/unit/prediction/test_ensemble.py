"""Averaging the answers of rows."""

import numpy as np
import pytest
from scoretable.prediction.ensemble import average_cuts, average_predictions
from scoretable.prediction.predictions import Predictions
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.workspace.errors import InputError

ONE = Predictions(np.array([[0.9, 0.1], [0.2, 0.8]], np.float32), ["a", "b"], ["blast", "normal"])


def test_answers_are_averaged_image_by_image_whatever_the_order() -> None:
    other = Predictions(np.array([[0.4, 0.6], [0.5, 0.5]], np.float32), ["b", "a"], ["blast", "normal"])
    mean = average_predictions({"one": ONE, "other": other})
    assert mean.ids == ["a", "b"]
    np.testing.assert_allclose(mean.answers, [[0.7, 0.3], [0.3, 0.7]], rtol=1e-6)
    assert mean.answers.dtype == np.float32


@pytest.mark.parametrize(
    ("ids", "classes", "reason"),
    [(["a", "c"], ["blast", "normal"], "different images"), (["a", "b"], ["blast", "tungro"], "different classes")],
)
def test_rows_that_do_not_match_are_refused(ids: list[str], classes: list[str], reason: str) -> None:
    with pytest.raises(InputError, match=f"rows one and two .* {reason}"):
        average_predictions({"one": ONE, "two": Predictions(ONE.answers, ids, classes)})


def test_the_mean_of_several_rows_is_cut_at_the_mean_of_their_cuts() -> None:
    assert average_cuts([Cut(0.25), Cut(0.5)], 2) == Cut(0.375)
    assert average_cuts([Cut(points=(0.25, 1.0)), PLAIN], 3) == Cut(points=(0.375, 1.25))
    assert average_cuts([PLAIN, PLAIN], 3) == PLAIN
    assert average_cuts([Cut(at_least_one=True), Cut(at_least_one=True)], 2) == Cut(at_least_one=True)
