"""Images a class and a fold, for each kind of labels."""

import numpy as np
import pandas as pd
from scoretable.audit.classes import hold_out, list_classes
from scoretable.competition.targets import build_targets, group_targets
from scoretable.competition.task import Task
from scoretable.images.image_cache import ImageCache


def cache(labels: list[str], classes: list[str], task: Task) -> ImageCache:
    table = pd.DataFrame({"label": labels})
    groups = group_targets(build_targets(table["label"], classes, task, " "), task)
    empty = np.zeros((len(labels), 1, 1, 3), np.uint8)
    return ImageCache(empty, empty, table, table, groups, classes, "", task)


def test_the_largest_class_comes_first_with_what_each_fold_holds_out() -> None:
    made = cache(["b"] * 4 + ["a"] * 8, ["a", "b"], "multiclass")
    held_out = hold_out(made, folds=4, seed=0)
    found = list_classes(made, held_out)
    assert [(each.name, len(each.rows), each.folds) for each in found] == [("a", 8, [2] * 4), ("b", 4, [1] * 4)]
    assert sorted(np.concatenate(held_out)) == list(range(12))


def test_an_image_of_several_labels_is_in_the_class_of_each() -> None:
    made = cache(["a b", "a", "", "b", "a b"], ["a", "b"], "multilabel")
    found = {each.name: each.rows.tolist() for each in list_classes(made, [])}
    assert found == {"a": [0, 1, 4], "b": [0, 3, 4], "(no label)": [2]}


def test_numbers_are_told_in_ranges() -> None:
    made = cache([str(number) for number in range(40)], [], "regression")
    found = list_classes(made, [np.arange(30)])
    assert [(each.name, len(each.rows), each.folds) for each in found] == [
        ("1: 0 to 19", 20, [20]),
        ("2: 20 to 39", 20, [10]),
    ]


def test_of_many_folds_ten_are_counted() -> None:
    assert len(hold_out(cache(["a", "b"] * 20, ["a", "b"], "multiclass"), folds=20, seed=0)) == 10
