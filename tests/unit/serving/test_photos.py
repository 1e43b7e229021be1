"""Photos are found by their names, and decoded when they are asked for."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scoretable.images.cache_files import Fit
from scoretable.serving.photos import Photos, find_photos
from scoretable.workspace.errors import InputError
from unit.archives import encode, photo

FIT = Fit(8, 12, "stretch", "ignore", 0.0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("b.JPG", "a.jpg", "inner/c.png", "d.HEIC", "._a.jpg", "notes.txt"):
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(encode(photo(20, 30)))
    return Path("photos")


def test_a_folder_stands_for_the_pictures_below_it_in_the_order_of_their_names(folder: Path) -> None:
    found = find_photos([folder])
    assert [str(path.relative_to(folder)) for path in found.photos] == ["a.jpg", "b.JPG", "d.HEIC", "inner/c.png"]
    assert found.others == 1  # and what macOS packs along is nothing


def test_a_file_is_taken_whatever_its_name_and_once(folder: Path) -> None:
    found = find_photos([folder / "notes.txt", folder / "b.JPG", folder])
    assert [path.name for path in found.photos] == ["notes.txt", "b.JPG", "a.jpg", "d.HEIC", "c.png"]


@pytest.mark.parametrize(
    ("name", "reason"), [("nothing", "there is no photo or folder nothing"), ("empty", "there is no photo in empty")]
)
def test_a_place_without_photos_is_refused(folder: Path, name: str, reason: str) -> None:
    Path("empty").mkdir()
    with pytest.raises(InputError, match=reason):
        find_photos([Path(name)])


def test_what_fills_up_a_batch_is_decoded_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or encode(photo(20, 30)))
    pixels = Photos([folder / "a.jpg", folder / "b.JPG"], FIT, None)[np.array([1, 0, 1, 1])]
    assert sorted(read) == ["a.jpg", "b.JPG"]
    assert pixels.shape == (4, 8, 12, 3)
    assert pixels.dtype == np.uint8


def test_a_broken_photo_is_black_and_has_its_reason(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(encode(photo(20, 30))[:200])
    deep = encode(Image.fromarray(np.full((9, 9), 60_000, np.uint16)), "PNG")
    (folder / "b.JPG").write_bytes(deep)
    photos = Photos([folder / name for name in ("inner/c.png", "a.jpg", "b.JPG", "gone.jpg")], FIT, None)
    pixels = photos[np.arange(4)]
    assert [image.any() for image in pixels] == [True, False, False, False]
    assert sorted(photos.unreadable) == [1, 2, 3]
    assert "more than 8 bits a channel" in photos.unreadable[2]
    assert photos.unreadable[3] == "No such file or directory"


def test_deep_photos_are_scaled_by_the_range_of_the_row(folder: Path) -> None:
    (folder / "a.jpg").write_bytes(encode(Image.fromarray(np.full((9, 9), 60_000, np.uint16)), "PNG"))
    assert (Photos([folder / "a.jpg"], FIT, (0.0, 120_000.0))[np.array([0])] == 128).all()
