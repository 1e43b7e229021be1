"""A list of images to leave out names training images, or is refused in a sentence."""

from pathlib import Path

import pytest
from scoretable.archive.archive import open_archive
from scoretable.manifest.left_out import leave_out
from scoretable.manifest.manifest import Manifest, read_manifest
from scoretable.workspace.errors import InputError
from unit.archives import competition, leaves, make_zip

LIST = Path("workflow/drops/leaves.txt")


def left(folder: Path, *names: str) -> Manifest:
    with open_archive(make_zip(folder / "a.zip", leaves()), folder) as archive:
        return leave_out(read_manifest(archive, competition()), names, LIST, competition())


def refusal(folder: Path, *names: str) -> str:
    with pytest.raises(InputError) as caught:
        left(folder, *names)
    return str(caught.value)


def test_images_are_named_by_id_or_by_their_path(tmp_path: Path) -> None:
    manifest = left(tmp_path, "0.jpg", "train_images/normal/3.jpg")
    assert manifest.train["id"].tolist() == ["1.jpg", "2.jpg", "4.jpg", "5.jpg"]
    assert [row["id"] for row in manifest.skipped] == ["0.jpg", "3.jpg"]


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    told = refusal(tmp_path, "0.jpg", "3.jpeg")
    assert told.startswith(f"{LIST}: 1 name of no training image, 3.jpeg (did you mean 3.jpg?): write ids")


def test_a_name_unlike_all_others_is_refused_with_an_example(tmp_path: Path) -> None:
    assert "whose ids are such as 0.jpg" in refusal(tmp_path, "leaf")


def test_a_test_image_must_be_answered(tmp_path: Path) -> None:
    assert refusal(tmp_path, "100.jpg").startswith(f"{LIST}: 100.jpg is a test image, which the submission must answer")


def test_a_label_must_keep_two_images(tmp_path: Path) -> None:
    assert f"without those of {LIST}: 1 label with fewer than two images" in refusal(tmp_path, "0.jpg", "2.jpg")
