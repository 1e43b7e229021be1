"""The score table for the terminal, as Markdown and as CSV."""

import io
import re
from pathlib import Path

import pandas as pd
import pytest
from made_experiments import add_experiment, make_repository
from scoretable.cli import main as cli
from scoretable.table.export import write_csv
from scoretable.table.table import ScoreTable, read_score_table
from scoretable.table.text import (
    duration,
    other_versions,
    repeated_rows,
    table_lines,
    write_text,
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> ScoreTable:
    """Two draws of a rerun of row 8, one of row 2, and a row that reruns nothing."""
    repository = make_repository(tmp_path_factory.mktemp("table") / "repository")
    for seed, public in enumerate((0.7, 0.8)):
        add_experiment(repository, f"again-{seed}", public, public=public, reruns=8, seed=seed)
    add_experiment(repository, "row-2-sandbox", 0.5, reruns=2)
    add_experiment(repository, "own", 0.6)
    return read_score_table(repository)


def test_terminal_and_markdown_have_all_reported_rows(table: ScoreTable) -> None:
    numbers = [str(number) for number in range(1, 9)]
    assert re.findall(r"^\| (\d+) +\| reported ", write_text(table, "github"), re.MULTILINE) == numbers
    assert re.findall(r"^(\d+) +reported ", write_text(table, "simple"), re.MULTILINE) == numbers


def test_each_rerun_stands_below_its_row_and_other_rows_at_the_end(table: ScoreTable) -> None:
    places = [(line["row"], line["name"]) for line in table_lines(table)]
    assert places[1:3] == [("2", "reported"), ("2", "row-2-sandbox")]
    assert places[-3:] == [("8", "reported"), ("8", "again-0"), ("-", "own")]


def test_a_reported_score_stands_with_its_count(table: ScoreTable) -> None:
    shown = {line["row"]: line["public"] for line in table_lines(table) if line["name"] == "reported"}
    assert shown["8"] == "0.90003 (2341 of 2601)"
    assert shown["7"] == "0.80151 (no k of 2601 gives it)"
    assert shown["5"] == "- (no score)"


def test_a_single_draw_stands_with_its_count(table: ScoreTable) -> None:
    (line,) = (line for line in table_lines(table) if line["name"] == "own")
    assert (line["draws"], line["validation"], line["public"]) == ("1", "0.60000 (60 of 100)", "-")


def test_several_draws_stand_with_mean_deviation_and_interval(table: ScoreTable) -> None:
    (line,) = (line for line in table_lines(table) if line["name"] == "again-0")
    assert (line["draws"], line["public"]) == ("2", "0.75000 ± 0.07071 (0.0932 to 1.0000)")


def test_the_draws_of_one_setting_are_named_with_their_spread(table: ScoreTable) -> None:
    assert repeated_rows(table).startswith("Rows 6 and 7 are draws of one setting: 0.82117 ± 0.02780 ")


def test_what_is_odd_about_a_report_stands_below_the_table(table: ScoreTable) -> None:
    text = write_text(table, "simple")
    assert re.search(r"^Row 1: .*VGG19", text, re.MULTILINE)
    assert re.search(r"^Row 5: .*Cancelled", text, re.MULTILINE)
    assert re.search(r"^Row 7: .*No k of the 2601", text, re.MULTILINE)


def test_rows_of_other_versions_are_no_draws_of_one_setting_and_are_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    add_experiment(repository, "old", 0.5, versions={"keras": "3.14.0", "numpy": "2.4.6"}, seed=0)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T00:00:00Z")
    add_experiment(repository, "new", 0.6, versions={"keras": "3.15.1", "numpy": "2.4.6"}, seed=1)
    table = read_score_table(repository)
    assert [setting.title for setting in table.settings] == ["old", "new"]
    (sentence,) = other_versions(table)
    assert sentence == "old was trained with different versions from new: keras 3.14.0."
    assert sentence in write_text(table, "simple")


def test_rows_of_the_same_versions_need_no_word(repository: Path) -> None:
    for seed in (0, 1):
        add_experiment(repository, f"row-{seed}", 0.5, versions={"keras": "3.15.1"}, seed=seed)
    assert list(other_versions(read_score_table(repository))) == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.4, "0 s"), (42, "42 s"), (59.6, "1 min 0 s"), (303, "5 min 3 s"), (27368, "7 h 36 min")],
)
def test_a_duration_is_shown_in_its_two_largest_units(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_the_csv_begins_with_what_was_reported(table: ScoreTable) -> None:
    read = pd.read_csv(io.StringIO(write_csv(table)))[:8]
    assert read["reruns"].tolist() == [f"paddy/{number}" for number in range(1, 9)]
    assert read["public"].dropna().tolist() == [0.44982, 0.63129, 0.66243, 0.73241, 0.84083, 0.80151, 0.90003]


def test_a_draw_parses_back_from_the_csv_with_params_and_commits(repository: Path) -> None:
    name = 'one,"two"'
    revision = add_experiment(repository, name, 0.6, public=0.5, image_size="448x320", augment=["flip", "crop"])
    draw = pd.read_csv(io.StringIO(write_csv(read_score_table(repository)))).iloc[8]
    assert (draw["name"], draw["experiment"], draw["public"]) == (name, revision, 0.5)
    assert (draw["image_size"], draw["augment"], draw["correct"]) == ("448x320", "['flip', 'crop']", 60)


def test_costs_have_a_column_only_where_a_row_has_one_and_always_in_the_csv(
    table: ScoreTable, repository: Path
) -> None:
    add_experiment(repository, "paid", 0.6, cost=1.25)
    paid = read_score_table(repository)
    assert not any("cost" in line for line in table_lines(table))
    assert [(line["name"], line["cost"]) for line in table_lines(paid)][-2:] == [("reported", "-"), ("paid", "1.25")]
    assert {"gpu_seconds", "cost"} <= set(pd.read_csv(io.StringIO(write_csv(table))))
    assert pd.read_csv(io.StringIO(write_csv(paid)))["cost"].iloc[-1] == 1.25


@pytest.mark.parametrize(("suffix", "begin"), [("md", "| row "), ("csv", "name,"), ("html", "<!doctype html>")])
def test_the_command_writes_the_format_that_the_suffix_names(
    repository: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, begin: str
) -> None:
    monkeypatch.chdir(repository)
    assert cli.main(["table", "--output", f"new/table.{suffix}"]) == 0
    assert (repository / f"new/table.{suffix}").read_text().startswith(begin)


def test_the_command_refuses_a_folder_without_git_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["table"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("scoretable: ") and "is not a git repository" in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
