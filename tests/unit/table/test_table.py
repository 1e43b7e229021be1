"""The score table of a repository with experiments: settings, effects, text and page."""

import io
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from dvc.utils.serialize import dumps_yaml
from hypothesis import given
from hypothesis import strategies as st
from made_experiments import SOURCE, add_experiment, commit, rewrite_experiment
from scoretable.experiments.experiment import list_experiments, read_hashes
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params
from scoretable.table.export import write_csv
from scoretable.table.table import read_score_table
from scoretable.table.text import table_lines, write_text
from scoretable.workspace.errors import InputError


def test_a_repository_without_experiments_has_the_reported_rows(repository: Path) -> None:
    table = read_score_table(repository)
    assert (len(table.reported), table.settings) == (8, ())
    assert len(re.findall(r"^\| \d +\| reported ", write_text(table, "github"), re.MULTILINE)) == 8


def test_a_folder_without_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not a git repository"):
        list_experiments(tmp_path)


def test_an_experiment_is_read_with_its_outputs(repository: Path) -> None:
    revision = add_experiment(repository, "long", 0.75, public=0.8, epochs=20)
    (experiment,) = list_experiments(repository)
    assert (experiment.name, experiment.revision, experiment.params["epochs"]) == ("long", revision, 20)
    assert experiment.read_json("models/metrics.json")["accuracy"] == 0.75
    assert experiment.score["public_score"] == 0.8
    assert experiment.read("models/nothing") is None


def reads_back(path: str) -> bool:
    """Whether YAML reads a path that DVC has written: it takes NO for false."""
    return yaml.safe_load(dumps_yaml({"path": path}))["path"] == path


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp")), min_size=1).filter(reads_back),
        st.tuples(st.sampled_from(["deps", "outs"]), st.integers(0, 2**128 - 1)),
        max_size=5,
    )
)
def test_a_lock_is_read_as_yaml_reads_it(entries: dict[str, tuple[str, int]]) -> None:
    stage: dict[str, Any] = {"cmd": "outs:\n    - path: none", "deps": [], "outs": []}
    for path, (kind, digest) in entries.items():
        stage[kind].append({"path": path, "hash": "md5", "md5": f"{digest:032x}", "size": 1})
    text = dumps_yaml({"schema": "2.0", "stages": {"train": stage}})
    for kind in ("deps", "outs"):
        expected = {entry["path"]: entry["md5"] for entry in yaml.safe_load(text)["stages"]["train"][kind]}
        assert read_hashes(text, kind) == expected


def test_an_output_that_is_not_in_the_cache_shows_as_nothing(repository: Path) -> None:
    add_experiment(repository, "long", 0.75)
    (experiment,) = list_experiments(repository)
    for path in ("models/metrics.json", "models/evaluation.json"):
        place = experiment.cached(path)
        assert place is not None
        place.unlink()
    (setting,) = read_score_table(repository).settings
    assert setting.summary("validation") is None


def test_a_row_made_before_there_was_a_session_yaml_is_listed_with_its_reported_row(repository: Path) -> None:
    add_experiment(repository, "row-8", 0.75, reruns=8)
    everything = Params().model_dump() | SessionParams(reruns=8, scale="epochs x 0.1", max_hours=5.0).model_dump()
    rewrite_experiment(repository, "row-8", {"params.yaml": yaml.safe_dump(everything), "session.yaml": None})
    (setting,) = read_score_table(repository).of_row("paddy/8")
    assert (setting.title, setting.reruns, setting.values("validation")) == ("row-8", "paddy/8", [0.75])
    assert (setting.params["scale"], setting.params["max_hours"]) == ("epochs x 0.1", 5.0)


def test_draws_that_differ_in_the_seed_are_one_setting(repository: Path) -> None:
    for seed, accuracy in enumerate((0.6, 0.7, 0.8)):
        add_experiment(repository, f"draw{seed}", accuracy, seed=seed)
    add_experiment(repository, "other", 0.9, epochs=6)
    first, second = read_score_table(repository).settings
    assert (len(first.draws), len(second.draws)) == (3, 1)
    summary = first.summary("validation")
    assert summary is not None
    assert (summary.mean, summary.deviation) == pytest.approx((0.7, 0.1))


def test_draws_of_other_sources_are_another_setting(repository: Path) -> None:
    add_experiment(repository, "before", 0.6)
    (repository / SOURCE).write_text("changed")
    add_experiment(repository, "after", 0.6, seed=1)
    assert len(read_score_table(repository).settings) == 2


def score_by(repository: Path, metric: str, task: str = "multiclass") -> None:
    file = repository / "workflow/competitions/sandbox.yaml"
    file.write_text(file.read_text() + f"\nmetric: {metric}\ntask: {task}\n")
    commit(repository)


def test_a_validation_score_is_the_competitions_metric_and_not_the_accuracy(repository: Path) -> None:
    score_by(repository, "log_loss")
    add_experiment(repository, "one", 0.6, figures={"log_loss": 1.25})
    table = read_score_table(repository)
    assert table.settings[0].values("validation") == [1.25]
    *_, line = table_lines(table)
    assert (line["metric"], line["validation"]) == ("log_loss", "1.25000 (100 images)")
    assert table.settings[0].draws[0].correct is None, "it counts what an accuracy is of"


def test_an_f1_of_label_sets_that_was_kept_as_micro_f1_is_still_read(repository: Path) -> None:
    score_by(repository, "f1", "multilabel")
    add_experiment(repository, "one", 0.6, figures={"micro_f1": 0.75})
    assert read_score_table(repository).settings[0].values("validation") == [0.75]


def test_a_row_whose_competition_file_is_gone_is_read_by_what_its_metrics_name(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, metric="auc", figures={"auc": 0.75})
    (repository / "workflow/competitions/sandbox.yaml").unlink()
    (setting,) = read_score_table(repository).settings
    assert (setting.metric, setting.values("validation")) == ("auc", [0.75])


def test_a_row_of_which_nothing_says_how_it_is_scored_is_not_taken_for_an_accuracy(repository: Path) -> None:
    add_experiment(repository, "one", 0.6, public=0.7)
    (repository / "workflow/competitions/sandbox.yaml").unlink()
    shutil.rmtree(repository / ".dvc/cache")
    *_, line = table_lines(read_score_table(repository))
    assert (line["metric"], line["validation"], line["public"]) == ("-", "-", "0.70000")


def test_the_csv_has_a_line_a_draw(repository: Path) -> None:
    add_experiment(repository, "one", 0.6)
    add_experiment(repository, "two", 0.7, seed=1)
    table = pd.read_csv(io.StringIO(write_csv(read_score_table(repository))))
    assert table["name"].tolist() == 8 * ["as reported"] + ["one", "two"]
    assert table["validation"].tolist()[8:] == [0.6, 0.7]
