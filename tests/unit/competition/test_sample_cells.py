"""Cells of a sample show whether labels, lists of labels or numbers are wanted."""

import pandas as pd
import pytest
from scoretable.competition.sample_cells import Kind, count_ranks, name_shortly, tell_kind


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
