"""Near duplicates have one group, beside those of the competition; `drop` and `group` from the archive to the folds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scoretable.images.image_cache import ImageCache, open_cache
from scoretable.images.near_duplicates import keep_together
from scoretable.images.preprocessing import build_cache
from scoretable.sandbox.photo import draw_leaf
from scoretable.training.folds import split_fold
from scoretable.workspace.errors import InputError
from unit.archives import competition, encode, leaves, make_zip, photo


def pictures(*seeds: int) -> np.ndarray:
    return np.stack([np.asarray(photo(64, 64, seed)) for seed in seeds])


def table(count: int, groups: list[str] | None = None) -> pd.DataFrame:
    columns = {"id": [f"{place}.jpg" for place in range(count)], "label": "a"}
    return pd.DataFrame(columns | ({} if groups is None else {"group": groups}))


def test_an_image_alone_has_a_blank_group() -> None:
    found, alike = keep_together(table(5), pictures(1, 2, 1, 3, 4))
    assert list(found) == ["id", "label", "group"]
    assert found["group"].tolist() == ["0", "", "0", "", ""]
    assert alike == 2


def test_groups_of_the_competition_are_joined_by_near_duplicates() -> None:
    found, alike = keep_together(table(6, ["p", "q", "q", " ", " ", "r"]), pictures(1, 2, 1, 3, 4, 5))
    assert found["group"].tolist() == ["0", "0", "0", "", "", ""]
    assert alike == 2


def test_rows_left_out_before_make_no_difference() -> None:
    rows = table(6).drop(index=[0, 3])
    assert keep_together(rows, pictures(1, 2, 3, 2))[0]["group"].tolist() == ["", "1", "", "1"]


def test_images_that_are_all_alike_are_refused() -> None:
    with pytest.raises(InputError, match=r"puts 4 of 6 training images into one group.*set group: none"):
        keep_together(table(6), pictures(1, 1, 1, 1, 2, 3))


def build(folder: Path, **settings: Any) -> ImageCache:
    """Ten photos, of which the last four are the first four, saved again."""
    members = leaves(10)
    for number in range(10):
        label, picture = ["blast", "normal"][number % 2], draw_leaf("blast", np.random.default_rng(number % 6))
        members[f"train_images/{label}/{number}.jpg"] = encode(Image.fromarray(picture), quality=90 - 5 * number)
    build_cache(
        make_zip(folder / "a.zip", members), competition(), folder / "cache", 64, 64, "stretch", "ignore", 0.0,
        "refuse", **settings,
    )  # fmt: skip
    return open_cache(folder / "cache")


def sides_of_copies(cache: ImageCache) -> set[tuple[bool, bool]]:
    """Whether each of two copies is held out, for all folds."""
    found = set()
    for fold in range(5):
        held_out = np.isin(np.arange(10), split_fold(cache.labels, 5, fold, 0, cache.groups)[1])
        found |= {(bool(held_out[place]), bool(held_out[place + 6])) for place in range(4)}
    return found


def test_only_with_group_duplicates_a_fold_holds_both_copies_out(tmp_path: Path) -> None:
    assert sides_of_copies(build(tmp_path)) == {(False, False), (True, False), (False, True)}
    assert sides_of_copies(build(tmp_path, group="duplicates")) == {(False, False), (True, True)}


def test_dropped_images_are_in_no_array_and_no_table(tmp_path: Path) -> None:
    before = build(tmp_path)
    path = tmp_path / "drop.txt"
    path.write_text("# saved twice\n6.jpg\n\n9.jpg\n")
    after = build(tmp_path, drop=path)
    assert after.train["id"].tolist() == [f"{number}.jpg" for number in (0, 1, 2, 3, 4, 5, 7, 8)]
    assert np.array_equal(after.train_images, np.asarray(before.train_images)[[0, 1, 2, 3, 4, 5, 7, 8]])
    assert after.fingerprint != before.fingerprint
    skipped = json.loads((tmp_path / "cache/manifest.json").read_text())["skipped"]
    assert skipped == [{"id": f"{n}.jpg", "split": "train", "reason": f"listed in {path}"} for n in (6, 9)]
