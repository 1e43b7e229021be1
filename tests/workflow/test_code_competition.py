"""A code competition: Kaggle's machines make the submission, by the script that is pushed."""

import json
from pathlib import Path

import pytest
from kaggle_datasets import Datasets
from kaggle_server import TOKEN, Fault, Kaggle
from projects import Project
from test_kaggle import NAME, files_with_the_token, kaggle, leaves

__all__ = ["kaggle", "leaves"]


@pytest.mark.turns(6, seconds=70)
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
