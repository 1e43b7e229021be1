"""The two finals are the pair of which the better one does best, and not the two best rows."""

from functools import partial
from pathlib import Path

import pytest
from made_experiments import add_experiment, add_output
from scoretable.advice.finals import Finals, choose_finals
from scoretable.advice.outlook import Split, outlooks
from scoretable.table.table import read_score_table
from scoretable.uncertainty.resampling import image_noise
from table.test_comparison import answers

SPLIT = Split(300, 100)


def finals(repository: Path, competition: str = "sandbox") -> Finals | None:
    return choose_finals(outlooks(read_score_table(repository), competition, SPLIT, repository), SPLIT)


def add_row(repository: Path, name: str, right: range, epochs: int, images: int = 100) -> None:
    add_experiment(repository, name, len(right) / images, epochs=epochs)
    add_output(repository, name, "models/validation.npz", answers(right, images=images))


def test_a_row_that_fails_elsewhere_is_a_better_second_than_a_twin_of_the_first(repository: Path) -> None:
    add_row(repository, "first", range(70), 1)
    add_row(repository, "twin", range(69), 2)
    add_row(repository, "other", range(34, 100), 3)
    found = finals(repository)
    assert found is not None
    assert (found.first.draw.name, found.second.draw.name) == ("first", "other")
    assert found.pairing is not None
    assert (found.pairing.only_first, found.pairing.only_second, found.pairing.images) == (34, 30, 100)
    assert found.together > found.alone + 0.01
    assert (found.rows, found.joint) == (3, 3)


def test_a_twin_adds_nothing(repository: Path) -> None:
    add_row(repository, "first", range(70), 1)
    add_row(repository, "twin", range(70), 2)
    found = finals(repository)
    assert found is not None
    assert found.together == pytest.approx(found.alone)


def test_rows_of_other_images_are_drawn_by_themselves(repository: Path) -> None:
    add_row(repository, "first", range(70), 1)
    add_row(repository, "second", range(50), 2, images=80)
    found = finals(repository)
    assert found is not None
    assert (found.joint, found.pairing) == (1, None)
    assert found.best[0] > found.best[1]


def test_the_smaller_one_of_two_errors_is_the_better_one(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoretable.advice.outlook.image_noise", partial(image_noise, rounds=20))  # of 5 ms each
    monkeypatch.setattr("scoretable.advice.finals.ROUNDS", 20)
    for name, loss, right in (("good", 0.3, range(36)), ("bad", 0.6, range(24))):
        add_experiment(
            repository, name, 0.5, metric="log_loss", figures={"log_loss": loss}, competition="sandbox-log-loss",
            epochs=len(right),
        )  # fmt: skip
        add_output(repository, name, "models/validation.npz", answers(right, images=40))
    found = finals(repository, "sandbox-log-loss")
    assert found is not None
    assert found.first.draw.name == "good"
    assert found.together <= found.alone


def test_one_row_has_no_second(repository: Path) -> None:
    add_row(repository, "first", range(70), 1)
    assert finals(repository) is None
