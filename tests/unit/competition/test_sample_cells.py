"""Cells of a sample show whether labels, lists of labels or numbers are wanted."""

import pandas as pd
import pytest
from scoretable.competition.sample_cells import (
    Kind,
    count_ranks,
    name_shortly,
    refuse_class_cells,
    refuse_number_cells,
    tell_kind,
)
from scoretable.competition.task import Form
from scoretable.workspace.errors import InputError
from unit.archives import competition


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["", "  "], Kind.EMPTY),
        (["1", " -2 ", "+3", ""], Kind.WHOLE),
        (["1", "0.5"], Kind.FRACTIONS),
        (["1e3"], Kind.FRACTIONS),
        (["1", "a"], Kind.TEXT),
        (["nan", "1.5"], Kind.TEXT),
    ],
)
def test_cells_are_of_the_kind_that_all_filled_ones_are_of(cells: list[str], kind: Kind) -> None:
    assert tell_kind(pd.Series(cells)) == kind


@pytest.mark.parametrize(
    ("cells", "classes", "ranks"),
    [
        (["a b c", "a", ""], ["a", "b"], 3),
        (["brown spot"], ["brown spot", "rust"], 1),
        (["brown spot", "rust x"], ["brown spot", "rust"], 2),
        (["x y"], ["a", "b"], 1),
        (["9 8"], ["1", "2"], 2),
        (["9 8"], ["1", "b"], 1),
        (["9 x"], ["1", "2"], 1),
        ([""], ["a", "b"], 1),
    ],
)
def test_ranks_are_as_many_as_the_longest_list_of_classes_has(cells: list[str], classes: list[str], ranks: int) -> None:
    assert count_ranks(pd.Series(cells), classes) == ranks


def test_three_names_are_shown_and_sixteen_characters_of_each() -> None:
    assert name_shortly(["a" * 16, "b" * 17, "c"]) == f"{'a' * 16}, {'b' * 16}..., c"
    assert name_shortly(list("abcd")) == "a, b, c, ..."


@pytest.mark.parametrize(
    ("cells", "classes"),
    [
        (["brown spot"], ["brown spot", "rust"]),
        (["0.5", "1.5"], ["0.5", "1.5"]),
        (["rust", "?"], ["blast", "rust"]),
        (["7", "7"], ["1", "2"]),
        (["", " "], ["blast", "rust"]),
    ],
)
def test_labels_are_wanted_where_cells_are_classes_in_part_or_one_number_throughout(
    cells: list[str], classes: list[str]
) -> None:
    refuse_class_cells(pd.Series(cells), "label", competition(), classes)


@pytest.mark.parametrize(
    ("cells", "classes", "message"),
    [
        (
            ["x", "y"],
            ["cat", "dog"],
            "has the answer x, y, none of the classes (cat, dog): correct train.label_column or task.",
        ),
        (["x"], ["cat", "dog"], "or task, or set submission.placeholder: x if that is no answer."),
        (["7", "8"], ["1", "2"], "has the answer 7, 8, none of the classes (1, 2)"),
        (
            ["1", "0.5"],
            ["1", "2"],
            "has the number 0.5 where submission.form: label would write a class such as 1: set",
        ),
    ],
)
def test_labels_are_refused_where_the_sample_has_other_cells(
    cells: list[str], classes: list[str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        refuse_class_cells(pd.Series(cells), "label", competition(), classes)
    assert message in str(caught.value)


def test_the_first_text_is_named_where_numbers_would_be_written() -> None:
    with pytest.raises(InputError, match=r"has the answer dog where submission\.form: numbers would write a number"):
        refuse_number_cells(pd.Series(["1", "dog", "cat"]), "numbers", competition(task="regression"))


@pytest.mark.parametrize(
    ("cells", "form", "keys", "message"),
    [
        (["dog"], "probability", {"task": "binary", "metric": "accuracy"}, "set submission.form: label in"),
        (
            ["3", "4"],
            "numbers",
            {"task": "regression"},
            "has whole numbers only, such as 3, which may stand for classes",
        ),
        (["0.5", "1.5"], "probability", {"task": "binary"}, "has the number 1.5 where submission.form: probability"),
        (["0", "-0.5"], "columns", {}, "has the number -0.5 where submission.form: columns"),
    ],
)
def test_cells_that_are_no_such_numbers_are_refused(
    cells: list[str], form: Form, keys: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        refuse_number_cells(pd.Series(cells), form, competition(**keys))
    assert message in str(caught.value)


@pytest.mark.parametrize("cells", [["0", "1", "0.5"], ["7", "7"]])
def test_a_probability_may_stand_for_any_share_or_for_one_number_throughout(cells: list[str]) -> None:
    refuse_number_cells(pd.Series(cells), "probability", competition(task="binary"))
