"""Ending a training that no longer gets better."""

from scoretable.training.early_stopping import best_epoch, is_over


def history(*losses: float) -> list[dict[str, float]]:
    return [{"val_loss": loss} for loss in losses]


def test_the_best_epoch_is_the_first_with_the_lowest_loss() -> None:
    assert best_epoch(history(3.0, 1.0, 2.0, 1.0), "loss") == 1


def test_the_best_epoch_by_an_accuracy_has_the_largest_one_and_not_the_lowest_loss() -> None:
    assert best_epoch([{"val_accuracy": 0.9, "val_loss": 2.0}, {"val_accuracy": 0.8, "val_loss": 1.0}], "accuracy") == 0


def test_the_best_epoch_by_an_error_of_numbers_has_the_smallest_one() -> None:
    assert best_epoch([{"val_rmse": 3.0, "val_loss": 1.0}, {"val_rmse": 2.0, "val_loss": 2.0}], "rmse") == 1


def test_among_equal_scores_the_lowest_loss_is_best() -> None:
    assert best_epoch([{"val_accuracy": 0.9, "val_loss": 2.0}, {"val_accuracy": 0.9, "val_loss": 1.0}], "accuracy") == 1


def test_an_epoch_whose_score_is_no_number_is_never_best() -> None:
    nan = float("nan")
    assert best_epoch([{"val_auc": nan, "val_loss": nan}, {"val_auc": 0.1, "val_loss": 9.0}], "auc") == 1
    assert best_epoch([{"val_rmse": 3.0, "val_loss": 1.0}, {"val_rmse": nan, "val_loss": 0.5}], "rmse") == 0


def test_a_training_is_over_when_the_last_epochs_brought_nothing() -> None:
    assert not is_over(history(3, 2, 2.5), patience=2, watched="loss")
    assert is_over(history(3, 2, 2.5, 2.5), patience=2, watched="loss")


def test_without_patience_it_is_never_over() -> None:
    assert not is_over(history(1, 2, 3, 4), patience=None, watched="loss")
    assert not is_over([], patience=1, watched="loss")
