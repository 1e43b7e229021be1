"""A sample submission is read clean and as it stands, and one without rows gets the ids of the test images."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scoretable.competition.sample import read_both, read_sample, with_rows
from scoretable.workspace.errors import InputError
from unit.archives import competition, make_zip

LAYOUT = competition(submission={"id_column": "id"}).submission
Read = Callable[[Path], pd.DataFrame]
READ: dict[str, Read] = {
    "alone": lambda path: read_sample(path, LAYOUT, "cp949"),
    "both": lambda path: read_both(path, LAYOUT, "cp949", ["not in the sample"])[0],
}
each_way = pytest.mark.parametrize("read", READ.values(), ids=READ)


def archive(folder: Path, sample: str, name: str = "sample_submission.csv") -> Path:
    return make_zip(folder / "a.zip", {name: sample.encode("cp949")})


@each_way
def test_a_sample_is_read_clean_in_the_encoding_of_the_tables(read: Read, tmp_path: Path) -> None:
    sample = read(archive(tmp_path, "id ,label\n01,벼 \n"))
    assert sample.to_dict("list") == {"id": ["01"], "label": ["벼"]}


@each_way
@pytest.mark.parametrize(
    ("sample", "refusal"),
    [
        ("ids,note\n", " has no column id (it has ids, note): set submission.id_column: ids."),
        ("1.jpg,0\n2.jpg,0\n", " has no header: its first row names the image 1.jpg, but a grader "),
        ("id,label,note\n1,0,=F(1)\n", ", column note: 1 value that a spreadsheet would run"),
        ("id,label,=F(1)\n1,0,0\n", ", column =F(1): 1 value that a spreadsheet would run"),
    ],
)
def test_a_sample_that_cannot_be_handed_in_is_refused(read: Read, sample: str, refusal: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(archive(tmp_path, sample))
    assert f"sample_submission.csv{refusal}" in str(caught.value).replace(" in the archive", "")


@each_way
def test_where_there_is_no_sample_the_likely_one_is_named_with_its_key(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"set submission\.sample: sample_submissions\.csv"):
        read(archive(tmp_path, "id,label\n", "sample_submissions.csv"))


@pytest.mark.parametrize(
    ("rows", "clean", "spelt"),
    [(" b ,1\n", [["b", "1"]], [[" b ", "1"]]), ("", [["a", ""]], [["a", ""]])],
)
def test_beside_the_clean_sample_stands_what_a_grader_looks_for(
    rows: str, clean: list[list[str]], spelt: list[list[str]], tmp_path: Path
) -> None:
    both = read_both(archive(tmp_path, f"id ,label\n{rows}"), LAYOUT, None, ["a"])
    assert [list(table.columns) for table in both] == [["id", "label"], ["id ", "label"]]
    assert [table.to_numpy().tolist() for table in both] == [clean, spelt]


def test_a_header_gets_a_row_for_each_id_in_the_columns_order() -> None:
    filled = with_rows(pd.DataFrame(columns=["label", "id"], dtype=str), LAYOUT, ["b", "a"])
    assert filled.to_dict("list") == {"label": ["", ""], "id": ["b", "a"]}
    assert list(filled.columns) == ["label", "id"]


def test_a_sample_with_a_row_stays_as_it_is() -> None:
    sample = pd.DataFrame({"id": ["a"], "label": ["0"]})
    assert with_rows(sample, LAYOUT, ["a", "b"]) is sample
