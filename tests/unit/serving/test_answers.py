"""Answers are cut into labels as the row's submission is, and shown in a line."""

from pathlib import Path

import numpy as np
import pytest
from scoretable.images.cache_files import Fit
from scoretable.rows.params import Params
from scoretable.scoring.choices import PLAIN, Cut
from scoretable.serving.answers import Answer, answer_photos, choose, describe_answer, write_answers
from scoretable.serving.photos import Photos
from scoretable.serving.row_model import RowModel
from unit.archives import competition

CLASSES = ["blast", "hispa", "normal", "tungro"]
GRADES = ["mild", "bad", "worst"]


def row(task: str, classes: list[str], cut: Cut = PLAIN, **changes: object) -> RowModel:
    described = competition(task=task, **changes)
    return RowModel("mine", Params(), described, classes, Fit(8, 8, "stretch", "ignore", 0.0), None, cut)


def line(of: RowModel, *numbers: float) -> str:
    answers = np.array([numbers], np.float32)
    return describe_answer(Answer(Path("a.jpg"), answers[0], choose(of, answers)[0], ""), of)


def test_one_label_is_shown_with_the_next_likeliest() -> None:
    shown = line(row("multiclass", CLASSES), 0.1, 0.25, 0.6, 0.05)
    assert shown == "a.jpg: normal 0.600, hispa 0.250, blast 0.100"


@pytest.mark.parametrize(("positive", "shown"), [(None, "1 0.400, 0 0.600"), ("0", "0 0.600, 1 0.400")])
def test_of_two_classes_the_one_beyond_the_threshold_comes_first(positive: str | None, shown: str) -> None:
    changes = {} if positive is None else {"positive_class": positive}
    assert line(row("binary", ["0", "1"], Cut(0.3), **changes), 0.6, 0.4) == f"a.jpg: {shown}"


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        (PLAIN, "blast 0.700"),
        (Cut(0.3), "blast 0.700, tungro 0.400"),
        (Cut(0.8), "no label (the likeliest: blast 0.700)"),
        (Cut(0.8, at_least_one=True), "blast 0.700"),
    ],
)
def test_several_labels_are_those_above_the_rows_threshold(cut: Cut, shown: str) -> None:
    assert line(row("multilabel", CLASSES, cut), 0.7, 0.1, 0.2, 0.4) == f"a.jpg: {shown}"


@pytest.mark.parametrize(("cut", "shown"), [(PLAIN, "bad"), (Cut(points=(1.2, 1.9)), "mild")])
def test_a_grade_is_the_one_between_the_rows_cut_points(cut: Cut, shown: str) -> None:
    assert line(row("ordinal", GRADES, cut), 1.1) == f"a.jpg: {shown} (number 1.100)"


@pytest.mark.parametrize(
    ("task", "classes", "numbers", "shown"),
    [
        ("regression", [], (412.375,), "412.375"),
        ("multi_regression", ["mass", "height"], (412.375, 0.5), "mass 412.375, height 0.5"),
    ],
)
def test_numbers_are_shown_as_they_are(task: str, classes: list[str], numbers: tuple[float, ...], shown: str) -> None:
    assert line(row(task, classes), *numbers) == f"a.jpg: {shown}"


def test_a_photo_that_cannot_be_read_has_its_reason_and_no_line_in_the_table(tmp_path: Path) -> None:
    of = row("multilabel", CLASSES[:2])
    numbers = np.array([0.75, 0.5], np.float32)
    whole, broken = Answer(Path("a.jpg"), numbers, [1, 0], ""), Answer(Path("b\n.jpg"), numbers, [0, 1], "cut short")
    assert describe_answer(broken, of) == "b\\n.jpg: cut short"
    assert list(write_answers(iter([whole, broken]), of, tmp_path / "a.csv")) == [whole, broken]
    assert (tmp_path / "a.csv").read_text() == "photo,label,blast,hispa\na.jpg,blast hispa,0.75,0.5\n"


def test_a_table_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    written = write_answers(iter([]), row("regression", []), tmp_path / "a.csv")
    assert list(written) == []
    assert (tmp_path / "a.csv").read_text() == "photo,number\n"
    (tmp_path / "a.csv").unlink()
    numbers = np.array([1.5], np.float32)
    stopped = write_answers(iter([Answer(Path("a"), numbers, [], "")] * 2), row("regression", []), tmp_path / "a.csv")
    next(stopped)
    stopped.close()
    assert list(tmp_path.iterdir()) == []


def test_thousands_of_photos_are_in_memory_a_batch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def look(photos: Photos, rows: np.ndarray) -> np.ndarray:
        asked.append(len(rows))
        photos.unreadable |= {int(place): "cut short" for place in rows if place == 2_000}
        return np.full((len(rows), 8, 8, 3), rows[:, None, None, None] % 256, np.uint8)

    class Brightness:
        def predict_on_batch(self, pixels: np.ndarray) -> np.ndarray:
            return pixels[:, 0, 0, :1].astype(np.float32)

    monkeypatch.setattr(Photos, "__getitem__", look)
    paths = [Path(f"{number}.jpg") for number in range(3_000)]
    answers = list(answer_photos(Brightness(), row("regression", []), paths))  # type: ignore[arg-type]
    assert max(asked) <= 512
    assert [answer.photo for answer in answers] == paths
    assert [answer.numbers[0] for answer in answers] == [number % 256 for number in range(3_000)]
    assert [number for number, answer in enumerate(answers) if answer.unreadable] == [2_000]
