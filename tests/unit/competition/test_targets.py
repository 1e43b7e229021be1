"""Label cells become targets and groups, and targets become cells again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.label_targets import LabelTargets
from scoretable.competition.targets import (
    build_targets,
    choose_places,
    group_targets,
    join_labels,
    measure_units,
    parse_numbers,
    rate_places,
    split_labels,
)
from scoretable.competition.task import Task
from scoretable.training.folds import split_fold

CLASSES = ["blast", "normal", "rust"]


def series(*cells: str) -> pd.Series:
    return pd.Series(cells, dtype=str)


@pytest.mark.parametrize(
    ("task", "cells", "classes", "expected"),
    [
        ("multiclass", ("rust", "blast"), CLASSES, [[0, 0, 1], [1, 0, 0]]),
        ("binary", ("yes", "no"), ["no", "yes"], [[1], [0]]),
        ("multilabel", ("rust blast", "", "normal"), CLASSES, [[1, 0, 1], [0, 0, 0], [0, 1, 0]]),
        ("regression", ("-3.5", " 1e2 "), [], [[-3.5], [100]]),
        ("unit_regression", ("0", "0.25"), [], [[0], [0.25]]),
        ("ordinal", ("4", "0", "10"), ["0", "4", "10"], [[1], [0], [2]]),
        ("multi_regression", ("1 -2.5", " 0  3"), ["a", "b"], [[1, -2.5], [0, 3]]),
    ],
)
def test_targets_are_what_the_cells_say(task: Task, cells: tuple, classes: list[str], expected: list) -> None:
    targets = build_targets(series(*cells), classes, task, " ")
    assert targets[:].tolist() == expected
    assert targets[:].dtype == np.float32


@pytest.mark.parametrize(
    ("task", "cell"),
    [("multiclass", "mould"), ("multilabel", "rust mould"), ("regression", "many"), ("multi_regression", "1 2")],
)
def test_a_cell_that_cannot_be_read_is_refused(task: Task, cell: str) -> None:
    with pytest.raises(ValueError, match="labels that"):
        build_targets(series("1", cell) if task.endswith("regression") else series("rust", cell), CLASSES, task, " ")


def test_labels_are_split_stripped_and_counted_once_an_image() -> None:
    labels = split_labels(series("a| b |a", "", "c|"), "multilabel", "|")
    assert list(labels.items()) == [(0, "a"), (0, "b"), (2, "c")]


def test_one_label_is_not_split() -> None:
    assert split_labels(series("fly agaric"), "multiclass", " ").tolist() == ["fly agaric"]


@given(st.lists(st.sets(st.sampled_from(CLASSES)), min_size=1))
def test_joined_labels_are_those_that_were_split(chosen: list[set[str]]) -> None:
    cells = series(*(", ".join(sorted(labels)) for labels in chosen))
    targets = build_targets(cells, CLASSES, "multilabel", ",")
    assert join_labels(targets[:] > 0.5, CLASSES, ", ") == cells.tolist()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("cell", ["", "nan", "inf", "-inf", "1e39", "three", "1,5"])
def test_what_is_no_finite_number_is_none(cell: str) -> None:
    assert np.isnan(parse_numbers(series("1", cell))).tolist() == [False, True]


def test_the_group_of_several_labels_is_the_rarest_and_of_none_a_group_of_its_own() -> None:
    targets = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1], [0, 0, 0], [1, 1, 0]], np.float32)
    sparse = LabelTargets(*np.nonzero(targets), targets.shape)
    assert group_targets(sparse, "multilabel").tolist() == [1, 0, 2, 3, 1]


@given(st.integers(2, 400), st.booleans())
def test_groups_of_numbers_are_ordered_and_of_equal_size(count: int, equal: bool) -> None:
    numbers = np.zeros(count) if equal else np.random.default_rng(count).normal(size=count)
    groups = group_targets(numbers[:, None].astype(np.float32), "regression")
    sizes = np.bincount(groups)
    assert len(sizes) == np.clip(count // 20, 1, 10)
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(groups[np.argsort(numbers, kind="stable")]) >= 0).all()


@pytest.mark.parametrize("task", ["regression", "unit_regression"])
def test_a_fold_of_numbers_has_the_mean_of_all(task: Task) -> None:
    numbers = np.random.default_rng(0).random((200, 1)).astype(np.float32) ** 3
    train, validation = split_fold(group_targets(numbers, task), 5, 0, seed=0)
    assert (len(train), len(validation)) == (160, 40)
    assert numbers[validation].mean() == pytest.approx(numbers.mean(), abs=0.03)


def test_only_an_unbounded_number_has_units_and_equal_numbers_have_a_deviation_of_one() -> None:
    assert measure_units(np.array([[100], [300]], np.float32), "regression") == (200, 100)
    assert measure_units(np.array([[7], [7]], np.float32), "regression") == (7, 1)
    assert measure_units(np.array([[0], [1]], np.float32), "unit_regression") is None


def test_a_number_stands_for_the_nearest_of_the_ordered_classes() -> None:
    assert choose_places(np.array([-1, 0.4, 0.6, 1.5, 9]), 3).tolist() == [0, 0, 1, 2, 2]


def test_a_class_begins_at_its_cut() -> None:
    numbers = np.array([0.69, 0.7, 1.2], np.float64)
    assert choose_places(numbers, 3, [0.7, 1.2]).tolist() == [0, 1, 2]
    assert rate_places(numbers[:, None], 3, [0.7, 1.2]).tolist() == np.eye(3).tolist()
    assert choose_places(numbers, 3, [0.7, 0.7]).tolist() == [0, 2, 2]  # no number is of the class in between


@pytest.mark.parametrize("cuts", [[0.5], [1.5, 0.5]])
def test_cuts_that_are_too_few_or_do_not_rise_are_refused(cuts: list[float]) -> None:
    with pytest.raises(ValueError, match="2 rising numbers"):
        choose_places(np.array([0.0]), 3, cuts)


def test_a_number_that_is_not_finite_stands_for_no_class() -> None:
    rated = rate_places(np.array([[np.nan], [1]], np.float32), 2)
    assert rated.dtype == np.float32
    assert np.isnan(rated[0]).all()
    assert rated[1].tolist() == [0, 1]


def test_several_numbers_are_grouped_by_their_mean_rank() -> None:
    rising = np.arange(40)
    targets = np.stack([rising, 1000 * rising, -rising], axis=1).astype(np.float32)
    assert group_targets(targets, "multi_regression").tolist() == [0] * 20 + [1] * 20
    assert group_targets(targets[:, [0, 2, 2]], "multi_regression").tolist() == [1] * 20 + [0] * 20


@pytest.mark.parametrize("task", ["binary", "ordinal"])
def test_the_group_of_one_label_is_its_class(task: Task) -> None:
    groups = group_targets(np.array([[0], [2], [1]], np.float32), task)
    assert (groups.tolist(), groups.dtype) == ([0, 2, 1], np.int64)


def test_each_of_several_numbers_has_its_own_units() -> None:
    numbers = np.array([[0, 5, 0], [6, 5, 1]], np.float32)
    assert measure_units(numbers, "multi_regression") == ([3, 5, 0.5], [3, 1, 0.5])
