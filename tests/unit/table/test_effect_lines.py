"""Effects and curves are told in lines that a person reads."""

import re
from pathlib import Path

import pytest
from made_experiments import add_experiment
from scoretable.table.effect_lines import curve_lines, effect_lines, effect_sentences, show_chance, show_more
from scoretable.table.table import ScoreTable, read_score_table
from scoretable.uncertainty.differences import Difference


@pytest.fixture
def table(repository: Path) -> ScoreTable:
    """Three numbers of epochs, the first with two draws."""
    for epochs, seed, public in ((5, 0, 0.5), (5, 1, 0.52), (7, 0, 0.6), (9, 0, 0.53)):
        add_experiment(repository, f"e{epochs}-{seed}", 0.5, public=public, epochs=epochs, seed=seed)
    return read_score_table(repository)


def test_an_effect_is_told_with_its_rows_and_what_would_settle_it(table: ScoreTable) -> None:
    line = next(line for line in effect_lines(table) if line["effect"] == "batch_size 32 → 16")
    assert (line["rows"], line["where"], line["change"]) == ("6 and 7 → 8", "as reported", "+0.07886")
    assert re.fullmatch(r"-0\.\d{4} to \+0\.\d{4}", line["95% interval"])
    assert line["verdict"] == "within noise"
    assert re.fullmatch(r"\d+ in 100", line["noise alone"])
    assert re.fullmatch(r"\d+ more seeds each", line["to settle it"])


def test_effects_within_noise_can_be_left_out(table: ScoreTable) -> None:
    assert len(list(effect_lines(table))) == 8
    assert len(list(effect_lines(table, most_quiet=2))) == 2
    *_, last = effect_sentences(table, most_quiet=2)
    assert last == "Of 8 effects within noise, the first 2 are listed."
    assert last not in effect_sentences(table, most_quiet=8)


def test_a_curve_has_a_line_for_each_value(table: ScoreTable) -> None:
    lines = list(curve_lines(table))
    assert [(line["curve"], line["value"], line["draws"]) for line in lines] == [
        ("epochs", "5", "2"), ("epochs", "7", "1"), ("epochs", "9", "1"),
    ]  # fmt: skip


def test_it_is_said_whose_spread_counts_for_single_draws(table: ScoreTable) -> None:
    told = " ".join(effect_sentences(table))
    assert "as reported: to settings with one draw, rows 6 and 7 lent their spread (1 degree of freedom)." in told
    assert "sandbox: to settings with one draw, rows e5-0 lent their spread (1 degree of freedom)." in told
    assert "Holm" in told


def test_it_is_said_where_nothing_is_known_of_other_seeds(repository: Path) -> None:
    add_experiment(repository, "one", 0.5, public=0.5)
    add_experiment(repository, "two", 0.6, public=0.6, epochs=6)
    table = read_score_table(repository)
    assert any("sandbox: no setting has two draws" in told for told in effect_sentences(table))
    (line,) = (line for line in effect_lines(table) if line["where"] == "sandbox")
    assert (line["verdict"], line["95% interval"], line["to settle it"]) == ("unknown", "-", "a second seed")


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (None, "-"), (1.0, "100 in 100"), (0.996, "100 in 100"), (0.283, "28 in 100"), (0.01, "1 in 100"),
        (0.0042, "4.2 in 1,000"), (0.0004, "4 in 10,000"), (1e-6, "under 1 in 10,000"),
    ],
)  # fmt: skip
def test_a_chance_is_told_as_so_many_of_so_many(chance: float | None, told: str) -> None:
    assert show_chance(chance) == told


def test_a_difference_too_small_for_more_seeds_is_called_so() -> None:
    change = Difference(0.01, -0.1, 0.1, "within noise", 0.9)
    assert show_more(None, change) == "over 20 more seeds each"
    assert show_more(1, change) == "1 more seed each"
    assert show_more(None, Difference(0.2, 0.1, 0.3, "larger", 0.01)) == "-"
