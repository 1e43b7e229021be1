"""Ending a training that no longer improves."""

from collections.abc import Sequence
from math import inf, isnan

from scoretable.competition.metric import METRICS


def rank_epochs(history: Sequence[dict[str, float]], watched: str) -> list[tuple[float, float]]:
    """Return a pair for each epoch that is larger where it is better: by `watched` of the validation, then by the loss.

    watched: 'loss', or a metric of METRICS, which says in which direction it is better. What is no number is worst.
    """
    sign = 1 if watched != "loss" and METRICS[watched].larger_is_better else -1  # type: ignore[index]
    pairs = [(sign * entry[f"val_{watched}"], -entry["val_loss"]) for entry in history]
    return [(-inf if isnan(value) else value, -inf if isnan(loss) else loss) for value, loss in pairs]


def best_epoch(history: Sequence[dict[str, float]], watched: str) -> int:
    """Return the place of the best epoch, of equal ones the first."""
    ranks = rank_epochs(history, watched)
    return ranks.index(max(ranks))


def is_over(history: Sequence[dict[str, float]], patience: int | None, watched: str) -> bool:
    """Tell whether the last `patience` epochs brought no better one; never where it is None."""
    if patience is None or not history:
        return False
    return len(history) - 1 - best_epoch(history, watched) >= patience
