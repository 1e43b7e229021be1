"""Ending a training that no longer gets better."""

from scoretable.training.early_stopping import best_epoch, is_over


def history(*losses: float) -> list[dict[str, float]]:
    return [{"val_loss": loss} for loss in losses]


def test_the_best_epoch_is_the_first_with_the_lowest_loss() -> None:
    assert best_epoch([3.0, 1.0, 2.0, 1.0]) == 1


def test_a_training_is_over_when_the_last_epochs_brought_nothing() -> None:
    assert not is_over(history(3, 2, 2.5), patience=2)
    assert is_over(history(3, 2, 2.5, 2.5), patience=2)


def test_without_patience_it_is_never_over() -> None:
    assert not is_over(history(1, 2, 3, 4), patience=None)
    assert not is_over([], patience=1)
