"""Ending a training that no longer improves."""


def best_epoch(validation_losses: list[float]) -> int:
    """Return the place of the lowest loss, the first of equal ones."""
    return validation_losses.index(min(validation_losses))


def is_over(history: list[dict[str, float]], patience: int | None) -> bool:
    """Tell whether the last `patience` epochs brought no lower validation loss; never where it is None."""
    if patience is None or not history:
        return False
    return len(history) - 1 - best_epoch([entry["val_loss"] for entry in history]) >= patience
