"""From no data to a public score, by the commands that people type and the real client, on a loopback Kaggle."""

import json
import os
import re
import signal
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from kaggle_kernels import Kernels
from kaggle_server import TOKEN, Fault, Kaggle, serve
from projects import ROOT, Project
from scoretable.competition.description import COMPETITIONS, load_competition
from scoretable.competition.sample import read_sample
from scoretable.kaggle.local_scoring import score_submission
from scoretable.sandbox.drawn_archive import draw_competition

NAME = "leaves"
IMAGES, PUBLIC = 60, 11  # an archive of three chunks of a download


def score_as_kaggle_does(answers: Path, submitted: bytes) -> tuple[str, str]:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(submitted)
        file.flush()
        sandbox = load_competition("sandbox", ROOT / COMPETITIONS)
        sample = read_sample(answers.with_name("served.zip"), sandbox.submission)
        scored = score_submission(Path(file.name), answers, sample, sandbox)
    return f"{scored['public_score']:.5f}", f"{scored['private_score']:.5f}"


def make_kaggle(folder: Path) -> Kaggle:
    """A competition of drawn images for the loopback server."""
    archive, answers = folder / "served.zip", folder / "answers.csv"
    draw_competition(archive, answers, IMAGES, seed=0)
    with zipfile.ZipFile(archive) as zipped:
        files = {info.filename: info.file_size for info in zipped.infolist()}
    return Kaggle(NAME, archive, files, lambda submitted: score_as_kaggle_does(answers, submitted))


@pytest.fixture
def kaggle(tmp_path: Path) -> Iterator[Kaggle]:
    """A loopback Kaggle, whose machines are processes here."""
    competition = make_kaggle(tmp_path)
    competition.leaderboard = ["0.99999", "-0.00001"]  # a small row may answer nothing right
    competition.kernels = Kernels(tmp_path / "kernels", NAME, competition.archive)
    with serve(competition) as served:
        yield served
    competition.kernels.stop()


@pytest.fixture
def leaves(project: Project) -> Project:
    """A clone with a file for the competition, as a user writes it, and its params."""
    described = project.path("workflow/competitions/sandbox.yaml").read_text()
    described = described.replace("source: sandbox", f"source: kaggle\npublic_images: {PUBLIC}")
    project.path(f"workflow/competitions/{NAME}.yaml").write_text(described)
    project.set(competition=NAME)
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "another competition")
    return project


def scores(project: Project) -> dict[str, float | None]:
    """The public score of each row that `dvc exp show` lists, the workspace's too."""
    found = {}
    for baseline in json.loads(project.run("dvc", "exp", "show", "--json")):
        revisions = [baseline, *(row["revs"][0] | {"name": row["name"]} for row in baseline["experiments"] or [])]
        for revision in revisions:
            entry = revision["data"]["metrics"].get("models/score.json", {})
            found[revision.get("name") or revision["rev"]] = entry.get("data", {}).get("public_score")
    return found


def files_with_the_token(*folders: Path) -> list[Path]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 100
    return [path for path in files if TOKEN.encode() in path.read_bytes()]


