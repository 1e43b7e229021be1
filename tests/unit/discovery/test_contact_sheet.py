"""The sheet shows images of each class as the cache will hold them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scoretable.archive.archive import open_archive
from scoretable.discovery.contact_sheet import choose_images, describe_shown, draw_contact_sheet
from scoretable.manifest.manifest import read_manifest
from scoretable.rows.params import Params, load_params
from unit.archives import competition, leaves, make_zip

ROOT = Path(__file__).parents[3]


def images(labels: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": range(len(labels)), "label": labels, "member": "x.jpg"}, dtype=str)


def sheet(folder: Path, members: dict[str, bytes], **params: object) -> np.ndarray:
    described = competition()
    settings = Params.model_validate(load_params(ROOT / "params.yaml").model_dump() | params)
    with open_archive(make_zip(folder / "a.zip", members), folder) as archive:
        draw_contact_sheet(read_manifest(archive, described), archive, described, settings, folder / "sheet.png")
    return np.asarray(Image.open(folder / "sheet.png").convert("RGB"))


def test_a_row_of_six_for_each_class_and_one_of_test_images(tmp_path: Path) -> None:
    drawn = sheet(tmp_path, leaves(train=12, test=6), image_size=32)
    assert drawn.shape == (740, 1200, 3)


def test_images_are_those_of_the_image_size(tmp_path: Path) -> None:
    members = leaves(train=12, test=6)
    fine, coarse = sheet(tmp_path, members, image_size=64), sheet(tmp_path, members, image_size=32)
    assert (fine != coarse).mean() > 0.05


def test_an_image_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    members = leaves(train=12, test=6)
    broken = members | {"train_images/blast/0.jpg": b"no image"}
    whole, without = sheet(tmp_path, members, image_size=32), sheet(tmp_path, broken, image_size=32)
    changed = (whole != without).any(axis=(0, 2))
    assert changed[:200].any() and not changed[210:].any()


def test_classes_are_chosen_from_the_first_to_the_last() -> None:
    names = [f"{number:02d}" for number in range(50)]
    chosen = choose_images(images(names * 2), names, competition())
    assert chosen["label"].dropna().unique().tolist() == ["00", "08", "16", "24", "33", "41", "49"]


def test_a_label_of_several_is_shown_with_the_others_of_its_image() -> None:
    described = competition(task="multilabel")
    chosen = choose_images(images(["a b", "b", "a"]), ["a", "b"], described)
    assert chosen["caption"].tolist() == ["a b", "a", "", "", "", "", "a b", "b", "", "", "", ""]
    assert chosen["row"].tolist() == ["a"] * 6 + ["b"] * 6


def test_an_image_of_several_labels_is_in_one_row_where_there_are_others() -> None:
    described = competition(task="multilabel")
    chosen = choose_images(images(["a b"] * 6 + ["a"] * 6), ["a", "b"], described)
    assert chosen["caption"].tolist() == ["a"] * 6 + ["a b"] * 6


def test_a_caption_of_several_labels_takes_three_lines_that_end_between_labels() -> None:
    described = competition(task="multilabel", label_separator="|")
    labels = ["habitation", "primary forest", "selective logging", "water", "conventional mine", "road"]
    caption = choose_images(images(["|".join(labels)]), labels[:1], described)["caption"].iloc[0]
    assert caption == "habitation| primary\nforest| selective\nlogging| water| \N{HORIZONTAL ELLIPSIS}"


def test_several_numbers_are_shown_along_the_first_with_its_name() -> None:
    described = competition(task="multi_regression")
    cells = images(["0.501532 7", "0.001532 8", "0.12 9"])
    captions = choose_images(cells, ["smooth", "round"], described)["caption"].tolist()
    assert captions[:3] == ["smooth 0.00153", "smooth 0.12", "smooth 0.502"]


@pytest.mark.parametrize(
    ("task", "shown", "title"),
    [
        ("regression", "", ""),
        ("multi_regression", "", ", 5 numbers, spread over a"),
        ("multiclass", "abcde", ", 5 classes"),
        ("multiclass", "ace", ", 3 of 5 classes\nnot shown: b, d"),
        ("multilabel", "a", ", 1 of 5 classes\nnot shown: 4"),
    ],
)
def test_the_title_counts_what_is_shown_and_names_the_few_that_are_not(task: str, shown: str, title: str) -> None:
    described = competition(task=task)
    assert describe_shown([] if task == "regression" else list("abcde"), set(shown), described) == title


@pytest.mark.parametrize("count", [5, 500])
def test_numbers_are_shown_from_the_smallest_to_the_largest(count: int) -> None:
    described = competition(task="regression")
    labels = [str(number) for number in reversed(range(count))]
    captions = [caption for caption in choose_images(images(labels), [], described)["caption"] if caption]
    assert captions[0] == "0" and captions[-1] == str(count - 1) and len(captions) == min(count, 42)
