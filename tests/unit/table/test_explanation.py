"""A row tells what it was made from, how to make it again, and what differs here."""

import dataclasses
import json
import shlex
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
from made_experiments import SOURCE, add_experiment, add_output, commit
from scoretable.cli import main as cli
from scoretable.experiments.experiment import Experiment, find_experiment
from scoretable.rows.params import Params, load_params
from scoretable.rows.taken import taken_by
from scoretable.table import verification
from scoretable.table.explanation import RESULTS, explain, rerun_command, workspace_differences
from scoretable.table.verification import verify
from scoretable.workspace.errors import InputError


def added(repository: Path, **params: Any) -> Experiment:
    add_experiment(repository, "long", 0.75, **params)
    return find_experiment(repository, "long")


def bring_results(experiment: Experiment, repository: Path) -> None:
    for path in RESULTS:
        content = experiment.read(path)
        assert content is not None
        (repository / path).parent.mkdir(parents=True, exist_ok=True)
        (repository / path).write_bytes(content)


def rerun_settings(experiment: Experiment) -> list[str]:
    """The settings of the row's command, as a shell hands them to DVC."""
    _, _, arguments = rerun_command(experiment).partition("&& dvc exp run")
    printed = subprocess.run(["sh", "-c", f"printf '%s\\n' {arguments}"], capture_output=True, text=True, check=True)
    return [line for line in printed.stdout.splitlines() if line not in ("-S", "")]


def test_an_explanation_names_commits_data_and_results(repository: Path) -> None:
    experiment = added(repository)
    lines = explain(experiment, repository).splitlines()
    assert f"code        commit {experiment.baseline}" in lines
    assert f"experiment  commit {experiment.revision}" in lines
    for path in ("data/raw/sandbox.zip", *RESULTS):
        assert any(line.endswith(f"{path}, MD5 {experiment.outputs[path]}") for line in lines)


def test_an_explanation_names_device_and_versions(repository: Path) -> None:
    experiment = added(repository)
    place = experiment.cached("models/training.json")
    assert place is not None
    place.write_text(json.dumps({"device": "a GPU", "versions": {"keras": "3.15.0", "numpy": "2.4.1"}}))
    assert "made on     a GPU; keras 3.15.0, numpy 2.4.1" in explain(experiment, repository).splitlines()


def test_an_explanation_says_which_versions_are_others_here(repository: Path) -> None:
    here = metadata.version("numpy")
    add_experiment(repository, "long", 0.5, versions={"keras": "2.0.0", "numpy": here, "gone": "1.0"})
    told = explain(find_experiment(repository, "long"), repository)
    assert f"keras: 2.0.0 in the row, {metadata.version('keras')} here" in told
    assert "gone: 1.0 in the row, none here" in told and f"numpy: {here} in the row" not in told


def test_an_explanation_says_that_the_versions_are_unknown_where_the_training_is_not_here(repository: Path) -> None:
    experiment = added(repository)
    place = experiment.cached("models/training.json")
    assert place is not None
    place.unlink()
    assert "made on     unknown; versions unknown" in explain(experiment, repository)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"epochs": 20, "weights": None, "learning_rate": 1e-5},
        {"image_size": "448x320", "augment": ["flip", "crop"], "metrics": ["accuracy", "auc"]},
        {"weights": "it's here/weights, all.h5"},
    ],
)
def test_the_settings_of_the_command_make_the_rows_params(repository: Path, params: dict[str, Any]) -> None:
    settings = rerun_settings(added(repository, **params))
    if settings:
        apply_overrides(repository / "params.yaml", settings)
    assert load_params(repository / "params.yaml") == Params(**params)


@pytest.mark.parametrize("weights", ["$HOME/weights.h5", 'the "best".h5', "a`b.h5"])
def test_a_shell_leaves_the_settings_of_the_command_as_they_are(repository: Path, weights: str) -> None:
    apply_overrides(repository / "params.yaml", rerun_settings(added(repository, weights=weights)))
    assert load_params(repository / "params.yaml").weights == weights


def test_the_command_sets_what_the_commits_own_params_have_otherwise(repository: Path) -> None:
    path = repository / "params.yaml"
    path.write_text(path.read_text().replace("epochs: 5 ", "epochs: 20 ", 1))
    commit(repository)
    assert "epochs=5" in rerun_settings(added(repository, epochs=5))


