"""Experiments are found in git and their outputs in DVC's cache."""

import dataclasses
import subprocess
from pathlib import Path

import pytest
from dvc.repo.experiments import refs
from dvc.utils.serialize import dumps_yaml
from made_experiments import SOURCE, add_experiment, commit, git
from scoretable.experiments.experiment import find_experiment, list_experiments
from scoretable.table.table import read_score_table

COPIES = 499


def names(repository: Path) -> list[str]:
    return [experiment.name for experiment in list_experiments(repository)]


def add_at(time: str, repository: Path, name: str, seed: int, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("GIT_COMMITTER_DATE", time)
    add_experiment(repository, name, 0.5, seed=seed)


def test_a_repository_without_experiments_lists_none(repository: Path) -> None:
    assert list_experiments(repository) == []


def test_experiments_are_listed_oldest_first(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour, name in ((3, "a"), (1, "b"), (2, "c")):
        add_at(f"2026-01-01T0{hour}:00:00+0000", repository, name, hour, monkeypatch)
    assert names(repository) == ["b", "c", "a"]


def test_the_oldest_is_first_whatever_the_time_zones(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_at("2026-01-01T02:00:00+0000", repository, "an-hour-later", 1, monkeypatch)
    add_at("2026-01-01T10:00:00+0900", repository, "at-first", 2, monkeypatch)
    assert names(repository) == ["at-first", "an-hour-later"]


@pytest.mark.parametrize(
    "ref",
    [
        refs.EXEC_HEAD, refs.EXEC_BASELINE, refs.EXPS_STASH, refs.CELERY_STASH, refs.CELERY_FAILED_STASH,
        refs.APPLY_HEAD,
        pytest.param(
            f"{refs.TEMP_NAMESPACE}/head-aSYMmk"
        ),
    ],
)  # fmt: skip
def test_refs_that_dvc_keeps_for_itself_are_no_experiments(repository: Path, ref: str) -> None:
    git(repository, "update-ref", ref, add_experiment(repository, "real", 0.5))
    assert names(repository) == ["real"]


def test_an_experiment_knows_the_commit_it_was_made_from(repository: Path) -> None:
    baseline = git(repository, "rev-parse", "HEAD")
    add_experiment(repository, "long", 0.5)
    assert find_experiment(repository, "long").baseline == baseline


def test_of_two_experiments_with_one_name_the_newer_is_found(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_at("2026-01-02T00:00:00+0000", repository, "row-8", 2, monkeypatch)
    (repository / SOURCE).write_text("changed")
    commit(repository)
    add_at("2026-01-01T00:00:00+0000", repository, "row-8", 1, monkeypatch)
    assert find_experiment(repository, "row-8").params["seed"] == 2


def test_a_commit_without_the_files_of_a_row_is_an_experiment_without_figures(repository: Path) -> None:
    git(repository, "rm", "--quiet", "params.yaml", "session.yaml")
    revision = commit(repository)
    git(repository, "update-ref", f"refs/exps/{revision[:2]}/{revision[2:]}/bare", revision)
    (bare,) = list_experiments(repository)
    assert (bare.params, bare.score, bare.outputs, bare.sources) == ({}, {}, {}, {})


def test_an_output_reads_as_it_was_cached(repository: Path) -> None:
    add_experiment(repository, "long", 0.5)
    assert find_experiment(repository, "long").read("models/model.keras") == b"model of long"


def test_an_output_that_is_not_in_the_cache_reads_as_none(repository: Path) -> None:
    add_experiment(repository, "long", 0.5)
    experiment = find_experiment(repository, "long")
    place = experiment.cached("models/metrics.json")
    assert place is not None
    place.unlink()
    assert experiment.read("models/metrics.json") is None
    assert experiment.read_json("models/metrics.json") == {}


def test_sources_are_the_dependencies_below_workflow(repository: Path) -> None:
    add_experiment(repository, "long", 0.5)
    deps = [{"path": path, "hash": "md5", "md5": 32 * "0"} for path in (SOURCE, "data/raw/sandbox.zip")]
    lock = dumps_yaml({"schema": "2.0", "stages": {"train": {"cmd": "train", "deps": deps}}})
    assert dataclasses.replace(find_experiment(repository, "long"), lock=lock).sources == {SOURCE: 32 * "0"}


def test_500_experiments_of_equal_params_and_seed_are_one_draw_made_again(repository: Path) -> None:
    revision = add_experiment(repository, "first", 0.5)
    baseline = git(repository, "rev-parse", "HEAD")
    place = f"refs/exps/{baseline[:2]}/{baseline[2:]}"
    made = "".join(f"create {place}/copy-{number} {revision}\n" for number in range(COPIES))
    subprocess.run(["git", "update-ref", "--stdin"], cwd=repository, input=made, text=True, check=True)
    (setting,) = read_score_table(repository).settings
    assert (len(setting.draws), len(setting.again)) == (1, COPIES)
