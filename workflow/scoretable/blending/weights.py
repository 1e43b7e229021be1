"""The weights of a blend, found on answers to images whose truth is known."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

ROUNDS = 50  # of the greedy selection: weights are multiples of 1/50 or larger

Worth = Callable[[NDArray[np.float64]], tuple[float, float]]


def greedy_weights(terms: NDArray[np.floating], worth: Worth, rounds: int = ROUNDS) -> NDArray[np.float64]:
    """Return weights (rows,) by selection with replacement (Caruana et al. 2004, ICML, section 2).

    Args:
        terms: float (rows, n, columns), what is averaged of the rows' answers.
        worth: how good a mean of terms is, the larger the better; compared by its first number, then its second.
        rounds: how many rows are drawn into the bag.

    The bag starts with the best row; each round adds the row with which the bag's mean is best, whether or not that is
    better than before. Taken is the best bag of all rounds: among equal ones the first.
    """
    counts, total = np.zeros(len(terms), np.int64), np.zeros(terms.shape[1:], np.float64)
    best_worth, best = (-np.inf, -np.inf), counts
    for size in range(1, rounds + 1):
        tried = [worth((total + term) / size) for term in terms]
        place = max(range(len(tried)), key=tried.__getitem__)
        counts[place] += 1
        total += terms[place]
        if tried[place] > best_worth:
            best_worth, best = tried[place], counts.copy()
    return best / best.sum()


def nnls_weights(terms: NDArray[np.floating], targets: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return weights (rows,) by non-negative least squares (Breiman 1996, Machine Learning 24:49), made to add up to 1.

    targets: float (n, columns), what perfect answers would be. Equal weights where no row tells anything.
    """
    from scipy.optimize import nnls

    columns = terms.reshape(len(terms), -1).T.astype(np.float64)
    found, _ = nnls(columns, targets.ravel().astype(np.float64))
    return np.asarray(found / found.sum() if found.any() else np.full(len(terms), 1 / len(terms)))
