"""Hashes within reach of each other are one group, in memory that does not grow with the pairs."""

import numpy as np
import pytest
from scoretable.duplicates import alike
from scoretable.duplicates.alike import group_alike, join_groups


def draw(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 2**63, (count, 4), dtype=np.uint64)


def test_a_group_is_named_by_the_place_of_its_first_image() -> None:
    hashes = draw(6)
    hashes[4] = hashes[1] ^ np.uint64(1)
    hashes[5] = hashes[2]
    assert group_alike(hashes).tolist() == [0, 1, 2, 3, 1, 2]


def test_the_reach_is_the_most_bits_that_may_differ() -> None:
    hashes = draw(2)
    hashes[1] = hashes[0] ^ np.array([7, 1, 0, 2**62], np.uint64)
    assert group_alike(hashes, reach=5).tolist() == [0, 0]
    assert group_alike(hashes, reach=4).tolist() == [0, 1]


def test_images_between_two_others_join_them() -> None:
    hashes = np.repeat(draw(1), 3, axis=0)
    hashes[:, 0] ^= np.array([0, 0b111111, 0b111], np.uint64)  # 0 and 1 differ in 6 bits, each of them and 2 in 3
    assert group_alike(hashes[:2], reach=3).tolist() == [0, 1]
    assert group_alike(hashes, reach=3).tolist() == [0, 0, 0]


@pytest.mark.parametrize("pairs", [1, 70, 10**6])
def test_blocks_of_any_size_find_the_same(pairs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = draw(60)
    hashes[30:] = hashes[:30][::-1] ^ np.uint64(3)
    monkeypatch.setattr(alike, "MOST_PAIRS", pairs)
    assert group_alike(hashes).tolist() == [*range(30), *range(30)[::-1]]


def test_a_thousand_equal_images_are_no_million_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alike, "near_pairs", lambda hashes, reach: iter([np.empty((0, 2), int)] * (len(hashes) == 1)))
    assert set(group_alike(np.repeat(draw(1), 1000, axis=0))) == {0}


def test_no_image_is_no_group() -> None:
    assert group_alike(np.empty((0, 4), np.uint64)).tolist() == []


def test_groups_of_two_kinds_are_joined_where_they_overlap() -> None:
    assert join_groups(np.array([0, 0, 2, 3, 4]), np.array([0, 1, 1, 3, 3])).tolist() == [0, 0, 0, 3, 3]