def test_the_command_begins_at_the_rows_commit_and_leaves_the_machines_settings_out(repository: Path) -> None:
    experiment = added(repository, max_hours=5.0)
    command = shlex.split(rerun_command(experiment))
    assert command == ["git", "checkout", experiment.baseline[:12], "&&", "dvc", "exp", "run"]


def test_a_workspace_with_the_same_params_sources_and_results_is_the_row(repository: Path) -> None:
    experiment = added(repository)
    bring_results(experiment, repository)
    assert explain(experiment, repository).splitlines()[-1] == "the workspace is this row"


def test_results_that_are_missing_or_others_are_listed(repository: Path) -> None:
    experiment = added(repository)
    bring_results(experiment, repository)
    (repository / RESULTS[0]).unlink()
    (repository / RESULTS[1]).write_text("{}")
    assert list(workspace_differences(experiment, repository)) == [
        f"{RESULTS[0]}: missing",
        f"{RESULTS[1]}: different content",
    ]


def test_sources_that_are_missing_or_others_are_listed(repository: Path) -> None:
    experiment = added(repository)
    bring_results(experiment, repository)
    (repository / SOURCE).write_text("changed")
    assert list(workspace_differences(experiment, repository)) == [f"{SOURCE}: different code"]
    (repository / SOURCE).unlink()
    assert list(workspace_differences(experiment, repository)) == [f"{SOURCE}: missing"]


def test_params_that_differ_are_listed_but_for_the_machines_own(repository: Path) -> None:
    experiment = added(repository, epochs=20, tta="flip", max_hours=5.0, archive="/data/a.zip")
    bring_results(experiment, repository)
    assert sorted(workspace_differences(experiment, repository)) == [
        "epochs: 20 in the row, 5 here",
        "tta: flip in the row, none here",
    ]


@pytest.mark.parametrize("command", ["explain", "verify"])
@pytest.mark.parametrize(("there", "listed"), [(["long", "other"], "long, other"), ([], "all rows")])
def test_the_commands_refuse_an_unknown_row_with_the_names_that_there_are(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    there: list[str],
    listed: str,
) -> None:
    for seed, name in enumerate(there):
        add_experiment(repository, name, 0.5, seed=seed)
    monkeypatch.chdir(repository)
    assert cli.main([command, "short"]) == 1
    assert capsys.readouterr().err == f"scoretable: there is no row short: `scoretable table` lists {listed}.\n"


def test_the_command_explains_a_row(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = added(repository)
    monkeypatch.chdir(repository)
    assert cli.main(["explain", "long"]) == 0
    assert f"rerun       scoretable verify {experiment.name}" in capsys.readouterr().out


def test_a_row_without_results_is_not_verified(repository: Path) -> None:
    experiment = dataclasses.replace(added(repository), lock="")
    with pytest.raises(InputError, match=r"^long has no models/model.keras, so there is nothing to compare"):
        verify(experiment, repository)


def test_the_clone_in_which_a_row_is_verified_has_what_it_takes_of_an_earlier_one(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_experiment(repository, "first", 0.5)
    add_output(repository, "first", "data/predictions.npz", b"answers")
    found = []

    def look(clone: Path) -> None:
        found.extend(find_experiment(clone, "first").read(str(taken.path)) for taken in taken_by(experiment.params))

    experiment = added(repository, weights="row:first")
    monkeypatch.setattr(verification, "_run", look)
    verify(experiment, repository)
    assert found == [b"model of first", b"answers"]


def test_the_clone_in_which_a_row_is_verified_has_the_file_whose_weights_it_starts_from(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = added(repository, weights="data/weights/mine.weights.h5")
    file = repository / "data/weights/mine.weights.h5"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    found = []
    monkeypatch.setattr(
        verification, "_run", lambda clone: found.append((clone / "data/weights/mine.weights.h5").read_bytes())
    )
    verify(experiment, repository)
    assert found == [b"weights"]


def test_a_row_whose_commit_is_not_here_is_not_verified(repository: Path) -> None:
    experiment = dataclasses.replace(added(repository), revision=40 * "0")
    with pytest.raises(InputError, match=r"^git cannot clone the row \("):
        verify(experiment, repository)
