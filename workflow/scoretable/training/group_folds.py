"""Folds of groups: images that share something stay together, and each class is shared out as evenly as that allows."""

import warnings

import numpy as np

MOST_CELLS = 500_000  # groups x classes that scikit-learn shares out: 5,000 x 100 take half a minute


def share_out_groups(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return the fold of each row, int (n,), so that rows of equal `groups` have the same.

    Up to `MOST_CELLS` it is that of scikit-learn's StratifiedGroupKFold, whose time and memory grow with groups x
    classes. Beyond, it is that of `share_out_many`. Some folds may have no row.
    """
    if len(np.unique(groups)) * len(np.unique(labels)) > MOST_CELLS:
        return share_out_many(labels, groups, folds, seed)
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
    found = np.empty(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for place, (_, rows) in enumerate(splitter.split(labels, labels, groups)):
            found[rows] = place
    return found


def share_out_many(labels: np.ndarray, groups: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """Return the fold of each row, in a time that grows with the rows and not with the classes.

    The groups, shuffled and the largest first, go one by one to the fold where the sum over their own classes of
    (images of the class in the fold / images of the class)^2 grows least; of equal folds to the one with the fewest
    images. Other classes do not change by a group, so they need not be looked at.
    """
    _, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    _, classes, totals = np.unique(labels, return_inverse=True, return_counts=True)
    cells, counts = np.unique(places * len(totals) + classes, return_counts=True)
    starts = np.searchsorted(cells, np.arange(len(sizes) + 1) * len(totals))
    columns, growth = cells % len(totals), counts / totals[cells % len(totals)] ** 2
    held, images, found = np.zeros((len(totals), folds)), [0] * folds, np.empty(len(sizes), np.int64)
    order = np.random.default_rng(seed).permutation(len(sizes))
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        own = slice(starts[group], starts[group + 1])
        costs = (growth[own] @ held[columns[own]]).tolist()
        _, _, best = min(zip(costs, images, range(folds), strict=True))
        held[columns[own], best] += counts[own]
        images[best] += int(sizes[group])
        found[group] = best
    return found[places]
