"""An image from several files, one a channel."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scoretable.competition.description import load_competition
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.preprocessing import build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, make_zip

COLOURS = ("red", "green", "blue")
TRAIN = {"table": "train.csv", "id_column": "id", "channels": [f"train/{{id}}_{colour}.png" for colour in COLOURS]}
TEST = {"channels": [f"test/{{id}}_{colour}.png" for colour in COLOURS]}


def plain(level: int | tuple[int, int, int], size: int = 4) -> bytes:
    return encode(Image.new("L" if isinstance(level, int) else "RGB", (size, size), level), "PNG")


FILES = {
    "train.csv": b"id,label\n1,a\n2,b\n3,a\n4,b\n",
    "sample_submission.csv": b"id,label\n9,\n",
    **{f"train/{n}_{colour}.png": plain(10 * n + place) for n in range(1, 5) for place, colour in enumerate(COLOURS)},
    **{f"test/9_{colour}.png": plain(90 + place) for place, colour in enumerate(COLOURS)},
}


def build(folder: Path, files: dict[str, bytes], train: dict[str, object] = TRAIN) -> ImageCache:
    described = competition(train=train, test=TEST, submission={"id_column": "id"})
    archive = make_zip(folder / "a.zip", FILES | files)
    build_cache(archive, described, folder / "cache", 4, 4, "stretch", "ignore", 0.0, "refuse")
    return open_cache(folder / "cache")


def refusal(folder: Path, files: dict[str, bytes]) -> str:
    with pytest.raises(InputError) as caught:
        build(folder, files)
    return str(caught.value)


def problem(folder: Path, **train: object) -> str:
    parts = {"title": "A", "source": "archive", "train": TRAIN | train, "test": TEST, "submission": {}}
    (folder / "x.yaml").write_text(json.dumps(parts))
    with pytest.raises(InputError) as caught:
        load_competition("x", folder)
    assert len(str(caught.value)) <= 300 + len(str(folder))
    return str(caught.value)


def test_files_become_red_green_and_blue_in_their_order(tmp_path: Path) -> None:
    cache = build(tmp_path, {})
    assert cache.train_images[:, 0, 0].tolist() == [[10 * n, 10 * n + 1, 10 * n + 2] for n in range(1, 5)]
    assert cache.test_images[0, 0, 0].tolist() == [90, 91, 92]


def test_of_two_files_blue_is_the_mean(tmp_path: Path) -> None:
    cache = build(tmp_path, {}, TRAIN | {"channels": ["train/{id}_red.png", "train/{id}_blue"]})
    assert cache.train_images[0, 0, 0].tolist() == [10, 12, 11]


def test_a_file_in_colour_counts_by_its_brightest_colour(tmp_path: Path) -> None:
    assert build(tmp_path, {"train/1_green.png": plain((0, 77, 0))}).train_images[0, 0, 0].tolist() == [10, 77, 12]


def test_channels_of_16_bits_share_one_range(tmp_path: Path) -> None:
    deep = encode(Image.fromarray(np.full((4, 4), 4095, np.uint16)), "PNG")
    dark = encode(Image.fromarray(np.zeros((4, 4), np.uint16)), "PNG")
    files = {f"train/{n}_{colour}.png": deep if colour == "red" else dark for n in range(1, 5) for colour in COLOURS}
    assert build(tmp_path, files).train_images[0, 0, 0].tolist() == [255, 0, 0]


def test_files_of_different_sizes_are_unreadable(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"train/2_blue.png": plain(1, 5)})
    assert "2 (train): its channels have different sizes (4x4, 4x4, 5x5)" in message


def test_a_channel_that_is_no_picture_is_unreadable(tmp_path: Path) -> None:
    assert "2 (train): its content is not a JPEG" in refusal(tmp_path, {"train/2_blue.png": b"no picture"})


def test_an_image_that_lacks_a_channel_has_no_image(tmp_path: Path) -> None:
    message = refusal(tmp_path, {"train.csv": FILES["train.csv"] + b"5,a\n", "train/5_red.png": plain(1)})
    assert "1 id without an image at train/{id}_red.png and train/{id}_green.png and" in message


def test_a_fourth_channel_is_refused(tmp_path: Path) -> None:
    message = problem(tmp_path, channels=[*TRAIN["channels"], "train/{id}_yellow.png"])
    assert "train.channels has 4 patterns, but an image has red, green and blue: keep 1 to 3" in message


def test_channels_beside_images_are_refused(tmp_path: Path) -> None:
    assert "train has channels beside images or pixels: keep one of them" in problem(tmp_path, images="train/{id}")


def test_channels_without_a_table_are_refused(tmp_path: Path) -> None:
    channels = ["train/{label}/{id}_red.png"]
    assert "train.channels needs a table" in problem(tmp_path, table=None, label_column=None, channels=channels)
