"""Lists in cells, as several programs write them, are labels."""

import pandas as pd
import pytest
from scoretable.competition.label_lists import are_lists, join_lists, read_list
from scoretable.workspace.errors import InputError


@pytest.mark.parametrize(
    "cell", ["['a', 'big b']", '["a","big b"]', "['a' 'big b']", "{a,big b}", "('a', 'big b',)", "[ a , big b ]"]
)
def test_the_texts_of_a_list_are_read_whoever_wrote_it(cell: str) -> None:
    assert read_list(cell) == ["a", "big b"]


@pytest.mark.parametrize("cells", [["['a']", "b"], ["a", "b"], ["", ""], ["[a] b", "[c]"]])
def test_cells_of_which_one_is_no_list_stay_as_they_are(cells: list[str]) -> None:
    assert not are_lists(pd.Series(cells))
    assert join_lists(pd.Series(cells), " ", "train.csv").tolist() == cells


def test_a_label_with_the_separator_in_it_is_refused_with_one_that_it_lacks() -> None:
    with pytest.raises(InputError, match="the label big b has ' ' in it: set label_separator: ','"):
        join_lists(pd.Series(["['a', 'big b']"]), " ", "train.csv, column label")
