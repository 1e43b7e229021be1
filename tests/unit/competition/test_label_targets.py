"""Sparse targets are indexed, taken from and counted like the array that they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.label_targets import LabelTargets
from scoretable.competition.targets import group_targets
from scoretable.competition.task import Task
from scoretable.training.losses import balanced_weights

IMAGES, CLASSES = 40, 7


def draw(task: Task, seed: int) -> np.ndarray:
    """Return targets as an array, float32 (IMAGES, CLASSES)."""
    random = np.random.default_rng(seed)
    if task == "multiclass":
        return np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, IMAGES)]
    return (random.random((IMAGES, CLASSES)) < 0.2).astype(np.float32)


def sparse(dense: np.ndarray) -> LabelTargets:
    return LabelTargets(*np.nonzero(dense), dense.shape)


def dense_groups(targets: np.ndarray, task: Task) -> np.ndarray:
    """How groups were found while targets were dense; folds of rows that exist depend on it."""
    if task == "multiclass":
        return targets.argmax(axis=1)
    rarity = np.where(targets > 0, targets.sum(axis=0), np.inf)
    return np.where(targets.any(axis=1), rarity.argmin(axis=1), targets.shape[1])


tasks = st.sampled_from(["multiclass", "multilabel"])


@given(tasks, st.integers(0, 500))
def test_rows_are_those_of_the_array(task: Task, seed: int) -> None:
    dense = draw(task, seed)
    rows = np.random.default_rng(seed).integers(0, IMAGES, 9)
    np.testing.assert_array_equal(sparse(dense)[rows], dense[rows])
    np.testing.assert_array_equal(sparse(dense).take(rows, axis=0)[3:5], dense[rows][3:5])
    np.testing.assert_array_equal(np.asarray(sparse(dense)), dense)


@given(tasks, st.integers(0, 500))
def test_groups_are_those_of_the_array(task: Task, seed: int) -> None:
    dense = draw(task, seed)
    np.testing.assert_array_equal(group_targets(sparse(dense), task), dense_groups(dense, task))


@pytest.mark.parametrize("seed", range(5))
def test_weights_of_classes_are_those_of_the_array_bit_by_bit(seed: int) -> None:
    dense = draw("multiclass", seed)
    expected = (IMAGES / (CLASSES * np.maximum(dense.sum(axis=0), 1))).astype(np.float32)
    weights = balanced_weights("balanced", sparse(dense))
    assert weights is not None
    assert weights.tobytes() == expected.tobytes()


def test_images_without_labels_and_classes_without_images_count_as_zeros() -> None:
    none = LabelTargets([], [], (2, 3))
    assert (none[:].tolist(), none.sum().tolist(), none.rarest().tolist()) == ([[0, 0, 0]] * 2, [0, 0, 0], [3, 3])
    assert LabelTargets([0, 1], [1, 1], (2, 4)).sum(axis=0).tolist() == [0, 2, 0, 0]


def test_they_are_floats_of_single_precision_unless_numpy_asks_for_others() -> None:
    targets = sparse(draw("multilabel", 0))
    assert targets[:3].dtype == targets.sum(axis=0).dtype == np.asarray(targets).dtype == np.float32
    assert np.asarray(targets, np.float64).dtype == np.float64


def test_a_batch_takes_no_memory_of_all_images() -> None:
    targets = LabelTargets(np.arange(10**6), np.arange(10**6) % 5_000, (10**6, 5_000))
    assert targets[np.array([7, 12_345])].nonzero()[1].tolist() == [7, 2_345]
