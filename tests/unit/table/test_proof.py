"""Each row says what is proven of it, in the table, on the page, and in the words of `explain`."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_experiments import SOURCE, add_experiment, commit, git, rewrite_experiment
from scoretable.cli import main as cli
from scoretable.experiments.experiment import Experiment, find_experiment
from scoretable.experiments.verifications import MARK, Verification, read_verifications, with_verifications
from scoretable.page.page import write_page
from scoretable.table.explanation import explain
from scoretable.table.merging import merge_rows
from scoretable.table.notes import add_note
from scoretable.table.proof import LETTERS, count_reported, draw_badges, tell_count
from scoretable.table.reported_rows import ReportedRow
from scoretable.table.table import read_score_table
from scoretable.table.text import sentences, table_lines
from scoretable.table.verification import Remake, record
from scoretable.workspace.errors import InputError

SAME = Remake({"models/model.keras": True, "data/submission.csv": True}, "a CPU")
OTHER = Remake({"models/model.keras": False, "data/submission.csv": True}, "a GPU")
PADDY = "paddy-disease-classification"


def row(repository: Path, name: str = "mine") -> Experiment:
    return find_experiment(repository, name)


def proofs(repository: Path) -> dict[str, list[str]]:
    """The badges of each row, by the name of an experiment or the number of a reported row."""
    lines = table_lines(read_score_table(repository))
    return {line["row"] if line["name"] == "reported" else line["name"]: line["proof"].split(", ") for line in lines}


def score(repository: Path, **content: Any) -> None:
    shown = {name: content.get(name) for name in ("public_score", "private_score")}
    texts = {"models/submission.json": json.dumps(content), "models/score.json": json.dumps(shown)}
    rewrite_experiment(repository, "mine", texts)


def test_a_row_that_nobody_reran_is_reported_only(repository: Path) -> None:
    assert proofs(repository)["8"] == ["reported only"]


def test_a_rerun_of_the_same_data_and_scale_is_one_and_any_other_says_of_what(repository: Path) -> None:
    add_experiment(repository, "row-8", 0.5, reruns=8, competition=PADDY)
    add_experiment(repository, "row-6", 0.5, reruns=6, scale="epochs x 0.1")
    add_experiment(repository, "row-4", 0.5, reruns=4)
    found = proofs(repository)
    assert (found["8"], found["row-8"][0]) == (["rerun"], "rerun")
    assert found["6"] == ["rerun (sandbox", "scaled: epochs x 0.1)"]
    assert (found["row-6"][0], found["row-4"][0]) == ("rerun scaled", "rerun elsewhere")


def test_the_outcome_of_verify_is_kept_with_the_row_on_each_machine_the_newest(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    for made in (SAME, OTHER, SAME):
        record(row(repository), made)
    kept = row(repository).verifications
    assert sorted((outcome.machine, outcome.different) for outcome in kept) == [
        ("a CPU", ()), ("a GPU", ("models/model.keras",)),
    ]  # fmt: skip
    assert row(repository).insight == ""
    shown = " ".join(proofs(repository)["mine"])
    assert re.search(r"verified \d{4}-\d\d-\d\d", shown) and re.search(r"differs \d{4}-\d\d-\d\d", shown)


def test_a_note_and_an_outcome_stay_beside_each_other(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    record(row(repository), SAME)
    add_note(repository, "mine", "flips help")
    record(row(repository), OTHER)
    assert (row(repository).insight, len(row(repository).verifications)) == ("flips help", 2)
    add_note(repository, "mine", "")
    assert (row(repository).insight, len(row(repository).verifications)) == ("", 2)


def test_a_note_cannot_claim_an_outcome(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    with pytest.raises(InputError, match="reword it"):
        add_note(repository, "mine", with_verifications("fine", [Verification("2026", "a CPU")]))


def test_an_outcome_of_another_clone_is_taken_with_its_row(repository: Path, tmp_path: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    git(tmp_path, "clone", "--quiet", str(repository), "bob")
    bob = tmp_path / "bob"
    merge_rows(str(repository), bob)
    record(row(bob), SAME)
    record(row(repository), OTHER)
    add_note(repository, "mine", "seen here")
    merge_rows(str(bob), repository)
    assert {outcome.machine for outcome in row(repository).verifications} == {"a CPU", "a GPU"}
    assert row(repository).insight == "seen here"


def test_an_outcome_is_not_kept_with_a_row_that_was_made_again_meanwhile(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    before = row(repository)
    add_experiment(repository, "mine", 0.6)
    with pytest.raises(InputError, match="made again meanwhile"):
        record(before, SAME)


@pytest.mark.parametrize("line", ["no JSON", "[]", '{"when": 1}', '{"when": "", "machine": "", "different": 3}'])
def test_a_line_that_is_no_outcome_is_passed_over(line: str) -> None:
    assert read_verifications(f"a note\n\n{MARK}{line}\n") == ()


@pytest.mark.parametrize(("made", "status"), [(SAME, 0), (OTHER, 1)])
def test_the_command_keeps_the_outcome_whether_identical_or_not(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], made: Remake, status: int
) -> None:
    add_experiment(repository, "mine", 0.5)
    monkeypatch.chdir(repository)
    monkeypatch.setattr("scoretable.table.verification.verify", lambda experiment, root: made)
    assert cli.main(["verify", "mine"]) == status
    assert [outcome.different for outcome in row(repository).verifications] == [made.different]
    assert cli.main(["explain", "mine"]) == 0
    told = "it came out identical." if status == 0 else "models/model.keras came out otherwise."
    assert told in capsys.readouterr().out


def test_code_is_committed_where_the_rows_own_commit_changes_none_of_it(repository: Path) -> None:
    add_experiment(repository, "committed", 0.5)
    add_experiment(repository, "edited", 0.6, epochs=2)
    rewrite_experiment(repository, "edited", {SOURCE: "edited = 1\n"})
    found = proofs(repository)
    assert "code committed" in found["committed"]
    assert "code not committed" in found["edited"]
    assert f"but only of the row's own: {SOURCE}." in explain(row(repository, "edited"), repository)


def test_an_edit_of_the_table_or_of_another_competitions_file_leaves_the_code_committed(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    others = dict.fromkeys(("workflow/tables/paddy.csv", "workflow/competitions/beans.yaml"), "# edited\n")
    rewrite_experiment(repository, "mine", dict(others))
    assert "code committed" in proofs(repository)["mine"]


def test_of_a_row_whose_base_git_lacks_nothing_is_said_about_its_code(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    commit(repository)
    shallow = repository / "shallow"
    git(repository, "clone", "--quiet", "--depth", "1", f"file://{repository}", str(shallow))
    ref = row(repository).ref
    git(shallow, "fetch", "--quiet", "--depth", "1", f"file://{repository}", f"{ref}:{ref}")
    (draw,) = read_score_table(shallow).settings[0].draws
    assert not {"committed", "uncommitted"} & {badge.kind for badge in draw_badges(draw, None)}


def test_data_is_known_by_the_checksum_of_its_archive(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    digest = row(repository).outputs["data/raw/sandbox.zip"]
    assert "data known" in proofs(repository)["mine"]
    assert f"data/raw/sandbox.zip, MD5 {digest}." in explain(row(repository), repository)


def test_a_submission_to_kaggle_says_score_and_rank_and_one_to_the_sandbox_that_it_was_scored_here(
    repository: Path,
) -> None:
    add_experiment(repository, "mine", 0.5)
    score(repository, state="complete", ref=1000, submitted="2026-11-25T12:00", public_score=0.9, rank=2, teams=5)
    assert "submitted (rank 2 of 5)" in proofs(repository)["mine"]
    told = "It is Kaggle's submission 1000 of 2026-11-25: public score 0.90000, rank 2 of 5."
    assert told in explain(row(repository), repository)
    score(repository, state="complete", public_score=0.9)
    assert "scored here" in proofs(repository)["mine"]
    score(repository, state="pending", ref=1000)
    assert "no public score yet" in explain(row(repository), repository)
    score(repository, state="not submitted")
    assert "It was not submitted." in explain(row(repository), repository)


def test_an_impossible_public_score_is_told_of_reported_rows_and_of_others(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5, competition=PADDY)
    score(repository, state="complete", ref=1, public_score=0.80151, public_images=2601)
    found = proofs(repository)
    assert "no k of 2601" in found["7"] and "no k of 2601" in found["mine"]
    told = "Its public score 0.80151 is not possible: no k of 2601 gives it."
    assert {f"Row 7: {told}", f"mine: {told}"} <= set(sentences(read_score_table(repository)))


def test_which_scores_are_possible_holds_for_any_competition_by_accuracy_whose_public_images_are_known() -> None:
    reported = ReportedRow("cactus", 1, "cactus", "accuracy", public_images=3, public="0.66667")
    assert count_reported(reported) == "2 of 3"
    assert count_reported(replace(reported, public="0.50000")) == "no k of 3 gives it"
    assert count_reported(replace(reported, public_images=None)) == ""
    assert count_reported(replace(reported, metric="f1", public="0.50000")) == ""
    assert tell_count("0.9", "accuracy", 2601) == "", "too few digits to tell one count"


def test_draws_of_one_setting_say_of_how_many_a_badge_is(repository: Path) -> None:
    for seed in range(3):
        add_experiment(repository, f"draw{seed}", 0.5, seed=seed)
    record(row(repository, "draw1"), SAME)
    assert any(re.fullmatch(r"verified \S+ \(1 of 3\)", text) for text in proofs(repository)["draw0"])


def test_the_page_has_the_badges_in_their_cells(repository: Path) -> None:
    add_experiment(repository, "mine", 0.5)
    record(row(repository), Remake({"models/model.keras": False}, "<b>a GPU</b>"))
    page = write_page(read_score_table(repository), repository)
    (cell,) = re.findall(r'<tr data-id="mine">.*?<td class="proof">(.*?)</td>', page, re.DOTALL)
    assert re.findall(r'data-proof="(\w+)"', cell) == ["own", "differs", "committed", "data"]
    assert re.search(r'<span class="badge" data-proof="differs" title="Made again [^"<]*">differs \S+</span>', cell)


def test_each_badge_has_a_letter_of_its_own() -> None:
    assert len({letter for letter, _ in LETTERS.values()}) == len(LETTERS)
