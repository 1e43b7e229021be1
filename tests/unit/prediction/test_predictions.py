"""The file of answers is read as it was written, with one answer an id."""

from pathlib import Path

import numpy as np
from scoretable.prediction.predictions import load_predictions, save_predictions


def test_an_id_of_several_images_has_the_mean_of_their_answers(tmp_path: Path) -> None:
    answers = np.array([[0.2, 0.8], [0.5, 0.5], [0.6, 0.4]], np.float32)
    save_predictions(tmp_path / "p.npz", [answers], ["left", "right", "left"], ["0", "1"], "multiclass")
    read = load_predictions(tmp_path / "p.npz", "multiclass")
    assert read.ids == ["left", "right"]
    np.testing.assert_allclose(read.answers, [[0.4, 0.6], [0.5, 0.5]], rtol=1e-6)
    assert read.answers.dtype == np.float32
