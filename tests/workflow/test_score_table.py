"""Reported rows rerun as experiments, compared, explained and verified, by the commands that people type."""

import json
import re

from projects import Project

SCALE = ("--competition", "sandbox", "--scale", "images=0.005,epochs=0.1,size=0.1", "-S", "model=SmallCNN")
SCALE += ("-S", "steps_per_epoch=4")  # so that a time limit comes before the last
ROW = "row-1-sandbox-scaled-images0.005-epochs0.1-size0.1"


def test_a_reported_row_stopped_by_its_time_limit_is_completed_by_a_second_call_and_comes_out_the_same_again(
    project: Project,
) -> None:
    stopped = project.run("scoretable", "reproduce", "1", *SCALE, "-S", "max_hours=1e-6", expect=1)
    assert "max_hours: stopped after" in stopped
    assert f"{ROW} did not finish" in stopped
    project.run("scoretable", "reproduce", "1", *SCALE)
    assert f"{ROW}: already done" in project.run("scoretable", "reproduce", "1", *SCALE)

    shown = json.loads(project.run("dvc", "exp", "show", "--json"))
    assert [row["name"] for row in shown[1]["experiments"]] == [ROW]
    table = project.run("scoretable", "table")
    assert re.search(rf"^1 +{ROW} +SmallCNN +32 +1 +32 ", table, re.MULTILINE)

    project.run("snakemake", "--cores", "1", "score_table")
    assert ROW in project.path("data/score_table.md").read_text()
    assert "scaled: images x 0.005, epochs x 0.1, size x 0.1" in project.path("data/score_table.html").read_text()

    project.run("dvc", "exp", "apply", ROW)
    assert project.planned() == set()
    assert "the workspace is this row" in project.run("scoretable", "explain", ROW)
    assert json.loads(project.path("models/training.json").read_text())["sessions"] == 2
    assert "come out identical" in project.run("scoretable", "verify", ROW)
