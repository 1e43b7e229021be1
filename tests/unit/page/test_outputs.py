"""Curves, confusion matrices and recalls come to the page small, and as numbers that JSON knows."""

from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.experiments.experiment import Experiment, find_experiment
from scoretable.page import outputs
from scoretable.page.interning import Interned
from scoretable.page.outputs import read_confusion, read_curves, read_recall


@pytest.fixture
def row(repository: Path) -> Experiment:
    add_experiment(repository, "one", 0.6, classes=("007", "010"))
    return find_experiment(repository, "one")


def rewrite(row: Experiment, path: str, content: str) -> None:
    place = row.cached(path)
    assert place is not None
    place.write_text(content)


def test_curves_are_those_of_the_competitions_metric_and_of_the_loss(row: Experiment) -> None:
    rewrite(row, "models/history.csv", "epoch,val_loss,val_accuracy,val_log_loss\n1,2,0.2,3\n2,1,0.4,2.5\n")
    assert read_curves(row, "log_loss") == {"log_loss": [[1, 3], [2, 2.5]], "loss": [[1, 2], [2, 1]]}


def test_an_epoch_without_a_finite_value_is_no_point(row: Experiment) -> None:
    rewrite(row, "models/history.csv", "epoch,val_loss\n1,\n2,inf\n3,nan\n4,0.5\n")
    assert read_curves(row, "accuracy") == {"loss": [[4, 0.5]]}


def test_a_long_curve_is_thinned_to_its_last_epoch(row: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "MOST_EPOCHS", 3)
    rewrite(row, "models/history.csv", "epoch,val_loss\n" + "".join(f"{epoch},1\n" for epoch in range(1, 10)))
    assert read_curves(row, "accuracy")["loss"] == [[1, 1], [5, 1], [9, 1]]


def test_of_a_confusion_matrix_the_counts_that_are_not_0_are_kept(row: Experiment) -> None:
    names = Interned()
    assert read_confusion(row, names) == {"rows": 0, "columns": 0, "cells": [0, 0, 1, 0, 1, 1, 1, 1, 2]}
    assert names.values == [("007", "010")]


def test_a_class_with_leading_zeros_keeps_them(row: Experiment) -> None:
    names = Interned()
    assert read_recall(row, names) == {"classes": 0, "values": [0.5, 1]}
    assert names.values == [("007", "010")]


def test_a_row_that_is_cut_off_is_left_out(row: Experiment) -> None:
    rewrite(row, "models/plots/per_class.csv", "class,images,recall\nblast,1,0.5\ntun")
    assert read_recall(row, Interned()) == {"classes": 0, "values": [0.5]}
