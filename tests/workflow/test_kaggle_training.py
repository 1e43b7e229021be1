"""The step train on Kaggle's machines: the loopback Kaggle runs the script that is pushed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
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
    leaves.run("snakemake", "--cores", "1", "submission", "--forcerun", "train", **environment)
    assert leaves.path("models/model.keras").read_bytes() == made_there
