"""A competition that somebody describes in a file: what does not fit is told before anything is trained."""

from pathlib import Path

import numpy as np
from PIL import Image
from projects import Project
from unit.archives import encode, make_zip

DESCRIPTION = """\
title: Colours
source: archive
classes: 2
train: {table: train.csv, id_column: photo, label_column: answer, images: 'photos/{id}'}
test: {id_column: photo, images: 'photos/{id}'}
submission: {id_column: photo, form: label}
"""


def colours(path: Path) -> Path:
    """60 noisy pictures of two colours, and 12 whose probabilities the sample wants."""
    pixels = np.random.default_rng(0).integers(0, 60, (72, 32, 32, 3), dtype=np.uint8)
    pixels[::2, ..., 0] += 180
    members = {f"photos/{number}.png": encode(Image.fromarray(each), "PNG") for number, each in enumerate(pixels)}
    rows = "".join(f"{number}.png,{'other' if number % 2 else 'red'}\n" for number in range(60))
    asked = "".join(f"{number}.png,0.5,0.5\n" for number in range(60, 72))
    tables = {"train.csv": f"photo,answer\n{rows}", "sample_submission.csv": f"photo,red,other\n{asked}"}
    return make_zip(path, members | {name: text.encode() for name, text in tables.items()})


def test_a_sample_that_wants_something_else_is_told_before_anything_is_trained(
    project: Project, tmp_path: Path
) -> None:
    project.path("workflow/competitions/colours.yaml").write_text(DESCRIPTION)
    project.set(competition="colours", archive=colours(tmp_path / "a.zip"), loss="mae")
    printed = project.snakemake("submission", expect=1)
    assert "loss: mae does not fit task: multiclass" in printed
    assert not project.path("data/raw/colours.zip").exists()
    project.set(loss="null")
    printed = project.snakemake("submission", expect=1)
    (sentence,) = {line for line in printed.splitlines() if line.startswith("scoretable: ")}
    assert "submission.form" in sentence and len(sentence) <= 312
    assert not project.path("data/cache/colours/32").exists()
    assert not project.path("models/model.keras").exists()
