"""Rows are blended on the images that all of them held out, and refused where they do not fit each other."""

from pathlib import Path

import numpy as np
import pytest
from scoretable.blending.mixing import Mixing
from scoretable.blending.row_answers import refuse_other_data, share
from scoretable.competition.description import load_competition
from scoretable.experiments.experiment import Experiment
from scoretable.prediction.validation_answers import ValidationAnswers
from scoretable.workspace.errors import InputError

SANDBOX = load_competition("sandbox")


def held_out(places: range, classes: str = "ab", turned: int = 0, name: str = "") -> ValidationAnswers:
    row = np.array(places)[::-1]
    second = (row / 1000).astype(np.float32)
    ids = [f"{name}{place}" for place in row]
    return ValidationAnswers(
        np.column_stack([1 - second, second]), (row + turned) % 2, ids, list(classes), np.zeros(len(row), int), row
    )


def experiment(name: str, archive: str = "a" * 32, **params: object) -> Experiment:
    lock = f"stages:\n  download:\n    outs:\n    - path: data/raw/sandbox.zip\n      hash: md5\n      md5: {archive}\n"
    return Experiment(name, "", "", "", {"competition": "sandbox", **params}, {}, lock, "", Path())


def shared(one: ValidationAnswers, two: ValidationAnswers, *rows: Experiment):  # type: ignore[no-untyped-def]
    return share({"one": one, "two": two}, {row.name: row for row in rows}, SANDBOX, Mixing("multiclass"))


def test_only_images_count_that_all_rows_held_out() -> None:
    found = shared(held_out(range(0, 80)), held_out(range(40, 140)))
    assert found.places.tolist() == list(range(40, 80))
    assert found.truth.tolist() == [place % 2 for place in range(40, 80)]
    np.testing.assert_allclose(found.terms[0], found.terms[1])
    np.testing.assert_allclose(found.terms[0][:, 1], np.arange(40, 80) / 1000, rtol=1e-6)


def test_rows_of_other_seeds_are_refused_by_what_differs() -> None:
    rows = (experiment("one", seed=0, fold=0), experiment("two", seed=1, fold=0))
    with pytest.raises(InputError, match=r"one, two held out other images \(seed: 0 and 1\), with 10 images in common"):
        shared(held_out(range(0, 80)), held_out(range(70, 150)), *rows)


def test_too_few_images_are_refused() -> None:
    with pytest.raises(InputError, match="held out only 29 images, and weights take 30"):
        shared(held_out(range(29)), held_out(range(29)))


@pytest.mark.parametrize(
    ("other", "what"),
    [
        (held_out(range(50), classes="ac"), "classes"), (held_out(range(50), turned=1), "ids or labels"),
        (held_out(range(50), name="x"), "ids or labels"),
    ],
)  # fmt: skip
def test_rows_that_know_other_images_by_the_same_places_are_refused(other: ValidationAnswers, what: str) -> None:
    with pytest.raises(InputError, match=f"rows one and two know other {what}"):
        shared(held_out(range(50)), other)


def test_rows_of_another_archive_are_refused() -> None:
    rows = {"one": experiment("one"), "two": experiment("two", archive="b" * 32)}
    with pytest.raises(InputError, match="rows one and two are made of other data: MD5 aaaaaaaa and bbbbbbbb"):
        refuse_other_data(rows, "sandbox")
    refuse_other_data({"one": rows["one"]}, "sandbox")


def test_rows_of_another_competition_are_refused() -> None:
    with pytest.raises(InputError, match=r"row one is of competition sandbox, and params\.yaml is of beans"):
        refuse_other_data({"one": experiment("one")}, "beans")
