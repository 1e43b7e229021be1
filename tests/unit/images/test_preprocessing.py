"""From an archive to a cache: whole or not at all, and the same on any number of cores."""

import hashlib
import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scoretable.competition.description import Competition
from scoretable.decoding.decode import decode_image
from scoretable.images.image_cache import open_cache
from scoretable.images.preprocessing import CacheSummary, build_cache
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, leaves, make_zip, photo, zip_bytes

FILES = {"train.npy", "test.npy", "train.csv", "test.csv", "manifest.json"}
BOX = {"x1": "left", "y1": "top", "x2": "right", "y2": "bottom"}


def build(
    folder: Path, members: dict[str, bytes], described: Competition | None = None, **settings: Any
) -> CacheSummary:
    archive = make_zip(folder / "a.zip", members)
    fit = {"height": 16, "width": 20, "aspect": "stretch", "box": "ignore", "box_margin": 0.0, "unreadable": "refuse"}
    return build_cache(archive, described or competition(), folder / "cache", **(fit | settings))


def refusal(folder: Path, members: dict[str, bytes], described: Competition | None = None, **settings: Any) -> str:
    with pytest.raises(InputError) as caught:
        build(folder, members, described, **settings)
    return str(caught.value)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def boxed() -> tuple[dict[str, bytes], Competition]:
    """Return a competition whose boxes are the left halves of the pictures."""
    members = leaves()
    for table in ("train.csv", "sample_submission.csv"):
        lines = members[table].decode().splitlines()
        rows = [f"{line},0,0,16,24" for line in lines[1:]]
        members[table] = "\n".join([f"{lines[0]},left,top,right,bottom", *rows]).encode()
    train = {"table": "train.csv", "images": "train_images/{label}/{id}", "box": BOX}
    return members, competition(train=train, test={"images": "test_images/{id}", "box": BOX})


def test_images_of_several_pages_are_counted_and_listed(tmp_path: Path) -> None:
    pages = encode(photo(24, 32), "TIFF", save_all=True, append_images=[photo(24, 32, 1)])
    summary = build(tmp_path, leaves(**{"train_images/blast/0.jpg": pages, "test_images/101.jpg": pages}))
    assert summary.in_frames == 2
    assert json.loads((tmp_path / "cache/manifest.json").read_text())["first_frame_of"] == ["0.jpg", "101.jpg"]


def test_the_cache_holds_every_image_in_the_order_of_the_tables(tmp_path: Path) -> None:
    members = leaves()
    summary = build(tmp_path, members)
    cache = open_cache(tmp_path / "cache")
    assert {path.name for path in (tmp_path / "cache").iterdir()} == FILES
    assert (summary.train, summary.test, summary.classes, summary.unreadable) == (6, 3, 2, 0)
    assert summary.fingerprint == cache.fingerprint
    third = decode_image(members["train_images/blast/2.jpg"], 16, 20, "stretch").pixels
    assert np.array_equal(cache.train_images[2], third)
    assert np.array_equal(cache.test_images[0], decode_image(members["test_images/100.jpg"], 16, 20, "stretch").pixels)
    assert cache.train.iloc[2].tolist() == ["2.jpg", "blast", 24, 32, 0, 0, 32, 24]
    assert cache.test.iloc[0].tolist() == ["100.jpg", 24, 32, 0, 0, 32, 24]


def test_the_arrays_are_plain_npy_files(tmp_path: Path) -> None:
    build(tmp_path, leaves())
    array = np.load(tmp_path / "cache/train.npy")
    assert array.shape == (6, 16, 20, 3)
    assert array.dtype == np.uint8
    assert array.flags.c_contiguous
    assert (tmp_path / "cache/train.npy").stat().st_size == 128 + array.nbytes


def test_the_manifest_says_how_the_cache_was_made(tmp_path: Path) -> None:
    build(tmp_path, leaves(), aspect="pad", box_margin=0.25)
    manifest = json.loads((tmp_path / "cache/manifest.json").read_text())
    expected = {
        "competition": "leaves",
        "height": 16,
        "width": 20,
        "aspect": "pad",
        "box": "ignore",
        "box_margin": 0.25,
        "classes": ["blast", "normal"],
        "counts": {"train": 6, "test": 3},
        "unreadable": [],
    }
    assert {key: manifest[key] for key in expected} == expected
    assert manifest["sha256"]["test.npy"] == hashlib.sha256((tmp_path / "cache/test.npy").read_bytes()).hexdigest()
    assert manifest["sha256"]["train.npy"] == hashlib.sha256((tmp_path / "cache/train.npy").read_bytes()).hexdigest()


