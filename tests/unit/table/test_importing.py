"""The team's submissions become reported rows, by the real client on the loopback server."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from kaggle_competition import NAME
from kaggle_server import Fault, Kaggle
from made_experiments import add_experiment, commit, rewrite_experiment
from scoretable.cli import main as cli
from scoretable.competition.description import load_competition
from scoretable.experiments.experiment import find_experiment
from scoretable.experiments.row_records import submission_digest
from scoretable.kaggle.client import kaggle_client
from scoretable.table.importing import Imported, import_submissions
from scoretable.table.reported_rows import load_tables
from scoretable.table.table import read_score_table
from scoretable.workspace.errors import InputError


@pytest.fixture
def team(kaggle: Kaggle, repository: Path) -> Path:
    """A repository with a file for the competition `leaves`, and a team that handed in by hand and by this project."""
    described = (repository / "workflow/competitions/sandbox.yaml").read_text()
    described = described.replace("source: sandbox", "source: kaggle\npublic_images: 2601")
    (repository / f"workflow/competitions/{NAME}.yaml").write_text(described)
    commit(repository)
    kaggle.pending = 0
    add_experiment(repository, "mine", 0.5, competition=NAME)
    digest = submission_digest(find_experiment(repository, "mine"))
    submit(kaggle, "by hand, 50 epochs", "0.84083", "0.83000")
    submit(kaggle, f"scoretable mine sha256:{digest}", "0.90003", "0.89170")
    return repository


def submit(kaggle: Kaggle, description: str, public: str, private: str) -> None:
    kaggle.score = lambda _: (public, private)
    kaggle._submit(b"", description)


def bring(repository: Path) -> Imported:
    with kaggle_client(NAME, 20) as client:
        return import_submissions(client, load_competition(NAME, repository / "workflow/competitions"), repository)


def cells(repository: Path, table: str = NAME) -> list[dict[str, Any]]:
    with (repository / f"workflow/tables/{table}.csv").open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_each_submission_becomes_a_reported_row_with_its_scores_time_and_description(team: Path) -> None:
    assert bring(team).added == [f"{NAME}/1", f"{NAME}/2"]
    first, second = (row for row in load_tables(team).values() if row.table == NAME)
    assert (first.public, first.private, first.insight) == ("0.84083", "0.83000", "by hand, 50 epochs")
    assert (first.submission, first.submitted, first.status) == ("1000", "2026-11-25T12:00:00+00:00", "complete")
    assert (second.public, second.insight, second.sha256) == (
        "0.90003", "", submission_digest(find_experiment(team, "mine")),
    )  # fmt: skip


def test_a_submission_whose_hash_is_known_stands_above_the_row_that_made_it_and_brings_its_score(team: Path) -> None:
    assert bring(team).tied == {"mine": f"{NAME}/2"}
    assert [setting.title for setting in read_score_table(team).of_row(f"{NAME}/2")] == ["mine"]
    score = find_experiment(team, "mine").score
    assert (score["state"], score["public_score"], score["private_score"]) == ("complete", 0.90003, 0.8917)
    assert (score["ref"], score["public_correct"], score["public_images"]) == (1001, 2341, 2601)


def test_a_second_import_changes_nothing(team: Path) -> None:
    bring(team)
    before = (team / f"workflow/tables/{NAME}.csv").read_bytes(), find_experiment(team, "mine").revision
    again = bring(team)
    assert (again.added, again.filled, again.typed, again.scored) == ([], [], [], [])
    assert before == ((team / f"workflow/tables/{NAME}.csv").read_bytes(), find_experiment(team, "mine").revision)


def test_a_score_that_appears_later_is_filled_in_and_what_people_wrote_stays(kaggle: Kaggle, team: Path) -> None:
    kaggle.pending = 1
    for item in kaggle.submissions:
        item["looks"] = 0
    bring(team)
    rows = cells(team)
    assert [(row["reported_score"], row["status"]) for row in rows] == [("", "pending"), ("", "pending")]
    table = team / f"workflow/tables/{NAME}.csv"
    table.write_text(table.read_text().replace("by hand, 50 epochs", "mine, better"))
    done = bring(team)
    assert (done.added, done.filled, done.scored) == ([], [f"{NAME}/1", f"{NAME}/2"], ["mine"])
    assert [row["reported_score"] for row in cells(team)] == ["0.84083", "0.90003"]
    assert cells(team)[0]["insight"] == "mine, better"


def test_a_row_that_was_typed_is_recognised_by_its_score_and_not_added_again(team: Path) -> None:
    table = team / "workflow/tables/sheet.csv"
    table.write_bytes(f"\ufeffrow;competition;model;reported_score\n7;{NAME};VGG16;0.84083\n".encode())
    done = bring(team)
    assert (done.typed, done.added) == (["sheet/7"], [f"{NAME}/1"])
    assert table.read_bytes().startswith("\ufeffrow;competition;model;reported_score;".encode())
    row = load_tables(team)["sheet/7"]
    assert (row.params, row.private, row.submission) == ({"model": "VGG16"}, "0.83000", "1000")


def test_of_two_submissions_with_a_typed_score_neither_is_taken_for_the_typed_row(kaggle: Kaggle, team: Path) -> None:
    submit(kaggle, "the same score again", "0.84083", "0.81000")
    (team / "workflow/tables/sheet.csv").write_text(f"row,competition,reported_score\n7,{NAME},0.84083\n")
    assert (bring(team).typed, len(cells(team))) == ([], 3)


def test_a_submission_that_kaggle_could_not_score_keeps_the_reason(kaggle: Kaggle, team: Path) -> None:
    kaggle.final_state = "ERROR"
    bring(team)
    assert [(row["status"], row["note"]) for row in cells(team)] == 2 * [("error", "label column missing")]


def test_a_description_is_no_formula_of_a_spreadsheet_and_breaks_no_line(kaggle: Kaggle, team: Path) -> None:
    submit(kaggle, '=cmd|"/c"!A0\nand, more', "0.5", "0.5")
    bring(team)
    assert cells(team)[2]["insight"] == '\'=cmd|"/c"!A0 and, more'


def test_a_bad_table_is_refused_before_anything_is_written(kaggle: Kaggle, team: Path) -> None:
    (team / "workflow/tables/sheet.csv").write_text(f"row,competition,reported_score\n7,{NAME},much\n")
    with pytest.raises(InputError, match=r"sheet.csv, row 7: reported_score: much is not a number"):
        bring(team)
    assert not (team / f"workflow/tables/{NAME}.csv").exists()


def test_a_row_of_another_competition_with_the_same_file_keeps_its_score(team: Path) -> None:
    add_experiment(team, "other", 0.5, competition="sandbox")
    made = {"state": "complete", "sha256": submission_digest(find_experiment(team, "mine"))}
    rewrite_experiment(team, "other", {"models/submission.json": json.dumps(made)})
    bring(team)
    assert "public_score" not in {name for name, value in find_experiment(team, "other").score.items() if value}


def test_the_command_says_what_it_found_and_fails_in_a_sentence(
    kaggle: Kaggle, team: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(team)
    assert cli.main(["import", "kaggle", "--competition", NAME]) == 0
    assert f"{NAME}/1: added" in (printed := capsys.readouterr().out) and f"mine is {NAME}/2 here" in printed
    assert cli.main(["import", "kaggle", "--competition", NAME]) == 0
    assert capsys.readouterr().out.endswith("Nothing is new on Kaggle.\n")
    kaggle.faults["ListSubmissions"] = [Fault(status=401)] * 9
    assert cli.main(["import", "kaggle", "--competition", NAME]) == 1
    assert "Kaggle does not know the token" in capsys.readouterr().err
    assert cli.main(["import", "kaggle", "--competition", "beans"]) == 1
    assert "competition: beans is not on Kaggle" in capsys.readouterr().err
