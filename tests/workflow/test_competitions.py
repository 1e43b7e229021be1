"""Archives of other layouts than the sandbox's run through to a submission, with a competition file and no code."""

from pathlib import Path

import numpy as np
import pandas as pd
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


def test_a_new_competition_needs_one_yaml_file(project: Project, tmp_path: Path) -> None:
    members = {
        f"mushrooms/{name}/{number}.png": encode(photo(40, 40, number), "PNG")
        for name in ("boletus", "fly agaric")
        for number in range(6)
    }
    members |= {f"unknown/{number}.png": encode(photo(40, 40, number), "PNG") for number in range(5)}
    members["answer_format.csv"] = "".join(["photo,kind\n", *(f"{number},\n" for number in range(5))]).encode()
    brought = make_zip(tmp_path / "brought.zip", members)
    project.path("workflow/competitions/mushrooms.yaml").write_text(
        "title: Mushrooms\n"
        "source: archive\n"
        "train: {table: null, label_column: null, images: 'mushrooms/{label}/{id}.png'}\n"
        "test: {id_column: photo, images: 'unknown/{id}.png'}\n"
        "submission: {sample: answer_format.csv, id_column: photo, label_column: kind}\n"
    )
    project.set(competition="mushrooms", archive=brought, epochs=1)
    project.snakemake("submission")
    submission = pd.read_csv(project.path("data/submission.csv"))
    assert list(submission.columns) == ["photo", "kind"]
    assert submission["photo"].tolist() == list(range(5))
    assert set(submission["kind"]) <= {"boletus", "fly agaric"}
