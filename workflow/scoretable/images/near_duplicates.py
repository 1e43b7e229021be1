"""Near duplicates among the training images, as groups that a fold holds out together."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from scoretable.duplicates.alike import group_alike, join_groups
from scoretable.duplicates.perceptual_hash import perceptual_hashes
from scoretable.workspace.errors import InputError

MOST_TOGETHER = 0.5  # share of the images: with more, no fold could hold out a fair part


def keep_together(table: pd.DataFrame, pixels: np.ndarray) -> tuple[pd.DataFrame, int]:
    """Return the table of training images with the column group, and how many images look like another one.

    `table`: as train.csv of the image cache, perhaps with groups of the competition's own, which stay together too.
    `pixels`: uint8 (n, H, W, 3), perhaps a memory map. An image alone has the group ''. Raises InputError where half of
    the images would be in one group.
    """
    alike = group_alike(perceptual_hashes(pixels))
    groups = alike if "group" not in table else join_groups(alike, _numbers(table["group"]))
    sizes = np.bincount(groups, minlength=len(table))[groups]
    if sizes.max(initial=0) > max(MOST_TOGETHER * len(table), 2):
        raise InputError(
            f"group: duplicates puts {sizes.max()} of {len(table)} training images into one group, since each looks "
            "like the next one, so they cannot be shared out over folds: set group: none in params.yaml."
        )
    names = np.where(sizes > 1, groups.astype(str), "")
    with_groups = table.drop(columns="group", errors="ignore")
    with_groups.insert(list(with_groups).index("label") + 1, "group", names)
    return with_groups, int((np.bincount(alike, minlength=len(table))[alike] > 1).sum())


def _numbers(names: pd.Series) -> NDArray[np.int64]:
    """Return the place of the first image of each group; an image whose group is blank has its own."""
    alone = names.str.strip() == ""
    places = np.arange(len(names))
    firsts = pd.Series(places).groupby(names.to_numpy()).transform("min").to_numpy()
    return np.where(alone, places, firsts).astype(np.int64)
