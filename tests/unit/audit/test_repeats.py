"""Groups of near duplicates, those that matter most first, and what they do to validation."""

import numpy as np
from scoretable.audit.repeats import Repeat, count_leaks, find_repeats


def find(kinds: list[int], labels: list[str], exact: str = "") -> list[Repeat]:
    """Images of equal `kinds` have hashes that are near; those of equal letters in `exact` the same pixels."""
    hashes = np.random.default_rng(0).integers(0, 2**63, (10, 4), dtype=np.uint64)[kinds]
    hashes[:, 0] ^= np.arange(len(kinds), dtype=np.uint64)
    places = np.concatenate([np.arange(len(labels)), np.arange(len(kinds) - len(labels))])
    return find_repeats(hashes, np.array(list(exact or map(str, range(len(kinds)))), "S16"), places, labels)


def test_groups_with_different_labels_come_first_and_those_across_train_and_test_next() -> None:
    found = find([0, 0, 1, 1, 2, 3, 2], ["a", "a", "a", "b", "c"])
    assert [(each.train, each.test, each.labels) for each in found] == [
        ([2, 3], [], ["a", "b"]),
        ([4], [1], ["c"]),
        ([0, 1], [], ["a"]),
    ]


def test_a_group_is_identical_where_all_pixels_are() -> None:
    assert [each.identical for each in find([0, 0, 0, 1, 1], ["a"] * 5, "xxyzz")] == [False, True]


def test_without_near_duplicates_there_is_no_group() -> None:
    assert find([0, 1, 2], ["a", "a"]) == []


def test_a_leak_is_a_held_out_image_with_a_copy_that_is_trained_on() -> None:
    repeats = [Repeat([0, 1, 2], [], False, ["a"]), Repeat([3, 4], [], False, ["a"]), Repeat([5], [0], False, ["a"])]
    assert count_leaks(repeats, np.array([0, 1, 3, 4, 5])) == 2
