"""A remark stays with its row, wherever the row goes."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from made_experiments import add_experiment, git
from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import Experiment, find_experiment, list_experiments
from scoretable.page.page import write_page
from scoretable.table.explanation import explain
from scoretable.table.export import write_csv
from scoretable.table.merging import merge_rows
from scoretable.table.notes import add_note
from scoretable.table.table import read_score_table
from scoretable.table.text import table_lines, write_text
from scoretable.workspace.errors import InputError


@pytest.fixture
def other(repository: Path, tmp_path: Path) -> Path:
    """A clone that has the row `mine`."""
    add_experiment(repository, "mine", 0.5)
    folder = tmp_path / "bob"
    subprocess.run(["git", "clone", "--quiet", str(repository), str(folder)], check=True)
    merge_rows(str(repository), folder)
    return folder


def insight(folder: Path) -> str:
    return find_experiment(folder, "mine").insight


def score(row: Experiment, value: float) -> None:
    files = {"public_score": value, "private_score": None}, {"state": "complete", "public_score": value}
    texts = (json.dumps(content).encode() for content in files)
    amend_experiment(row, files=dict(zip(("models/score.json", "models/submission.json"), texts, strict=True)))


def test_a_row_without_a_remark_has_no_insight(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    assert insight(repository) == ""


def test_a_note_in_any_language_is_the_rows_insight_and_changes_nothing_else(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    before = find_experiment(repository, "mine")
    assert add_note(repository, "mine", "작은 배치가 낫다 | <b>\nand a second line") == (
        "mine: 작은 배치가 낫다 | <b>\nand a second line"
    )
    (row,) = list_experiments(repository)
    assert row.insight == "작은 배치가 낫다 | <b>\nand a second line"
    assert (row.committed, row.baseline, row.params, row.lock) == (
        before.committed, before.baseline, before.params, before.lock,
    )  # fmt: skip
    first, second = git(repository, "show", "--no-patch", "--format=%P", row.revision).split()
    assert (first, second) == (row.baseline, before.revision)


def test_a_later_note_takes_the_place_of_an_earlier_one_and_an_empty_one_removes_it(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    add_note(repository, "mine", "one")
    assert add_note(repository, "mine", "two") == "mine: two\nbefore: one"
    assert insight(repository) == "two"
    assert add_note(repository, "mine", " ") == "mine: the note is removed"
    assert insight(repository) == ""
    assert add_note(repository, "mine", "") == "mine has no note"


@pytest.mark.parametrize("text", ["a\0b", "dvc: commit experiment 1"])
def test_a_text_that_would_not_come_back_is_refused(repository: Path, text: str) -> None:
    add_experiment(repository, "mine", 0.5)
    with pytest.raises(InputError, match="reword it"):
        add_note(repository, "mine", text)


def test_a_row_that_was_changed_meanwhile_is_not_overwritten(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    before = find_experiment(repository, "mine")
    add_note(repository, "mine", "from another terminal")
    with pytest.raises(InputError, match="try again"):
        amend_experiment(before, message="too late")
    assert insight(repository) == "from another terminal"


def test_a_note_of_another_clone_is_taken_and_the_row_stays_one(repository: Path, other: Path) -> None:
    add_note(other, "mine", "seen there")
    (merged,) = merge_rows(str(other), repository)
    assert (merged.name, merged.is_new) == ("mine", False)
    assert [row.insight for row in list_experiments(repository)] == ["seen there"]
    assert merge_rows(str(other), repository) == []


def test_a_note_here_stays_where_the_other_clone_has_none(repository: Path, other: Path) -> None:
    add_note(repository, "mine", "seen here")
    assert merge_rows(str(other), repository) == []
    assert insight(repository) == "seen here"


def test_notes_of_both_clones_are_both_kept_on_either_side(repository: Path, other: Path) -> None:
    add_note(repository, "mine", "seen here")
    add_note(other, "mine", "seen there")
    merge_rows(str(other), repository)
    assert [row.insight for row in list_experiments(repository)] == ["seen here\nseen there"]
    merge_rows(str(repository), other)
    assert [row.insight for row in list_experiments(other)] == ["seen here\nseen there"]
    assert merge_rows(str(other), repository) == []


def test_a_score_that_came_there_joins_a_note_from_here(repository: Path, other: Path) -> None:
    add_note(repository, "mine", "seen here")
    score(find_experiment(other, "mine"), 0.75)
    merge_rows(str(other), repository)
    (row,) = list_experiments(repository)
    assert (row.insight, row.score["public_score"]) == ("seen here", 0.75)


def test_a_score_from_here_is_not_taken_away_by_a_note_from_there(repository: Path, other: Path) -> None:
    score(find_experiment(repository, "mine"), 0.75)
    add_note(other, "mine", "seen there")
    merge_rows(str(other), repository)
    (row,) = list_experiments(repository)
    assert (row.insight, row.score["public_score"]) == ("seen there", 0.75)


def test_notes_on_a_copy_under_another_name_are_kept_too(repository: Path, other: Path) -> None:
    add_experiment(repository, "same", 0.5, seed=1)
    add_experiment(other, "same", 0.6, seed=2)
    merge_rows(str(other), repository)
    add_note(repository, "same-bob", "seen here")
    add_note(other, "same", "seen there")
    merge_rows(str(other), repository)
    assert find_experiment(repository, "same-bob").insight == "seen here\nseen there"
    assert find_experiment(repository, "same").insight == ""


@pytest.mark.parametrize("kind", ["simple", "github", "csv", "html", "explain"])
def test_a_note_is_shown_wherever_rows_are(repository: Path, kind: str) -> None:
    add_experiment(repository, "mine", 0.5)
    add_note(repository, "mine", "작은 배치가\n낫다")
    table = read_score_table(repository)
    shown = {
        "csv": lambda: write_csv(table),
        "html": lambda: write_page(table, repository),
        "explain": lambda: explain(find_experiment(repository, "mine"), repository),
    }.get(kind, lambda: write_text(table, kind))()
    assert re.search(r"작은 배치가\s+(insight +)?낫다", shown)


def test_the_insights_that_the_team_wrote_stand_in_the_table(repository: Path) -> None:
    shown = {line["row"]: line["insight"] for line in table_lines(read_score_table(repository))}
    assert shown["4"] == "A large rise with the number of epochs."


def test_a_note_cannot_command_a_terminal_or_a_browser(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    add_note(repository, "mine", "\x1b[2J<script>")
    table = read_score_table(repository)
    assert "\x1b" not in write_text(table, "simple") + explain(find_experiment(repository, "mine"), repository)
    assert "[2J<script>" not in write_page(table, repository) + write_text(table, "github")
