"""Rows of two clones end in one table."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from made_experiments import add_experiment, git
from scoretable.cli import main as cli
from scoretable.experiments.experiment import list_experiments
from scoretable.table.merging import merge_rows
from scoretable.table.table import read_score_table
from scoretable.table.text import write_text
from scoretable.workspace.errors import InputError


@pytest.fixture
def other(repository: Path, tmp_path: Path) -> Path:
    """A clone of the repository, with a cache of its own."""
    folder = tmp_path / "other" / "bob"
    subprocess.run(["git", "clone", "--quiet", str(repository), str(folder)], check=True)
    return folder


def names(folder: Path) -> set[str]:
    return {experiment.name for experiment in list_experiments(folder)}


def test_rows_of_another_clone_are_taken_once(repository: Path, other: Path) -> None:
    add_experiment(repository, "mine", 0.5, seed=1)
    theirs = add_experiment(other, "theirs", 0.6, seed=2)
    assert [row.name for row in merge_rows(str(other), repository)] == ["theirs"]
    assert names(repository) == {"mine", "theirs"}
    assert theirs in {experiment.revision for experiment in list_experiments(repository)}
    assert merge_rows(str(other), repository) == []
    assert names(other) == {"theirs"}


def test_a_row_whose_name_is_taken_gets_the_remotes_name_behind_its_own(repository: Path, other: Path) -> None:
    mine = add_experiment(repository, "row-8", 0.5, seed=1)
    add_experiment(other, "row-8", 0.6, seed=1)
    assert [(row.name, row.theirs) for row in merge_rows(str(other), repository)] == [("row-8-bob", "row-8")]
    kept = {experiment.name: experiment.revision for experiment in list_experiments(repository)}
    assert kept["row-8"] == mine


def test_a_row_that_was_made_anew_there_replaces_its_earlier_copy(repository: Path, other: Path) -> None:
    add_experiment(repository, "row-8", 0.5, seed=1)
    add_experiment(other, "row-8", 0.6, seed=1)
    merge_rows(str(other), repository)
    anew = add_experiment(other, "row-8", 0.7, seed=1)
    merge_rows(str(other), repository)
    kept = {experiment.name: experiment.revision for experiment in list_experiments(repository)}
    assert kept["row-8-bob"] == anew


@pytest.mark.parametrize(
    ("theirs", "outcome"), [("row-8", "an identical model"), ("row-8-of-bob", "a different model")]
)
def test_a_row_that_both_have_run_is_recognised_and_counts_once(
    repository: Path, other: Path, theirs: str, outcome: str
) -> None:
    add_experiment(repository, "row-8", 0.5, seed=1)
    add_experiment(other, theirs, 0.6, seed=1)
    (merged,) = merge_rows(str(other), repository)
    shutil.copytree(other / ".dvc/cache", repository / ".dvc/cache", dirs_exist_ok=True)
    table = read_score_table(repository)
    (setting,) = table.settings
    assert [draw.name for draw in setting.draws] == ["row-8"]
    assert [draw.name for draw in setting.again] == [merged.name]
    assert f"{merged.name} is the same run as row-8, with {outcome} (" in write_text(table, "simple")


def test_runs_on_other_data_are_no_draws_of_one_setting(repository: Path, other: Path) -> None:
    add_experiment(repository, "mine", 0.5, seed=1)
    add_experiment(other, "theirs", 0.6, seed=2)
    lock, baseline = other / "dvc.lock", git(other, "rev-parse", "HEAD")
    revision = git(other, "for-each-ref", "--format=%(objectname)", "refs/exps")
    git(other, "checkout", "--quiet", revision)
    path = re.search(r"path: data/raw/sandbox.zip\n +hash: md5\n +md5: (\w+)", lock.read_text())
    assert path is not None
    lock.write_text(lock.read_text().replace(path[1], "0" * 32))
    git(other, "commit", "--quiet", "--all", "--message", "other data")
    git(other, "update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/theirs", "HEAD")
    merge_rows(str(other), repository)
    assert len(read_score_table(repository).settings) == 2


def test_a_remote_that_git_cannot_reach_is_told_in_a_sentence(repository: Path) -> None:
    with pytest.raises(InputError, match=r"git ls-remote failed .*nowhere.*: check the name or the address"):
        merge_rows("nowhere", repository)


def test_without_a_remote_for_files_the_rows_are_taken_and_the_sentence_says_what_is_missing(
    repository: Path, other: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_experiment(other, "theirs", 0.6, seed=2)
    monkeypatch.chdir(repository)
    assert cli.main(["merge", str(other)]) == 1
    assert "the rows are here, but DVC's remote does not give their figures" in capsys.readouterr().err
    assert names(repository) == {"theirs"}
