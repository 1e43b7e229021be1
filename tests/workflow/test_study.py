"""A study runs as DVC experiments, is interrupted and gone on with, and confirms its winner at a fresh seed."""

import os
import re
import signal
import time

import pytest
from disturbances import POLL
from projects import Project

# At this rate the base is worse by far than a setting with another one, on any machine.
STUDY = (
    "scoretable", "study", "--factor", "learning_rate=10.0,0.001", "--factor", "tta=none,flip", "--seeds", "1",
    "--confirm", "1", "-S", "competition=sandbox-log-loss", "-S", "learning_rate=10.0", "-S", "epochs=1",
)  # fmt: skip
REF = re.compile(r"refs/exps/\S+/(study-\S+)")


def rows(project: Project) -> dict[str, str]:
    """The commit of each row of a study, by its name."""
    listed = project.run("git", "for-each-ref", "--format=%(objectname) %(refname)", "refs/exps").splitlines()
    return {found[1]: line.split()[0] for line in listed if (found := REF.search(line))}


@pytest.mark.turns(6, seconds=110)
def test_a_study_that_was_interrupted_goes_on_and_confirms_its_winner_at_a_fresh_seed(project: Project) -> None:
    printed = project.path("printed.txt")
    with printed.open("wb") as file:
        running = project.start(*STUDY, stdout=file)
        while running.poll() is None and "1 of at most" not in printed.read_text():
            time.sleep(POLL)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait() == 130, printed.read_text()
    assert re.search(r"^scoretable: interrupted: 1 of at most 6 runs .* same command again", printed.read_text(), re.M)
    first = rows(project)
    assert "Nothing is confirmed: 1 of at most 6 runs are done." in project.run("scoretable", "study", "--show")
    assert "The limit of 0 h is reached" in project.run(*STUDY, "--hours", "0")
    assert rows(project) == first

    report = project.run(*STUDY)
    assert first.items() <= rows(project).items()
    # One pair has no interval, so it confirms nothing yet.
    assert re.search(r"^\*\*Not confirmed at 1 fresh seed: learning_rate=0.001\b.* against the base", report, re.M)
    assert sorted(name.rsplit("-", 1)[1] for name in rows(project) if "fresh" in name) == ["fresh0", "fresh0"]
    assert project.run("scoretable", "study", "--show").strip() in report
    assert project.path(f"data/{next(iter(first)).split('-base')[0]}.svg").is_file()
