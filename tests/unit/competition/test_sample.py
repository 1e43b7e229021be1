"""A sample submission without rows is filled with the ids of the test images."""

import pandas as pd
from scoretable.competition.sample import with_rows
from unit.archives import competition

LAYOUT = competition(submission={"id_column": "id"}).submission


def test_a_header_gets_a_row_for_each_id_in_the_columns_order() -> None:
    filled = with_rows(pd.DataFrame(columns=["label", "id"], dtype=str), LAYOUT, ["b", "a"])
    assert filled.to_dict("list") == {"label": ["", ""], "id": ["b", "a"]}
    assert list(filled.columns) == ["label", "id"]


def test_a_sample_with_a_row_stays_as_it_is() -> None:
    sample = pd.DataFrame({"id": ["a"], "label": ["0"]})
    assert with_rows(sample, LAYOUT, ["a", "b"]) is sample
