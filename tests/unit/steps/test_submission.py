"""The step hands in what the sample in the archive wants, and says what that was."""

from pathlib import Path

import numpy as np
from scoretable.prediction.predictions import Predictions
from scoretable.steps.submission import hand_in
from unit.archives import competition, make_zip


def test_what_was_handed_in_is_said(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"sample_submission.csv": b"id,label\n2,0.5\n1,0.5\n"})
    described = competition(positive_class="dog", submission={"id_column": "id"})
    predictions = Predictions(np.array([[0.25, 0.75], [1, 0]], np.float32), ["1", "2"], ["cat", "dog"])
    said = hand_in(described, archive, predictions, tmp_path / "submission.csv")
    assert said == "2 rows, the probability of dog in column label (submission.form: probability)"
    assert (tmp_path / "submission.csv").read_text() == "id,label\n2,0.0\n1,0.75\n"


def test_a_sample_with_a_header_only_gets_a_row_for_each_test_image(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"sample_submission.csv": b"id,label\n"})
    predictions = Predictions(np.array([[0.25, 0.75], [1, 0]], np.float32), ["9", "10"], ["cat", "dog"])
    described = competition(metric="accuracy", submission={"id_column": "id"})
    hand_in(described, archive, predictions, tmp_path / "submission.csv")
    assert (tmp_path / "submission.csv").read_text() == "id,label\n9,dog\n10,cat\n"