def test_the_result_does_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    build(tmp_path, leaves(30, 20), workers=1)
    alone = contents(tmp_path / "cache")
    build(tmp_path, leaves(30, 20), workers=7)
    assert contents(tmp_path / "cache") == alone


def test_the_fingerprint_changes_with_the_pixels(tmp_path: Path) -> None:
    before = build(tmp_path, leaves()).fingerprint
    assert build(tmp_path, leaves(**{"test_images/100.jpg": encode(photo(24, 32, 9))})).fingerprint != before


def test_the_fingerprint_changes_with_a_label(tmp_path: Path) -> None:
    members = leaves()
    before = build(tmp_path, members).fingerprint
    members["train_images/normal/0.jpg"] = members["train_images/blast/0.jpg"]
    members["train.csv"] = members["train.csv"].replace(b"0.jpg,blast", b"0.jpg,normal")
    assert build(tmp_path, members).fingerprint != before


def test_boxes_are_cropped_on_request(tmp_path: Path) -> None:
    build(tmp_path, *boxed(), box="crop")
    cache = open_cache(tmp_path / "cache")
    assert (
        cache.train[["crop_left", "crop_top", "crop_right", "crop_bottom"]].to_numpy().tolist() == [[0, 0, 16, 24]] * 6
    )
    half = decode_image(leaves()["test_images/100.jpg"], 16, 20, "stretch", (0, 0, 16, 24)).pixels
    assert np.array_equal(cache.test_images[0], half)


def test_boxes_are_ignored_on_request(tmp_path: Path) -> None:
    build(tmp_path, *boxed(), box="ignore")
    assert open_cache(tmp_path / "cache").train["crop_right"].tolist() == [32] * 6


def test_boxes_that_the_competition_lacks_are_refused(tmp_path: Path) -> None:
    assert "competition: leaves, which has no boxes: set box: ignore" in refusal(tmp_path, leaves(), box="crop")


def test_images_in_inner_archives_are_found(tmp_path: Path) -> None:
    members = leaves()
    inner = {name: members.pop(name) for name in list(members) if name.startswith("test_images/")}
    build(tmp_path, members | {"test_images.zip": zip_bytes(inner)})
    assert {path.name for path in (tmp_path / "cache").iterdir()} == FILES
    assert open_cache(tmp_path / "cache").test["source_width"].tolist() == [32] * 3


def test_unreadable_images_are_counted_and_named(tmp_path: Path) -> None:
    broken = {f"train_images/normal/{number}.jpg": b"<html>" for number in (1, 3)}
    message = refusal(tmp_path, leaves(**broken, **{"test_images/101.jpg": encode(photo(24, 32))[:300]}))
    assert "3 images cannot be read, 1.jpg (train): its content is not a JPEG" in message
    assert "3.jpg (train): " in message
    assert "101.jpg (test): " in message
    assert "unreadable: skip" in message
    assert not (tmp_path / "cache").exists()


def test_skipped_training_images_are_left_out_and_test_images_turn_black(tmp_path: Path) -> None:
    broken = {"train_images/blast/2.jpg": b"<html>", "test_images/101.jpg": b"<html>"}
    summary = build(tmp_path, leaves(**broken), unreadable="skip")
    cache = open_cache(tmp_path / "cache")
    assert (summary.train, summary.test, summary.unreadable) == (5, 3, 2)
    assert cache.train["id"].tolist() == ["0.jpg", "1.jpg", "3.jpg", "4.jpg", "5.jpg"]
    assert cache.train_images.shape == (5, 16, 20, 3)
    fourth = decode_image(leaves()["train_images/normal/3.jpg"], 16, 20, "stretch").pixels
    assert np.array_equal(cache.train_images[2], fourth)
    assert cache.test["id"].tolist() == ["100.jpg", "101.jpg", "102.jpg"]
    assert cache.test.iloc[1].tolist() == ["101.jpg", 0, 0, 0, 0, 0, 0]
    assert (cache.test_images[1] == 0).all()
    manifest = json.loads((tmp_path / "cache/manifest.json").read_text())
    assert [(image["id"], image["split"]) for image in manifest["unreadable"]] == [
        ("2.jpg", "train"),
        ("101.jpg", "test"),
    ]
    assert manifest["sha256"]["train.npy"] == hashlib.sha256((tmp_path / "cache/train.npy").read_bytes()).hexdigest()


