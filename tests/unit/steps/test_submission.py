"""The step hands in what the sample in the archive wants, and says what that was."""

import unicodedata
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


def test_the_header_and_the_ids_are_handed_in_as_the_sample_spells_them(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", "é.jpg")
    sample = f" id,cat ,dog\n{apart},0,0\n2 ,0,0\n"
    archive = make_zip(tmp_path / "a.zip", {"sample_submission.csv": sample.encode()})
    described = competition(metric="log_loss", submission={"id_column": "id"})
    predictions = Predictions(np.array([[0.25, 0.75], [1, 0]], np.float32), ["2", "é.jpg"], ["cat", "dog"])
    hand_in(described, archive, predictions, tmp_path / "submission.csv")
    assert (tmp_path / "submission.csv").read_text() == f" id,cat ,dog\n{apart},1.0,0.0\n2 ,0.25,0.75\n"


def test_a_sample_with_a_header_only_gets_a_row_for_each_test_image(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", {"sample_submission.csv": b"id, label\n"})
    predictions = Predictions(np.array([[0.25, 0.75], [1, 0]], np.float32), ["9", "10"], ["cat", "dog"])
    described = competition(metric="accuracy", submission={"id_column": "id"})
    hand_in(described, archive, predictions, tmp_path / "submission.csv")
    assert (tmp_path / "submission.csv").read_text() == "id, label\n9,dog\n10,cat\n"
