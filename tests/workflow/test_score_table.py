"""Reported rows rerun as experiments, compared, explained and verified, by the commands that people type."""

import json
import re
import signal
import time

import pytest
from projects import Project

SCALE = ("--competition", "sandbox", "--scale", "images=0.005,epochs=0.1,size=0.1", "-S", "model=SmallCNN")
SCALE += ("-S", "steps_per_epoch=4")
ROW = "row-1-sandbox-scaled-images0.005-epochs0.1-size0.1"
IN_TRAINING = re.compile(r"^epoch 1/|train: +\d", re.MULTILINE)


@pytest.mark.turns(6, seconds=110)
def test_a_reported_row_asked_to_end_is_completed_by_a_second_call_and_comes_out_the_same_again(
    project: Project,
) -> None:
    printed = project.path("printed.txt")
    with printed.open("wb") as file:
        running = project.start("scoretable", "reproduce", "1", *SCALE, stdout=file)
        while not IN_TRAINING.search(printed.read_text(errors="replace").replace("\r", "\n")):
            assert running.poll() is None, printed.read_text()
            time.sleep(0.05)
        running.send_signal(signal.SIGTERM)  # to this process alone, as `kill` and Slurm send it
        assert running.wait() == 130, printed.read_text()
    assert "SIGINT: stopped after" in printed.read_text(), printed.read_text()
    assert list(project.path("checkpoints").glob("*/fold-0.npz"))
    project.run("scoretable", "reproduce", "1", *SCALE)
    assert list(project.path("checkpoints").iterdir()) == []
    assert f"{ROW}: already done" in project.run("scoretable", "reproduce", "1", *SCALE)

    shown = json.loads(project.run("dvc", "exp", "show", "--json"))
    assert [row["name"] for row in shown[1]["experiments"]] == [ROW]
    table = project.run("scoretable", "table")
    assert re.search(rf"^1 +{ROW} +SmallCNN +32 +1 +32 ", table, re.MULTILINE)

    project.run("snakemake", "--cores", "1", "score_table")
    assert ROW in project.path("data/score_table.md").read_text()
    assert "scaled: images x 0.005, epochs x 0.1, size x 0.1" in project.path("data/score_table.html").read_text()

    project.run("dvc", "exp", "apply", ROW)
    assert "data/data_report.html: " in project.run("snakemake", "--cores", "1", "data_report")
    assert json.loads(project.path("data/data_report.json").read_text())["label_suspects"]["not_told"] == ""
    assert project.planned() == set()
    assert "the workspace is this row" in project.run("scoretable", "explain", ROW)
    assert json.loads(project.path("models/training.json").read_text())["sessions"] == 2
    assert "come out identical" in project.run("scoretable", "verify", ROW)
