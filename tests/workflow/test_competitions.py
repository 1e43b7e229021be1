"""Other layouts and other tasks than the sandbox's run through to a submission, with a competition file and no code."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from projects import Project
from unit.archives import encode, make_zip


def coloured(shares: np.ndarray, cells: list[str], path: Path, test: int = 12, answers: str = "answer") -> Path:
    """Noisy pictures whose channels are as bright as `shares` (n, 3); the last `test` of them are to be answered.

    answers: the columns of the sample submission, with commas; several hold probabilities.
    """
    generator = np.random.default_rng(0)
    pixels = shares[:, None, None, :] * 180 + generator.integers(0, 60, (len(shares), 32, 32, 3))
    pictures = [encode(Image.fromarray(picture.astype(np.uint8)), "PNG") for picture in pixels]
    train, numbers = len(shares) - test, range(len(shares))
    members = {f"photos/{number}.png": picture for number, picture in zip(numbers, pictures, strict=True)}
    rows = pd.DataFrame({"photo": [f"{number}.png" for number in numbers], "answer": cells})
    members["train.csv"] = rows[:train].to_csv(index=False).encode()
    empty = dict.fromkeys(answers.split(","), 0.5 if "," in answers else "")
    sample = rows[train:][["photo"]].assign(**empty)
    members["sample_submission.csv"] = sample.to_csv(index=False).encode()
    return make_zip(path, members)


def describe(project: Project, task: str, submission: str = "id_column: photo, label_column: answer") -> None:
    columns = "id_column: photo, label_column: answer"
    project.path("workflow/competitions/colours.yaml").write_text(
        f"title: Colours\nsource: archive\n{task}\n"
        f"train: {{table: train.csv, {columns}, images: 'photos/{{id}}'}}\n"
        "test: {id_column: photo, images: 'photos/{id}'}\n"
        f"submission: {{{submission}}}\n"
    )


LEARNS_FAST = {"epochs": 15, "batch_size": 8, "dropout": 0.0, "batch_norm_momentum": 0.5, "learning_rate": 0.005}


def test_by_dvc_alone_numbers_end_in_a_submission_of_numbers_and_are_shown(project: Project) -> None:
    shares = np.random.default_rng(1).random((72, 3))
    cells = [f"{300 + 100 * share:.2f}" for share in shares[:, 0]]
    describe(project, "task: regression")
    kept = project.path("data/archives/colours.zip")
    kept.parent.mkdir()
    coloured(shares, cells, kept)
    project.set(competition="colours", loss="binary_crossentropy")
    refused = project.snakemake("submission", expect=1)
    assert "loss: binary_crossentropy does not fit task: regression" in refused
    assert not project.path("data/raw/colours.zip").exists()
    project.set(loss="null", **LEARNS_FAST)
    printed = project.run("dvc", "exp", "run")
    assert json.loads(project.path("models/evaluation.json").read_text())["r2"] > 0.7
    assert "validation rmse " in printed
    assert kept.exists(), "DVC deletes what it has not saved"
    assert project.planned() == set()
    submission = pd.read_csv(project.path("data/submission.csv"))
    assert np.corrcoef(submission["answer"], np.array(cells[60:], float))[0, 1] > 0.9
    assert submission["answer"].between(250, 450).all()
    assert {"mae", "val_mae"} < set(pd.read_csv(project.path("models/history.csv")))
    project.run("dvc", "plots", "show")
    assert "confusion_matrix" in project.path("dvc_plots/index.html").read_text()


def test_a_sample_that_wants_something_else_is_told_before_anything_is_trained(
    project: Project, tmp_path: Path
) -> None:
    shares = np.random.default_rng(1).integers(0, 2, (72, 3)).astype(float)
    describe(project, "classes: 2", "id_column: photo, form: label")
    brought = coloured(
        shares, ["red" if row[0] else "other" for row in shares], tmp_path / "a.zip", answers="red,other"
    )
    project.set(competition="colours", archive=brought)
    printed = project.snakemake("submission", expect=1)
    (sentence,) = {line for line in printed.splitlines() if line.startswith("scoretable: ")}
    assert "submission.form" in sentence and len(sentence) <= 312
    assert not project.path("data/cache/colours/32").exists()
    assert not project.path("models/model.keras").exists()
