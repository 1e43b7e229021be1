"""Groups are shared out over folds one by one, each to the fold where its classes are rarest."""

import numpy as np
import pytest
from scoretable.training import group_folds
from scoretable.training.group_folds import share_out_groups, share_out_many


def draw(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of classes with 8, 8, 16 and 32 images, so that all shares are exact, and 20 groups."""
    random = np.random.default_rng(seed)
    return random.permutation(np.repeat([3, 5, 7, 9], [8, 8, 16, 32])), random.choice([4, 9, *range(20, 38)], 64)


def share_out_by_definition(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Follow the docstring of `share_out_many` word by word."""
    found = np.full(len(labels), -1)
    names, classes = np.unique(groups), np.unique(labels)
    shuffled = names[np.random.default_rng(seed).permutation(len(names))]

    def squares(chosen: np.ndarray, own: set[int]) -> float:
        return sum((((labels == kind) & chosen).sum() / (labels == kind).sum()) ** 2 for kind in classes if kind in own)

    for name in sorted(shuffled, key=lambda name: -(groups == name).sum()):
        mine, own = groups == name, {*labels[groups == name].tolist()}
        costs = [squares((found == fold) | mine, own) - squares(found == fold, own) for fold in range(folds)]
        found[mine] = min(range(folds), key=lambda fold: (costs[fold], (found == fold).sum(), fold))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_many_groups_are_shared_out_as_the_definition_says(seed: int) -> None:
    labels, groups = draw(seed)
    found = share_out_many(labels, groups, 3, seed)
    np.testing.assert_array_equal(found, share_out_by_definition(labels, groups, 3, seed))
    assert found.dtype == np.int64


def test_only_beyond_so_many_groups_and_classes_are_they_shared_out_in_that_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labels, groups = draw(0)
    cells = len(np.unique(groups)) * 4
    monkeypatch.setattr(group_folds, "share_out_many", lambda *arguments: arguments)
    monkeypatch.setattr(group_folds, "MOST_CELLS", cells)
    assert isinstance(share_out_groups(labels, groups, 3, 7), np.ndarray)
    monkeypatch.setattr(group_folds, "MOST_CELLS", cells - 1)
    assert share_out_groups(labels, groups, 3, 7) == (labels, groups, 3, 7)


@pytest.mark.filterwarnings("error")
def test_a_class_with_fewer_images_than_folds_is_no_matter() -> None:
    assert share_out_groups(np.array([0, 0, 0, 1]), np.arange(4), 3, 0).dtype == np.int64
