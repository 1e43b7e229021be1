"""Other layouts and other tasks than the sandbox's run through to a submission, with a competition file and no code."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from projects import Project
from unit.archives import encode, make_zip, photo, zip_bytes

CARS = "2019-3rd-ml-month-with-kakr"


def car_archive(path: Path) -> Path:
    """Two photos of each of 196 classes and 20 test photos: nested zips, boxes, classes 1 to 196."""
    generator = np.random.default_rng(0)
    members = {}
    for split, count in (("train", 392), ("test", 20)):
        names = [f"{split}_{number:05d}.jpg" for number in range(1, count + 1)]
        corners = generator.integers(0, 20, (count, 2))
        table = pd.DataFrame({"img_file": names, "bbox_x1": corners[:, 0], "bbox_y1": corners[:, 1]})
        table["bbox_x2"], table["bbox_y2"] = corners[:, 0] + 60, corners[:, 1] + 30
        if split == "train":
            table["class"] = np.arange(count) % 196 + 1
        members[f"{split}.csv"] = table.to_csv(index=False).encode()
        members[f"{split}.zip"] = zip_bytes({name: encode(photo(60, 90, seed)) for seed, name in enumerate(names)})
    tests = "".join(f"test_{number:05d}.jpg,0\n" for number in range(1, 21))
    members["sample_submission.csv"] = f"img_file,class\n{tests}".encode()
    members["class.csv"] = b"id,name\n1,AM General Hummer SUV 2000\n"
    return make_zip(path, members)


def test_cars_in_nested_zips_are_cropped_to_their_boxes_and_end_in_a_submission(
    project: Project, tmp_path: Path
) -> None:
    brought = car_archive(tmp_path / "cars.zip")
    project.set(competition=CARS, archive=brought, box="crop", box_margin=0.1, epochs=1, validation=0.5)
    project.snakemake("submission")
    submission = pd.read_csv(project.path("data/submission.csv"))
    assert list(submission.columns) == ["img_file", "class"]
    assert submission["img_file"].tolist() == [f"test_{number:05d}.jpg" for number in range(1, 21)]
    assert submission["class"].between(1, 196).all()
    cached = pd.read_csv(project.path(f"data/cache/{CARS}/32/train.csv"))
    assert (cached["crop_right"] - cached["crop_left"]).max() <= 72  # the box of 60 px and a tenth of it a side


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


def test_by_dvc_alone_several_labels_an_image_end_in_a_submission_of_joined_labels(project: Project) -> None:
    shares = np.random.default_rng(1).integers(0, 2, (72, 3)).astype(float)
    names = np.array(["red", "dark green", "blue"])
    cells = ["|".join(names[row > 0]) for row in shares]
    describe(project, "task: multilabel\nmetric: f1\nlabel_separator: '|'")
    kept = project.path("data/archives/colours.zip")
    kept.parent.mkdir()
    coloured(shares, cells, kept)
    project.set(competition="colours", **LEARNS_FAST)
    printed = project.run("dvc", "exp", "run")
    metrics = json.loads(project.path("models/metrics.json").read_text())
    assert metrics["f1"] > 0.8
    assert f"validation f1 {metrics['f1']:.4f} on 12 images" in printed
    assert kept.exists(), "DVC deletes what it has not saved"
    assert project.planned() == set()
    submission = pd.read_csv(project.path("data/submission.csv"), keep_default_na=False)
    assert submission["photo"].tolist() == [f"{number}.png" for number in range(60, 72)]
    answered = [set(filter(None, cell.split("|"))) for cell in submission["answer"]]
    true = [set(filter(None, cell.split("|"))) for cell in cells[60:]]
    assert sum(one == other for one, other in zip(answered, true, strict=True)) >= 9
    project.run("dvc", "plots", "show")


def test_numbers_end_in_a_submission_of_numbers_and_dvc_shows_what_there_is(project: Project, tmp_path: Path) -> None:
    shares = np.random.default_rng(1).random((72, 3))
    cells = [f"{300 + 100 * share:.2f}" for share in shares[:, 0]]
    describe(project, "task: regression")
    project.set(competition="colours", archive=coloured(shares, cells, tmp_path / "a.zip"), loss="binary_crossentropy")
    refused = project.snakemake("submission", expect=1)
    assert "loss: binary_crossentropy does not fit task: regression" in refused
    assert not project.path("data/raw/colours.zip").exists()
    project.set(loss="null", **LEARNS_FAST)
    printed = project.snakemake("submission")
    assert json.loads(project.path("models/evaluation.json").read_text())["r2"] > 0.7
    assert "Validation rmse " in printed
    submission = pd.read_csv(project.path("data/submission.csv"))
    assert np.corrcoef(submission["answer"], np.array(cells[60:], float))[0, 1] > 0.9
    assert submission["answer"].between(250, 450).all()
    assert {"mae", "val_mae"} < set(pd.read_csv(project.path("models/history.csv")))
    project.run("dvc", "plots", "show")
    assert "confusion_matrix" in project.path("dvc_plots/index.html").read_text()
    assert project.planned() == set()


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
