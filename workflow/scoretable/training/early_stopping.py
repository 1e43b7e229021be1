"""Ending a training that no longer improves."""

from collections.abc import Sequence

from scoretable.competition.metric import METRICS


def best_epoch(history: Sequence[dict[str, float]], watched: str) -> int:
    """Return the place of the best epoch: by `watched` of the validation, among equal ones by the loss, then the first.

    watched: 'loss', or a metric that is recorded each epoch and better in the direction that METRICS names.
    """
    sign = 1 if watched != "loss" and METRICS[watched].larger_is_better else -1  # type: ignore[index]
    values = [(sign * entry[f"val_{watched}"], -entry["val_loss"]) for entry in history]
    return values.index(max(values))


def is_over(history: Sequence[dict[str, float]], patience: int | None, watched: str) -> bool:
    """Tell whether the last `patience` epochs brought no better one; never where it is None."""
    if patience is None or not history:
        return False
    return len(history) - 1 - best_epoch(history, watched) >= patience
