"""Each reported row maps to params, and the file keeps what is odd about it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoretable.competition.description import load_competition
from scoretable.models.backbones import nearest_side
from scoretable.rows.params import parse_params
from scoretable.table.proof import count_reported
from scoretable.table.reported_rows import load_reported_rows
from scoretable.table.rerun_params import FULL_SIZE, describe_scale, parse_scale, row_params
from scoretable.workspace.errors import InputError

ROOT = Path(__file__).parents[3]
COMPETITIONS = ROOT / "workflow/competitions"
COMPETITION = "paddy-disease-classification"
HOME = load_competition(COMPETITION, COMPETITIONS)
ROWS = load_reported_rows(ROOT / "workflow/tables/paddy.csv", COMPETITIONS)


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("scale", ["1", "0.5", "images=0.01,epochs=0.01,size=0.1"])
@pytest.mark.parametrize("competition", [COMPETITION, "sandbox", "beans"])
def test_each_row_maps_to_params_that_are_valid(number: int, scale: str, competition: str) -> None:
    params = parse_params(
        row_params(ROWS[number], parse_scale([scale]), competition, HOME, competition == "sandbox"), "a row"
    )
    assert params.model == ROWS[number].params["model"]


def test_a_row_at_full_size_has_what_was_reported() -> None:
    eight = parse_params(row_params(ROWS[8], FULL_SIZE, COMPETITION, HOME), "row 8")
    assert (eight.model, eight.image_size, eight.epochs, eight.batch_size) == ("InceptionV3", 448, 50, 16)
    one = parse_params(row_params(ROWS[1], FULL_SIZE, COMPETITION, HOME), "row 1")
    assert (one.model, one.optimizer, one.learning_rate, one.steps_per_epoch) == ("VGG16", "rmsprop", 0.0001, 100)
    assert one.weights is eight.weights is None


def test_rows_6_and_7_have_the_same_settings() -> None:
    assert ROWS[6].params == ROWS[7].params
    assert ROWS[6].params != ROWS[8].params


def test_six_scores_are_some_k_of_2601_and_that_of_row_7_is_none() -> None:
    counts = {number: count_reported(row) for number, row in ROWS.items()}
    assert [counts[number].split()[0] for number in (1, 2, 3, 4, 6, 8)] == [
        "1170",
        "1642",
        "1723",
        "1905",
        "2187",
        "2341",
    ]
    assert counts[7] == "no k of 2601 gives it"
    assert counts[5] == "no score"


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "VGG19"), (1, r"224*244"), (5, "Cancelled"), (7, "same settings as row 6"), (7, "No k of the 2601")],
)
def test_the_file_keeps_what_is_odd(number: int, words: str) -> None:
    assert words in ROWS[number].note


@given(st.floats(0.001, 1), st.sampled_from(sorted(ROWS)))
def test_a_scaled_row_trains_something_that_its_network_takes(factor: float, number: int) -> None:
    params = row_params(ROWS[number], parse_scale([str(factor)]), "sandbox", HOME, is_drawn=True)
    assert params["image_size"] == nearest_side(params["model"], params["image_size"])
    assert min(params["epochs"], params.get("steps_per_epoch") or 1) >= 1


def test_scales_are_read_one_for_all_or_by_name() -> None:
    assert parse_scale(["0.5"]) == {"images": 0.5, "epochs": 0.5, "size": 0.5}
    assert parse_scale(["0.5,size=1", "epochs=0.1"]) == {"images": 0.5, "epochs": 0.1, "size": 1.0}
    assert describe_scale(parse_scale(["epochs=0.1"])) == "epochs x 0.1"


@pytest.mark.parametrize("text", ["0", "1.5", "-1", "many", "width=0.5", "epochs=", ""])
def test_what_is_no_scale_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^--scale .* is not a factor"):
        parse_scale([text])


def test_a_damaged_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(b"row,model\n1,VGG\xff16\n")
    with pytest.raises(InputError, match=r"table.csv cannot be read as a CSV table in UTF-8"):
        load_reported_rows(tmp_path / "table.csv", COMPETITIONS)


@pytest.mark.parametrize(("end", "told"), [(",one, too many", "row 8 has not one"), ("\n9,VGG16", "row 9 has not one")])
def test_a_row_has_one_cell_for_each_column(tmp_path: Path, end: str, told: str) -> None:
    text = (ROOT / "workflow/tables/paddy.csv").read_text(encoding="utf-8")
    (tmp_path / "table.csv").write_text(text.rstrip() + end + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_reported_rows(tmp_path / "table.csv", COMPETITIONS)


def test_a_spreadsheets_mark_of_its_encoding_changes_nothing(tmp_path: Path) -> None:
    text = (ROOT / "workflow/tables/paddy.csv").read_text(encoding="utf-8")
    (tmp_path / "table.csv").write_text(text, encoding="utf-8-sig")
    assert {
        number: replace(row, table="paddy")
        for number, row in load_reported_rows(tmp_path / "table.csv", COMPETITIONS).items()
    } == ROWS
