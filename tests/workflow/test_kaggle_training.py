"""The step train on Kaggle's machines: the loopback Kaggle runs the script that is pushed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from kaggle_datasets import Datasets
from kaggle_kernels import Kernels
from kaggle_server import TOKEN, Fault, Kaggle, serve
from projects import Project
from test_kaggle import NAME, files_with_the_token, leaves, make_kaggle

__all__ = ["leaves"]


@pytest.fixture
def kaggle(tmp_path: Path) -> Iterator[Kaggle]:
    competition = make_kaggle(tmp_path, images=60)
    competition.kernels = Kernels(tmp_path / "kernels", NAME, competition.archive)
    with serve(competition) as served:
        yield served
    competition.kernels.stop()


def test_a_training_goes_over_two_sessions_on_kaggle_to_the_model_that_it_makes_here(
    leaves: Project, kaggle: Kaggle, tmp_path: Path
) -> None:
    assert kaggle.kernels is not None
    environment = kaggle.environment(tmp_path / "home")
    leaves.set(kaggle_accelerator="null", epochs=1, max_hours=0.000001)  # a step a session
    kaggle.faults = {"SaveKernel": [Fault(lost=True)], "output": [Fault(status=503), Fault(cut=100)]}

    printed = leaves.run("snakemake", "--cores", "1", "submission", "--profile", "kaggle", **environment)
    sessions = kaggle.kernels.pushed()
    assert len(sessions) == 2
    assert all(session.asked["isPrivate"] for session in sessions)
    assert "Kaggle: running" in printed
    assert "max_hours: stopped after" in printed
    training = json.loads(leaves.path("models/training.json").read_text())
    assert training["sessions"] == 2
    assert training["kernel"].endswith("-2")
    made_there = leaves.path("models/model.keras").read_bytes()
    assert TOKEN not in printed
    assert files_with_the_token(leaves.folder, tmp_path / "kernels") == []

    leaves.set(max_hours="null")
    leaves.run("snakemake", "--cores", "1", "train", "--forcerun", "train", **environment)
    assert leaves.path("models/model.keras").read_bytes() == made_there


def test_in_a_code_competition_a_kernel_without_internet_makes_the_submission(
    leaves: Project, kaggle: Kaggle, tmp_path: Path
) -> None:
    assert kaggle.kernels is not None
    kaggle.datasets = Datasets(tmp_path / "datasets")
    kaggle.kernels.datasets = kaggle.datasets.folder
    environment = kaggle.environment(tmp_path / "home")
    described = leaves.path(f"workflow/competitions/{NAME}.yaml")
    described.write_text(described.read_text() + "  code: true\n")
    leaves.run("git", "commit", "--quiet", "--all", "--message", "a code competition")
    kaggle.faults = {"CreateDataset": [Fault(status=503)], "CreateCodeSubmission": [Fault(lost=True)]}

    printed = leaves.run("snakemake", "--cores", "1", "submit", **environment)
    assert "makes the same file as here" in printed
    (session,) = kaggle.kernels.pushed()
    assert not session.asked["enableInternet"]
    assert list(kaggle.datasets.created) == session.asked["datasetDataSources"]
    assert all(dataset["isPrivate"] for dataset in kaggle.datasets.created.values())
    assert len(kaggle.submissions) == 1
    score = json.loads(leaves.path("models/score.json").read_text())
    assert f"{score['public_score']:.5f}" == kaggle.submissions[0]["publicScore"]
    printed += leaves.run("snakemake", "--cores", "1", "submit", **environment)
    assert (len(kaggle.submissions), len(kaggle.kernels.pushed())) == (1, 1)
    assert TOKEN not in printed
    assert files_with_the_token(leaves.folder, tmp_path / "kernels", tmp_path / "datasets") == []
