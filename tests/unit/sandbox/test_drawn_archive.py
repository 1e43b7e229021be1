import csv
import io
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from scoretable.sandbox.blade import LABELS
from scoretable.sandbox.drawn_archive import PADDY_COUNTS, draw_competition
from scoretable.sandbox.photo import draw_leaf
from scoretable.workspace.errors import InputError


def draw(folder: Path, seed: int, images: int = 40, workers: int = 2) -> tuple[Path, Path]:
    archive, answers = folder / "raw.zip", folder / "answers.csv"
    draw_competition(archive, answers, images, seed, workers=workers)
    return archive, answers


def rows(text: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.decode())))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return draw(tmp_path_factory.mktemp("drawn"), seed=3, images=52)


@pytest.fixture(scope="module")
def members(drawn: tuple[Path, Path]) -> dict[str, bytes]:
    with zipfile.ZipFile(drawn[0]) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


@pytest.mark.turns(2)
def test_one_and_two_workers_draw_the_same_bytes(drawn: tuple[Path, Path], tmp_path: Path) -> None:
    again = draw(tmp_path, seed=3, images=52, workers=1)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in drawn]


def test_another_seed_draws_other_pictures_labels_and_usages(drawn: tuple[Path, Path], tmp_path: Path) -> None:
    archive, answers = draw(tmp_path, seed=4, images=52)
    assert answers.read_bytes() != drawn[1].read_bytes()
    with zipfile.ZipFile(archive) as ours, zipfile.ZipFile(drawn[0]) as theirs:
        assert ours.read("test_images/200001.jpg") != theirs.read("test_images/200001.jpg")


def test_the_layout_is_paddy_doctors(members: dict[str, bytes]) -> None:
    train = rows(members["train.csv"])
    assert list(train[0]) == ["image_id", "label", "variety", "age"]
    assert [row["image_id"] for row in train] == [f"{100_001 + i}.jpg" for i in range(39)]
    sample = rows(members["sample_submission.csv"])
    assert sample == [{"image_id": f"{200_001 + i}.jpg", "label": ""} for i in range(13)]
    images = {name for name in members if name.endswith(".jpg")}
    assert images == {f"train_images/{row['label']}/{row['image_id']}" for row in train} | {
        f"test_images/{row['image_id']}" for row in sample
    }
    assert set(members) - images == {"README.txt", "train.csv", "sample_submission.csv"}


def test_a_sample_that_wants_probabilities_has_a_column_for_each_label_and_all_else_is_the_same(
    members: dict[str, bytes], tmp_path: Path
) -> None:
    draw_competition(tmp_path / "raw.zip", tmp_path / "answers.csv", 52, 3, workers=2, probabilities=True)
    with zipfile.ZipFile(tmp_path / "raw.zip") as bundle:
        others = {name: bundle.read(name) for name in bundle.namelist()}
    sample = rows(others.pop("sample_submission.csv"))
    assert sample[0] == {"image_id": "200001.jpg", **dict.fromkeys(LABELS, "0.1")}
    assert others == {name: content for name, content in members.items() if name != "sample_submission.csv"}


def test_the_archive_says_that_its_images_are_drawn(members: dict[str, bytes]) -> None:
    assert b"drawn by a program" in members["README.txt"]


def test_members_are_stored_without_the_time_of_writing(drawn: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(drawn[0]) as bundle:
        marks = {(entry.compress_type, entry.date_time) for entry in bundle.infolist()}
    assert marks == {(zipfile.ZIP_STORED, (2022, 1, 1, 0, 0, 0))}


def test_every_image_is_480_wide_and_640_high(members: dict[str, bytes]) -> None:
    shapes = {simplejpeg.decode_jpeg(jpeg).shape for name, jpeg in members.items() if name.endswith(".jpg")}
    assert shapes == {(640, 480, 3)}


def test_every_label_has_two_training_images_in_the_smallest_competition(tmp_path: Path) -> None:
    archive, _ = draw(tmp_path, seed=0)
    with zipfile.ZipFile(archive) as bundle:
        counts = Counter(row["label"] for row in rows(bundle.read("train.csv")))
    assert set(counts) == set(LABELS)
    assert min(counts.values()) >= 2


def test_the_answers_cover_the_test_images_three_quarters_public(drawn: tuple[Path, Path]) -> None:
    answers = rows(drawn[1].read_bytes())
    assert [row["image_id"] for row in answers] == [f"{200_001 + i}.jpg" for i in range(13)]
    assert {row["label"] for row in answers} <= set(LABELS)
    assert Counter(row["usage"] for row in answers) == {"Public": 9, "Private": 4}


def test_the_labels_of_test_images_occur_nowhere_in_the_archive(members: dict[str, bytes]) -> None:
    tests = [name for name in members if name.startswith("test_images/")]
    assert not any(label.encode() in members[name] for name in tests for label in LABELS)
    listed = [line for name in ("train.csv", "README.txt") for line in members[name].decode().splitlines()]
    assert not any("200" in line.split(",")[0] and ".jpg" in line for line in listed)


def test_labels_are_shuffled_over_the_ids(members: dict[str, bytes]) -> None:
    labels = [row["label"] for row in rows(members["train.csv"])]
    changes = sum(a != b for a, b in pairwise(labels))
    assert changes > 2 * len(LABELS)


@pytest.mark.parametrize(("images", "seed", "word"), [(39, 0, "39 images"), (40, -1, "seed -1")])
def test_a_competition_that_cannot_be_drawn_is_refused(tmp_path: Path, images: int, seed: int, word: str) -> None:
    with pytest.raises(InputError, match=word):
        draw(tmp_path, seed, images)
    assert list(tmp_path.iterdir()) == []


def test_paddys_counts_name_every_label() -> None:
    assert tuple(PADDY_COUNTS) == LABELS
    assert sum(PADDY_COUNTS.values()) == 10_407


@pytest.mark.parametrize("label", LABELS)
def test_a_drawing_depends_on_its_label_and_its_generator_alone(label: str) -> None:
    first, again, other = (draw_leaf(label, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.shape == (640, 480, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_same_random_stream_draws_a_different_picture_for_each_label() -> None:
    pictures = {draw_leaf(label, np.random.default_rng(5)).tobytes() for label in LABELS}
    assert len(pictures) == len(LABELS)


INTERRUPTED = """
import sys
from pathlib import Path
from scoretable.sandbox.drawn_archive import draw_competition

if __name__ == "__main__":
    try:
        draw_competition(Path(sys.argv[1], "raw.zip"), Path(sys.argv[1], "answers.csv"), 4000, 0, workers=2)
    except KeyboardInterrupt:
        print("interrupted")
"""


def test_ctrl_c_ends_the_drawing_without_a_word_of_its_workers(tmp_path: Path) -> None:
    (tmp_path / "draw.py").write_text(INTERRUPTED)
    paths = os.pathsep.join([*sys.path[1:], str(Path(__file__).parents[3] / "workflow")])
    with subprocess.Popen(
        [sys.executable, "draw.py", "."], cwd=tmp_path, env=os.environ | {"PYTHONPATH": paths}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as drawing:  # fmt: skip
        children = Path(f"/proc/{drawing.pid}/task/{drawing.pid}/children")
        while drawing.poll() is None and len(children.read_text().split()) < 3:  # workers, and who counts resources
            time.sleep(0.01)
        time.sleep(0.2)  # in which they import
        os.killpg(drawing.pid, signal.SIGINT)
        printed, _ = drawing.communicate(timeout=60)
    assert (drawing.returncode, printed.splitlines()[-1]) == (0, "interrupted")
    assert "Traceback" not in printed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["draw.py"]
