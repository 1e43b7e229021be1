"""The queue is drawn for a terminal's width, and printed whole where no terminal reads it."""

import re
import sys
from pathlib import Path

import pytest
from scoretable.cli import main as cli
from scoretable.cli.slurm_queue import FIELDS, Job


@pytest.fixture
def one_job(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    monkeypatch.setenv("COLUMNS", "80")
    job = Job(dict.fromkeys(FIELDS, "") | {"job": "7", "step": "rule_train", "state": "PENDING"}, repository)
    monkeypatch.setattr("scoretable.cli.slurm_queue.read_queue", lambda root: [job])


@pytest.mark.usefixtures("one_job")
def test_in_a_terminal_no_line_of_the_queue_is_wider_than_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["queue"]) == 0
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 80
    assert {"train", "PENDING", "EfficientNetLite0,"} <= set(" ".join(lines).split())


@pytest.mark.usefixtures("one_job")
def test_a_pipe_gets_a_line_a_job(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["queue"]) == 0
    assert "sandbox, EfficientNetLite0, 128 px, seed 0" in capsys.readouterr().out.splitlines()[-1]