def test_a_class_that_loses_its_images_is_refused(tmp_path: Path) -> None:
    broken = {f"train_images/normal/{number}.jpg": b"<html>" for number in (1, 3)}
    message = refusal(tmp_path, leaves(**broken), unreadable="skip")
    assert "1 label with fewer than two images" in message
    assert "normal" in message


def test_a_failed_build_leaves_the_old_cache_and_nothing_beside_it(tmp_path: Path) -> None:
    build(tmp_path, leaves())
    before = contents(tmp_path / "cache")
    refusal(tmp_path, leaves(**{"test_images/100.jpg": b"<html>"}))
    assert contents(tmp_path / "cache") == before
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip", "cache"}


MISFITS = {
    "sample": {"submission": {"form": "probability"}},
    "metric": {"task": "binary", "metric": "auc", "submission": {"form": "label"}},
    "classes": {"classes": 3},
    "label": {"train": {"table": "train.csv", "images": "train_images/{label}/{id}", "label_column": "lable"}},
    "pattern": {"test": {"images": "photos/{id}"}},
}


@pytest.mark.parametrize("changes", MISFITS.values(), ids=MISFITS)
def test_a_misfit_ends_before_an_image_is_decoded_and_leaves_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    broken = {name: b"no image" for name in leaves() if name.endswith(".jpg")}
    assert "cannot be read" not in refusal(tmp_path, leaves(**broken), competition(**changes))
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip"}


def test_a_damaged_archive_is_no_unreadable_image(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", leaves(), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(leaves()["test_images/100.jpg"]) + 200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"member test_images/100\.jpg is damaged"):
        build_cache(path, competition(), tmp_path / "cache", 16, 20, "stretch", "ignore", 0.0, "skip")


def test_progress_goes_to_stderr_by_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path, leaves())
    output = capsys.readouterr()
    assert "preprocess: 100%" in output.err
    assert "9/9" in output.err
    assert output.out == ""


SCRIPT = """
import signal, sys
from pathlib import Path
from scoretable.workspace.errors import InputError
from scoretable.images.preprocessing import build_cache
from unit.archives import competition
from unit.peak_memory import forget_peak, peak_kilobytes
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
archive, folder, size = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
forget_peak()
before = peak_kilobytes()
try:
    build_cache(archive, competition(), folder, size, size, "stretch", "ignore", 0.0, "refuse")
    print("memory", peak_kilobytes() - before)
except InputError as error:
    print("refused", error)
"""


def run_apart(archive: Path, folder: Path, size: int, file_limit: int = resource.RLIM_INFINITY) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(archive), str(folder), str(size)],
        env=os.environ | {"PYTHONPATH": ":".join(sys.path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit)),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_file_that_may_not_grow_ends_in_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a.zip", leaves())
    output = run_apart(archive, tmp_path / "caches/leaves", 400, file_limit=500_000)
    assert output.startswith("refused the disk of")
    assert "needs 0.004 GB" in output
    assert list((tmp_path / "caches").iterdir()) == []


def test_a_full_disk_ends_in_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        output = run_apart(make_zip(tmp_path / "a.zip", leaves()), disk / "cache", 400)
        assert "needs 0.004 GB where 0.002 GB were free: free some space, or choose a smaller image_size" in output
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_memory_does_not_grow_with_the_number_of_images(tmp_path: Path) -> None:
    members = leaves(4, 1)
    members |= {f"test_images/{number}.jpg": members["test_images/100.jpg"] for number in range(200, 600)}
    rows = "".join(f"{number}.jpg,\n" for number in range(200, 600))
    members["sample_submission.csv"] += rows.encode()
    output = run_apart(make_zip(tmp_path / "a.zip", members), tmp_path / "cache", 300)
    assert (tmp_path / "cache/test.npy").stat().st_size > 100_000_000
    assert int(output.removeprefix("memory ")) * 1024 < 60_000_000


def test_a_sample_that_wants_another_answer_is_refused_before_anything_is_decoded(tmp_path: Path) -> None:
    sample = b"image_id,label\n100.jpg,0.5\n101.jpg,0.5\n102.jpg,0.5\n"
    members = leaves() | {"sample_submission.csv": sample, "train_images/blast/0.jpg": b"no image"}
    assert "set positive_class: normal" in refusal(tmp_path, members)
    assert not (tmp_path / "cache").exists()