@pytest.mark.turns(6, seconds=130)
def test_from_no_data_over_two_sessions_on_kaggles_machines_to_a_public_score_in_dvc_exp_show(
    leaves: Project, kaggle: Kaggle, tmp_path: Path
) -> None:
    environment = kaggle.environment(tmp_path / "home")
    lock = leaves.path("requirements.lock")  # of 250 packages, for which pip looks for 7 seconds a session
    lock.write_text(re.findall(r"^pyyaml==.*\n(?: .*\n)+", lock.read_text(), re.MULTILINE)[0])
    leaves.run("git", "commit", "--quiet", "--all", "--message", "few packages")
    leaves.set(kaggle_accelerator="null", epochs=1, max_hours=0.000001)  # a step a session
    kaggle.faults = {
        "storage": [Fault(cut=1000)],
        "SaveKernel": [Fault(lost=True)],
        "output": [Fault(status=503), Fault(cut=100)],
        "CreateSubmission": [Fault(lost=True)],
    }

    printed = leaves.run("snakemake", "--cores", "1", "submission", "--profile", "kaggle", **environment)
    assert kaggle.submissions == []
    assert "Kaggle: running" in printed
    assert "max_hours: stopped after" in printed
    sessions = kaggle.kernels.pushed()
    assert len(sessions) == 2
    assert all(session.asked["isPrivate"] for session in sessions)
    training = json.loads(leaves.path("models/training.json").read_text())
    assert training["sessions"] == 2
    assert training["kernel"].endswith("-2")
    made_there = leaves.path("models/model.keras").read_bytes()

    printed += leaves.run("snakemake", "--cores", "1", "submit", **environment)
    score = json.loads(leaves.path("models/submission.json").read_text())
    public = f"{score['public_score']:.5f}"
    assert f"public score {public} ({score['public_correct']} of {PUBLIC}), which would be rank 2 of 2" in printed
    assert len(kaggle.submissions) == 1

    printed += leaves.run("snakemake", "--cores", "1", "submit", **environment)
    assert len(kaggle.submissions) == 1
    shown = scores(leaves)
    (row,) = (name for name in shown if name.startswith(f"{NAME}-smallcnn"))
    assert f"The score is now part of experiment {row}." in printed
    assert (shown["workspace"], shown[row]) == (score["public_score"], score["public_score"])

    another = ("-S", "seed=1", "-S", "session.yaml:max_hours=null", "--name", "second")
    printed += leaves.run("dvc", "exp", "run", *another, **environment)
    assert len(kaggle.submissions) == 1
    shown = scores(leaves)
    assert (shown["workspace"], shown[row], shown["second"]) == (None, score["public_score"], None)

    printed += leaves.run("dvc", "exp", "run", "--name", "scored", "workflow/submit/dvc.yaml", **environment)
    assert len(kaggle.submissions) == 2
    assert scores(leaves)["scored"] is not None
    assert "public_score" in leaves.run("dvc", "metrics", "diff", row, "scored", "--all")
    assert kaggle.requests["storage"] == 2

    printed += leaves.run("dvc", "exp", "apply", row)
    assert json.loads(leaves.path("models/submission.json").read_text()) == score
    assert TOKEN not in printed
    assert files_with_the_token(leaves.folder, tmp_path / "kernels") == []

    leaves.set(max_hours="null")
    leaves.train_anew()
    assert leaves.path("models/model.keras").read_bytes() == made_there


def test_a_killed_download_goes_on_with_the_next_command(leaves: Project, kaggle: Kaggle, tmp_path: Path) -> None:
    environment = kaggle.environment(tmp_path / "home")
    size = kaggle.archive.stat().st_size
    partial = leaves.path(f"data/archives/{NAME}.download/{NAME}.zip")
    kaggle.faults = {"storage": [Fault(cut=size - 1000), Fault(stall=60)]}
    running = leaves.start("snakemake", "--cores", "1", "download", **environment)
    while kaggle.requests["storage"] < 2:
        assert running.poll() is None, "the download ended before it was killed"
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not leaves.path(f"data/raw/{NAME}.zip").exists()
    there = partial.stat().st_size
    assert there > size - 1000 - (1 << 20)

    leaves.run("snakemake", "--cores", "1", "download", **environment)
    assert leaves.path(f"data/raw/{NAME}.zip").read_bytes() == kaggle.archive.read_bytes()
    assert kaggle.resumed_at[-1] == there
    assert not partial.parent.exists()


def test_without_a_token_a_download_says_what_to_do(leaves: Project, tmp_path: Path) -> None:
    printed = leaves.run("snakemake", "--cores", "1", "download", expect=1, HOME=str(tmp_path / "nobody"))
    assert "there is no Kaggle token on this machine: make a token at https://www.kaggle.com/settings" in printed
    assert "Traceback" not in printed


def test_the_sandbox_is_scored_on_the_spot(finished: Project) -> None:
    printed = finished.snakemake("submit")
    score = json.loads(finished.path("models/submission.json").read_text())
    assert f"public score {score['public_score']:.5f} ({score['public_correct']} of " in printed
    assert "scored here by the sandbox" in printed
    shown = scores(finished)
    assert [value for name, value in shown.items() if name.startswith("sandbox")] == [score["public_score"]]
