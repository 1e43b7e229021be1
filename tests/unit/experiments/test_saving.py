"""A row is saved once a `dvc exp run` in the workspace has let go of it."""

import json
import os
import subprocess
from pathlib import Path

import made_experiments
import pytest
from scoretable.experiments import saving
from scoretable.experiments.amending import amend_experiment
from scoretable.experiments.experiment import Experiment, list_experiments
from scoretable.experiments.saving import DVC_RUN
from scoretable.experiments.score_file import write_known_score


@pytest.fixture(autouse=True)
def _quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(saving, "BUSY_SECONDS", 5.0)
    monkeypatch.setattr(saving.time, "sleep", lambda seconds: DVC_RUN.unlink(missing_ok=True))


def test_dvc_is_tried_again_while_another_one_holds_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["'models/model.keras' is busy, it is being blocked by:", "is busy", ""])
    monkeypatch.setattr(saving, "_try_dvc", lambda *arguments: next(answers))
    assert saving._dvc("commit") == ""


def test_another_failure_of_dvcs_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["the disk is full"])
    monkeypatch.setattr(saving, "_try_dvc", lambda *arguments: next(answers))
    assert saving._dvc("commit") == "the disk is full"


def test_dvc_is_not_called_while_an_experiment_runs_in_the_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    DVC_RUN.parent.mkdir(parents=True)
    DVC_RUN.write_text(json.dumps({"pid": os.getpid()}))
    monkeypatch.setattr(saving, "_try_dvc", lambda *arguments: "called too early" if DVC_RUN.exists() else "")
    assert saving._dvc("commit") == ""


def test_what_a_killed_dvc_left_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    DVC_RUN.parent.mkdir(parents=True)
    DVC_RUN.write_text(json.dumps({"pid": 2**22 + 1}))
    monkeypatch.setattr(saving, "_try_dvc", lambda *arguments: "")
    assert saving._dvc("commit") == ""
    assert DVC_RUN.exists()


@pytest.mark.parametrize(("public", "correct", "amended"), [(0.5, 5, True), (0.7, 5, False), (0.5, 4, False)])
def test_a_score_that_a_row_has_already_is_never_replaced(
    monkeypatch: pytest.MonkeyPatch, public: float, correct: int, amended: bool
) -> None:
    had = {"state": "pending", "public_score": 0.5, "public_correct": 5, "private_score": None}
    row = Experiment("row", "c", "b", "2026", {}, had, "", "", Path())
    given: list[str] = []
    monkeypatch.setattr(saving, "amend_experiment", lambda experiment, files: given.extend(files))
    now = {"state": "complete", "public_score": public, "public_correct": correct, "rank": 3}
    write_known_score(Path("models/submission.json"), now)
    saving._add_score(row)
    assert bool(given) == amended
    assert json.loads(Path("models/score.json").read_text())["public_score"] == 0.5


def test_what_was_added_to_git_stays_added_although_dvc_resets_the_index(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=me", "-c", "user.email=me@localhost")
        return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "first")
    Path("mine.yaml").write_text("title: Mine\n")
    git("add", "mine.yaml")
    with saving._index_kept():
        git("reset", "--quiet")
    assert git("status", "--short") == "A  mine.yaml\n"


def test_a_saved_row_has_its_outputs_in_dvcs_cache_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_experiments.make_repository(tmp_path)
    made_experiments.add_experiment(tmp_path, "row", 0.5)
    (row,) = list_experiments(tmp_path)
    amend_experiment(row, files={"models/history.csv": b"as `dvc exp save` puts it into git"})
    monkeypatch.setattr(saving, "_try_dvc", lambda *arguments: "")
    assert saving._save_without_outputs("row", [], []) == ""
    listed = made_experiments.git(tmp_path, "ls-tree", "-r", "--name-only", row.ref).split()
    assert "dvc.lock" in listed
    assert "models/history.csv" not in listed
