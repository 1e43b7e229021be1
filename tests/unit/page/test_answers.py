"""What a row answered to its validation images comes to the page as its submission cuts it, once for all rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_experiments import add_experiment, add_output
from many_rows import answers_file
from scoretable.competition.description import COMPETITIONS, Competition, load_competition
from scoretable.experiments.experiment import find_experiment
from scoretable.page import answers
from scoretable.page.answers import Answered, AnswerSheet, read_answers

ROOT = Path(__file__).parents[3]
COMPETITION = load_competition("sandbox", ROOT / COMPETITIONS)
THREE = ("blast", "hispa", "tungro")


def read(repository: Path, content: bytes, **keys: Any) -> Answered | None:
    add_experiment(repository, "one", 0.6, figures=keys.pop("figures", {}))
    add_output(repository, "one", "models/validation.npz", content)
    competition = Competition.model_validate(COMPETITION.model_dump() | keys)
    return read_answers(find_experiment(repository, "one"), competition)


def test_an_answer_is_the_likeliest_class(repository: Path) -> None:
    given = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], np.float32)
    found = read(repository, answers_file(np.array([0, 2]), given, THREE))
    assert found == Answered(("000000.jpg", "000001.jpg"), ("blast", "tungro"), ("hispa", "tungro"))


def test_of_two_classes_the_rows_threshold_decides(repository: Path) -> None:
    given = np.array([[0.6, 0.4], [0.8, 0.2]], np.float32)
    content = answers_file(np.array([1, 0]), given, ("no", "yes"))
    found = read(repository, content, task="binary", classes=2, figures={"threshold": 0.3})
    assert found is not None
    assert found.chosen == ("yes", "no")


def test_several_labels_are_named_together(repository: Path) -> None:
    given = np.array([[0.9, 0.7, 0.1], [0.1, 0.2, 0.1]], np.float32)
    content = answers_file(np.array([[1.0, 0, 0], [0, 0, 0]], np.float32), given, THREE)
    found = read(repository, content, task="multilabel", figures={"threshold": 0.6})
    assert found is not None
    assert (found.truth, found.chosen) == (("blast", "(none)"), ("blast, hispa", "(none)"))


def test_a_number_is_told_with_four_digits(repository: Path) -> None:
    numbers = np.array([[1.23456], [7.0]], np.float32)
    content = answers_file(np.array([[1.0], [7.0]]), numbers, (), name="numbers")
    found = read(repository, content, task="regression", metric="rmse")
    assert found is not None
    assert (found.truth, found.chosen) == (("1", "7"), ("1.235", "7"))


def test_images_of_one_name_are_told_apart(repository: Path) -> None:
    ids = np.array(["a.jpg", "a.jpg"])
    found = read(repository, answers_file(np.array([0, 1]), np.eye(3, dtype=np.float32)[:2], THREE, ids=ids))
    assert found is not None
    assert found.ids == ("a.jpg", "a.jpg (2)")


def test_a_row_older_than_the_file_has_no_answers(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    assert read_answers(find_experiment(repository, "one"), COMPETITION) is None


ODD = answers_file(np.array([7]), np.eye(3)[:1], THREE)


@pytest.mark.parametrize("content", [b"", b"no zip", ODD], ids=["empty", "no zip", "no such class"])
def test_a_damaged_file_gives_no_answers(repository: Path, content: bytes) -> None:
    assert read(repository, content) is None


def answered(chosen: str, truth: str = "aabb") -> Answered:
    return Answered(tuple(f"{place}.jpg" for place in range(len(truth))), tuple(truth), tuple(chosen))


def test_rows_of_the_same_images_share_their_list() -> None:
    sheet = AnswerSheet()
    places = [added["images"] for chosen in ("aabb", "abbb") if (added := sheet.add(answered(chosen)))]
    assert places == [0, 0]
    assert len(json.loads(json.dumps(sheet.content))["images"]) == 1


def test_only_answers_that_are_not_the_truth_are_kept() -> None:
    sheet = AnswerSheet()
    added = sheet.add(answered("abba"))
    assert added is not None
    labels = sheet.content["labels"]
    steps, said = added["wrong"][::2], [labels[label] for label in added["wrong"][1::2]]
    assert (steps, said) == ([1, 2], ["b", "a"])


def test_rows_beyond_the_size_of_a_page_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST", 3)
    sheet = AnswerSheet()
    assert [sheet.add(answered("bbaa", "aabb")) is None, sheet.add(answered("abbb")) is None] == [True, False]
